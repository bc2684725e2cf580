"""The version of this package; its first number is that of the library it needs."""

VERSION = "1.0.0"
