"""`fil.h` for ctypes: the structures and functions of libfil.so.1, as they are there."""

from __future__ import annotations

import ctypes
import functools
import os
from ctypes import POINTER, Structure, c_char_p, c_double, c_int, c_int64, c_size_t, c_void_p
from typing import Any

NONE = -1

# The library, with the functions that `load` declares.
Library = Any


class CStatus(Structure):
    _fields_ = [
        ("origin", c_char_p),
        ("key", c_char_p),
        ("sections", c_char_p),
        ("source", c_char_p),
        ("version", c_int64),
        ("signed_at", c_int64),
        ("articles", c_int64),
        ("bodies", c_int64),
        ("missing_bodies", c_int64),
        ("open_wishes", c_int64),
        ("oldest", c_int64),
        ("spooled", c_int64),
        ("spool_total", c_int64),
        ("bytes_received", c_int64),
        ("bytes_sent", c_int64),
        ("synced", c_int64),
        ("pending_erasures", c_int64),
        ("forks", c_int64),
        ("complete", c_int),
    ]


class CArticle(Structure):
    _fields_ = [
        ("number", c_int64),
        ("published", c_int64),
        ("updated", c_int64),
        ("retracted", c_int64),
        ("reason", c_char_p),
        ("title", c_char_p),
        ("summary", c_char_p),
        ("section", c_char_p),
        ("author", c_char_p),
        ("language", c_char_p),
        ("note", c_char_p),
        ("tags", POINTER(c_char_p)),
        ("tag_count", c_size_t),
        ("urgent", c_int),
        ("une", c_int),
        ("readable", c_int),
        ("length", c_int64),
        ("body_state", c_int),
        ("body", c_void_p),
        ("body_size", c_size_t),
        ("snippet", c_char_p),
    ]


class CFilter(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("section", c_char_p),
        ("tag", c_char_p),
        ("une", c_int),
        ("hide_retracted", c_int),
        ("limit", c_int64),
        ("offset", c_int64),
    ]


class CSection(Structure):
    _fields_ = [("slug", c_char_p), ("title", c_char_p), ("parent", c_char_p)]


class CMasthead(Structure):
    _fields_ = [
        ("name", c_char_p),
        ("about", c_char_p),
        ("contact", c_char_p),
        ("language", c_char_p),
        ("sections", POINTER(POINTER(CSection))),
        ("section_count", c_size_t),
    ]


class CProgress(Structure):
    _fields_ = [
        ("done", c_int64),
        ("total", c_int64),
        ("headlines", c_int64),
        ("bodies", c_int64),
        ("rate", c_double),
    ]


PROGRESS_FUNCTION = ctypes.CFUNCTYPE(c_int, c_void_p, POINTER(CProgress))
ATTEMPT_FUNCTION = ctypes.CFUNCTYPE(None, c_void_p, c_char_p, c_char_p)


class CSyncOptions(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("sections", c_char_p),
        ("days", c_int64),
        ("budget", c_int64),
        ("headlines_only", c_int),
        ("on_progress", PROGRESS_FUNCTION),
        ("on_attempt", ATTEMPT_FUNCTION),
        ("context", c_void_p),
        ("cancellation", c_void_p),
        ("first", c_char_p),
    ]


class CReport(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("from", c_int64),
        ("to", c_int64),
        ("requests", c_int64),
        ("bytes_received", c_int64),
        ("bytes_sent", c_int64),
        ("headlines", c_int64),
        ("bodies", c_int64),
        ("missing_bodies", c_int64),
        ("open_wishes", c_int64),
        ("seconds", c_double),
        ("signed_at", c_int64),
        ("complete", c_int),
    ]


class CCost(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("bytes", c_int64),
        ("headlines", c_int64),
        ("bodies", c_int64),
        ("seconds", c_double),
        ("bytes_spent", c_int64),
    ]


class CSpending(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("day", c_int64),
        ("month", c_int64),
        ("today", c_int64),
        ("this_month", c_int64),
        ("left", c_int64),
    ]


class CBundle(Structure):
    _fields_ = [
        ("size", c_size_t),
        ("version", c_int64),
        ("volumes", c_int64),
        ("bodies", c_int64),
        ("missing_bodies", c_int64),
        ("bytes", c_int64),
    ]


class CVerification(Structure):
    _fields_ = [
        ("version", c_int64),
        ("records", c_int64),
        ("bodies", c_int64),
        ("damage", POINTER(c_char_p)),
        ("damage_count", c_size_t),
    ]


_OUT = POINTER(c_void_p)
_SOURCES = POINTER(c_char_p)

# name: (result, arguments)
FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "fil_error_code": (c_char_p, []),
    "fil_error_message": (c_char_p, []),
    "fil_version": (c_char_p, []),
    "fil_open": (c_int, [c_char_p, c_char_p, _OUT]),
    "fil_close": (None, [c_void_p]),
    "fil_get_status": (c_int, [c_void_p, POINTER(POINTER(CStatus))]),
    "fil_status_free": (None, [POINTER(CStatus)]),
    "fil_list": (c_int, [c_void_p, POINTER(CFilter), _OUT]),
    "fil_search": (c_int, [c_void_p, c_char_p, c_int64, c_int64, _OUT]),
    "fil_articles_next": (POINTER(CArticle), [c_void_p]),
    "fil_articles_count": (c_size_t, [c_void_p]),
    "fil_articles_free": (None, [c_void_p]),
    "fil_get": (c_int, [c_void_p, c_int64, POINTER(POINTER(CArticle))]),
    "fil_article_free": (None, [POINTER(CArticle)]),
    "fil_get_masthead": (c_int, [c_void_p, POINTER(POINTER(CMasthead))]),
    "fil_masthead_free": (None, [POINTER(CMasthead)]),
    "fil_cancellation_new": (c_void_p, []),
    "fil_cancel": (None, [c_void_p]),
    "fil_cancellation_free": (None, [c_void_p]),
    "fil_sync": (
        c_int,
        [c_void_p, _SOURCES, c_size_t, POINTER(CSyncOptions), POINTER(CReport)],
    ),
    "fil_get_cost": (c_int, [c_void_p, _SOURCES, c_size_t, c_void_p, POINTER(CCost)]),
    "fil_get_cost_of": (
        c_int,
        [c_void_p, c_char_p, _SOURCES, c_size_t, c_void_p, POINTER(CCost)],
    ),
    "fil_get_spending": (c_int, [c_void_p, POINTER(CSpending)]),
    "fil_set_budget": (c_int, [c_void_p, c_int64, c_int64]),
    "fil_want": (c_int, [c_void_p, c_int64, POINTER(c_int)]),
    "fil_export": (c_int, [c_void_p, c_char_p, c_int64, POINTER(CBundle)]),
    "fil_import": (c_int, [c_void_p, c_char_p, c_void_p, POINTER(CReport)]),
    "fil_observe": (c_int, [c_void_p, _OUT]),
    "fil_observation_descriptor": (c_int, [c_void_p]),
    "fil_observation_take": (c_int, [c_void_p]),
    "fil_observation_free": (None, [c_void_p]),
    "fil_verify": (c_int, [c_void_p, c_int, POINTER(POINTER(CVerification))]),
    "fil_verification_free": (None, [POINTER(CVerification)]),
}


@functools.lru_cache(maxsize=None)
def load() -> Library:
    """The library, loaded once.

    Raises ImportError when it is not there, or of another ABI than 1.
    """
    name = os.environ.get("FIL_LIBRARY", "libfil.so.1")
    try:
        library = ctypes.CDLL(name)
        for function, (result, arguments) in FUNCTIONS.items():
            declared = getattr(library, function)
            declared.restype = result
            declared.argtypes = arguments
    except (OSError, AttributeError) as error:
        raise ImportError(
            f"the C library of le Fil is not here ({error}); install libfil1, or name its file in FIL_LIBRARY"
        ) from error
    version = library.fil_version().decode()
    if version.split(".")[0] != "1":
        raise ImportError(f"{name} is version {version}; this package needs 1")
    return library
