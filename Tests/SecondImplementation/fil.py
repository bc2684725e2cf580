#!/usr/bin/env python3
"""fil.py: a second client of the fil protocol, version 1, written from the pages in Protocol/ alone.

    fil.py sync URL VKEY [--state FILE.json|DIR] [--sections a,b | --headlines] [--days N] [--c2] [--titles]

Standard library and PyNaCl. Tags such as [OBJ-4] name the rule that the code below them obeys.
"""
from __future__ import annotations

import argparse
import base64
import functools
import hashlib
import http.client
import json
import os
import re
import struct
import sys
import urllib.parse
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Callable, Generator, Iterable, Iterator, NoReturn

import codec2
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

LIMIT = {  # limits.md
    "recordBytes": 65_536, "depth": 8, "titleBytes": 1_024, "proseBytes": 8_192, "aboutBytes": 32_768, "tags": 32,
    "tagBytes": 128, "slugBytes": 64, "sections": 512, "keys": 16, "bodyBytes": 1_048_576, "numbers": 8_388_608,
    "versions": 1 << 40, "noteBytes": 16_384, "signatures": 16, "preambleBytes": 1_179_648, "ranges": 1_024,
    "contextNumbers": 8_192, "contextBytes": 32_768, "textContextBytes": 1_048_576, "blockSplit": 64, "unitPlainBytes": 4_194_304,
    "unitBytes": 4_259_840, "groupBodies": 256, "indexPlainBytes": 1_048_576, "selectionBytes": 4_096,
    "partBytes": 1 << 40}
VOLUME, BLOCK = 256, 32
Ranges = list[tuple[int, int]]


class Refused(Exception):
    """Nothing of the input is used; `code` is the name of the rule's error, `why` says which and where."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(f"{code}: {why}")
        self.code, self.why = code, why


class Offline(Exception):
    """No answer of a fil source: a broken connection, a captive portal, a busy server ([HTTP-7], [HTTP-8])."""


def refuse(code: str, why: str) -> NoReturn:
    raise Refused(code, why)


def need(fact: bool, code: str, why: str) -> None:
    if not fact:
        refuse(code, why)


def within(value: int, limit: str) -> int:
    need(value <= LIMIT[limit], "overLimit", f"{value} is above {limit}")
    return value


def unsigned(item: Any) -> int:
    need(type(item) is int and item >= 0, "invalidValue", "an unsigned integer is asked for")
    return item


def H(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


# --- records.md: CBOR and records -------------------------------------------------------------------------------------

def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """LEB128, shortest form only, below 2^32 (README, Conventions)."""
    value = 0
    for place in range(5):
        need(at + place < len(data), "truncated", "varint")
        byte = data[at + place]
        value |= (byte & 127) << 7 * place
        if byte < 128:
            need(byte > 0 or place == 0, "notCanonical", "varint is not in its shortest form")
            need(value < 1 << 32, "overLimit", "varint is 2^32 or more")
            return value, at + place + 1
    refuse("overLimit", "varint is longer than five bytes")


def read_cbor(data: bytes, at: int = 0, level: int = 1) -> tuple[Any, int]:
    """One item of the subset [CBOR-1…5] and the place after it."""
    need(at < len(data), "truncated", "CBOR")
    first, at = data[at], at + 1
    major, info = first >> 5, first & 31
    if major == 7 and info in (20, 21, 22):
        return (False, True, None)[info - 20], at
    need(major < 5, "invalidValue", "[CBOR-1] a map, a tag, a float or another simple value")
    if info >= 24:
        need(info != 31, "notCanonical", "[CBOR-2] indefinite length")
        need(info < 28, "invalidValue", "[CBOR-2] reserved head")
        width = 1 << info - 24
        need(at + width <= len(data), "truncated", "CBOR head")
        value, at = int.from_bytes(data[at:at + width], "big"), at + width
        need(value >= (24, 1 << 8, 1 << 16, 1 << 32)[info - 24], "notCanonical", "[CBOR-2] not the shortest head")
    else:
        value = info
    if major < 2:
        return (value, -1 - value)[major], at
    if major < 4:
        need(value <= len(data) - at, "truncated", "[CBOR-5] string")
        piece, at = data[at:at + value], at + value
        if major == 2:
            return piece, at
        try:
            return piece.decode("utf-8"), at  # [CBOR-3]: Python's decoder refuses surrogates and overlong forms
        except UnicodeDecodeError:
            refuse("invalidValue", "[CBOR-3] not UTF-8")
    need(level <= LIMIT["depth"], "overLimit", "[CBOR-4] depth")
    need(value <= len(data) - at, "truncated", "[CBOR-5] array")
    items = []
    for _ in range(value):
        item, at = read_cbor(data, at, level + 1)
        items.append(item)
    return items, at


def read_whole_cbor(data: bytes) -> Any:
    value, end = read_cbor(data)
    need(end == len(data), "trailingBytes", "after a CBOR item")
    return value


@dataclass(frozen=True)
class Record:
    """What is true of one number; `raw` is kept verbatim, `fields` is empty where the record is unreadable [REC-2]."""
    raw: bytes
    kind: int
    number: int
    version: int
    readable: bool
    fields: dict[str, Any] = field(compare=False)

    def headline(self) -> bool:
        return self.kind == 1 and self.readable


SLUG = re.compile(r"(?!(?:all|none)\Z)[a-z0-9-]+\Z")
TEXT = {"line": re.compile("[^\0-\x1f\x7f-\x9f]*\\Z"), "prose": re.compile("[^\0-\x09\x0b-\x1f\x7f-\x9f]*\\Z"), "slug": SLUG}  # [REC-4]
TABLES: dict[int, str] = {  # kind: its elements from 3 on, as name:type:limit; "+" is "not empty", "?" is "or null"
    1: "published:integer updated:integer? title:line+:titleBytes summary:prose:proseBytes section:slug:slugBytes tags:tags:tags "
       "author:line:titleBytes language:line:tagBytes flags:integer note:prose:proseBytes body:hash length:integer:bodyBytes erased:integer",
    2: "published:integer time:integer reason:prose+:proseBytes erased:integer",
    3: "name:line+:titleBytes about:prose:aboutBytes contact:line:titleBytes language:line:tagBytes sections:sections:sections keys:keys:keys"}


def over_limit(item: Any, kind: str, limit: str = "") -> bool:
    """Refuses an element that differs from its table [REC-3]; True if it is only above a limit that may be raised [REC-2]."""
    base, size, over = kind.rstrip("+?"), 0, False
    if item is None and kind[-1] == "?":
        return False
    if base == "integer":
        size = unsigned(item)
    elif base == "hash":
        need(isinstance(item, bytes) and len(item) == 16, "invalidValue", "[REC-3] hash")
    elif base in TEXT:
        need(isinstance(item, str) and bool(TEXT[base].match(item)) and (item != "" or kind[-1] != "+"), "invalidValue", f"[REC-4] {kind}")
        size = len(item.encode())
    else:
        need(isinstance(item, list), "invalidValue", "[REC-3] an array is asked for")
        size, slugs = len(item), [""]
        for inner in item:
            if base == "sections":
                need(isinstance(inner, list) and len(inner) == 3, "invalidValue", "[REC-3] section")
                over |= over_limit(inner[0], "slug", "slugBytes") | over_limit(inner[1], "line", "tagBytes")
                need(inner[0] not in slugs and inner[2] in slugs, "invalidValue", "[REC-3] slug or parent")
                slugs.append(inner[0])
            else:
                over |= over_limit(inner, "line+", "tagBytes") if base == "tags" else over_limit(inner, "line")
    return over or bool(limit) and size > LIMIT[limit]


def make_record(raw: bytes, items: Any) -> Record:
    within(len(raw), "recordBytes")
    need(isinstance(items, list) and len(items) >= 3, "invalidValue", "[REC-1] a record is an array of three or more")
    need(all(type(i) is int and i >= 0 for i in items[:3]) and items[2] >= 1, "invalidValue", "[REC-1] first elements")
    kind, number, version = items[:3]
    if kind not in TABLES:
        return Record(raw, kind, number, version, False, {})
    table = [entry.split(":") for entry in TABLES[kind].split()]
    need(len(items) >= 3 + len(table) and (number == 0) == (kind == 3), "invalidValue", "[REC-3] elements or number")
    readable = not any([over_limit(item, *about[1:]) for item, about in zip(items[3:], table)])
    fields = {about[0]: item for item, about in zip(items[3:], table)}
    need(fields.get("erased", 0) <= version, "invalidValue", "[REC-3] erased is above the version")
    return Record(raw, kind, number, version, readable, fields if readable else {})


@functools.lru_cache(1 << 16)
def read_record(raw: bytes) -> Record:
    within(len(raw), "recordBytes")
    return make_record(raw, read_whole_cbor(raw))


def read_records(plain: bytes) -> Iterator[Record]:
    """The records of a unit, one after another [OBJ-10]."""
    at = 0
    while at < len(plain):
        items, end = read_cbor(plain, at)
        yield make_record(plain[at:end], items)
        at = end


# --- state.md: Merkle trees -------------------------------------------------------------------------------------------

def leaf(raw: bytes) -> bytes:
    return H(b"\0" + raw)


def fold(hashes: list[bytes]) -> bytes:
    """The root over leaves that are hashed already [STA-3]."""
    if len(hashes) < 2:
        return hashes[0] if hashes else H(b"")
    k = 1 << (len(hashes) - 1).bit_length() - 1
    return H(b"\1" + fold(hashes[:k]) + fold(hashes[k:]))


def climb(raw: bytes, path: list[bytes]) -> bytes:
    """From record 0 up its path to the digest of volume 0 [STA-5]."""
    return functools.reduce(lambda so_far, h: H(b"\1" + so_far + h), path, leaf(raw))


def volumes_in(size: int) -> int:
    return -(-size // VOLUME)


# --- checkpoint.md ----------------------------------------------------------------------------------------------------

def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def unb64(text: str, length: int | None = None) -> bytes:
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        refuse("invalidValue", "base64")
    need(b64(data) == text, "notCanonical", "base64")
    need(length in (None, len(data)), "invalidValue", "base64 of another length")
    return data


def decimal(text: str, limit: int) -> int:
    need(bool(re.fullmatch("[0-9]+", text)), "invalidValue", "a decimal number is asked for")
    need(text == "0" or text[0] != "0", "notCanonical", "leading zero")
    need(len(text) <= 20 and int(text) <= limit, "overLimit", "number")
    return int(text)


@dataclass(frozen=True)
class Key:
    name: str
    id: bytes
    key: bytes

    @staticmethod
    def make(name: str, key: bytes) -> Key:
        return Key(name, H(name.encode() + b"\n\x01" + key)[:4], key)  # [CHK-2]

    @staticmethod
    def read(vkey: str) -> Key:
        """[CHK-3]"""
        parts = vkey.split("+", 2)
        need(len(parts) == 3 and parts[0] != "" and not re.search(r"\s", parts[0]), "invalidValue", "[CHK-3] vkey")
        raw = unb64(parts[2], 33)
        key = Key.make(parts[0], raw[1:])
        need(raw[0] == 1 and parts[1] == key.id.hex(), "invalidValue", "[CHK-3] algorithm or key id")
        return key

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+" + b64(b"\1" + self.key)


@dataclass(frozen=True)
class Checkpoint:
    origin: str
    version: int
    log_root: bytes
    size: int
    state_root: bytes
    time: int
    signatures: tuple[tuple[str, bytes], ...]  # key name, key id ‖ signature

    def lines(self) -> list[str]:
        return [self.origin, str(self.version), b64(self.log_root), f"state {self.size} {b64(self.state_root)}", f"time {self.time}"]

    def signed(self, lines: int = 5) -> bytes:
        return "".join(line + "\n" for line in self.lines()[:lines]).encode()

    def note(self) -> bytes:
        return self.signed() + "".join(["\n"] + [f"— {name} {b64(sig)}\n" for name, sig in self.signatures]).encode()

    def tag(self) -> str:
        """The tag of "nothing new" [HTTP-6]."""
        return etag(self.signed(4))

    def roots(self) -> tuple[bytes, int, bytes]:
        return self.log_root, self.size, self.state_root

    def check(self) -> Checkpoint:
        within(self.version, "versions")
        within(self.size, "numbers")
        need(1 <= self.version and self.size <= self.version, "invalidValue", "[CHK-6] size or version")
        return self

    @staticmethod
    def read_note(data: bytes) -> Checkpoint:
        """[CHK-1]"""
        within(len(data), "noteBytes")
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            refuse("invalidValue", "[CHK-1] not UTF-8")
        lines = text.split("\n")
        need(lines.pop() == "" and len(lines) >= 7, "truncated", "[CHK-1] note")
        state, time = re.fullmatch(r"state ([0-9]+) (\S+)", lines[3]), re.fullmatch(r"time ([0-9]+)", lines[4])
        if not state or not time or lines[5] != "" or lines[0] == "":
            refuse("invalidValue", "[CHK-1] lines 1 to 6")
        signatures = []
        for line in lines[6:]:
            match = re.fullmatch(r"— (\S+) (\S+)", line)
            if not match:
                refuse("invalidValue", "[CHK-1] signature line")
            signatures.append((match[1], unb64(match[2])))
        return Checkpoint(lines[0], decimal(lines[1], LIMIT["versions"]), unb64(lines[2], 32), decimal(state[1], LIMIT["numbers"]),
                          unb64(state[2], 32), decimal(time[1], (1 << 64) - 1), tuple(signatures)).check()

    @staticmethod
    def read_compact(item: Any, origin: str) -> Checkpoint:
        match item:
            case [int(version), bytes(log), int(size), bytes(state), int(time), list(signatures)]:
                fine = len(log) == len(state) == 32 and min(version, size, time) >= 0 and bool not in map(type, item)
                need(fine and bool(signatures), "invalidValue", "compact checkpoint")
                within(len(signatures), "signatures")
                need(all(isinstance(s, bytes) and len(s) == 68 for s in signatures), "invalidValue", "compact signature")
                return Checkpoint(origin, version, log, size, state, time, tuple((origin, s) for s in signatures)).check()
        refuse("invalidValue", "compact checkpoint")

    def verify(self, keys: dict[bytes, Key], origin: str) -> None:
        """[CHK-4]"""
        need(self.origin == origin, "wrongOrigin", f"[CHK-4] {self.origin}")
        good = 0
        for name, signature in self.signatures:
            key = keys.get(signature[:4]) if name == origin else None
            if key is not None:
                try:
                    VerifyKey(key.key).verify(self.signed(), signature[4:])
                    good += 1
                except (BadSignatureError, ValueError):
                    refuse("badSignature", f"[CHK-4] key {signature[:4].hex()}")
        need(good > 0, "unsigned", "[CHK-4] no signature of a known key")

    def follows(self, held: Checkpoint | None) -> None:
        """[CHK-7], [CHK-8]; and a state never shrinks, since numbers are dense and never reused."""
        if held is not None:
            need(self.version >= held.version, "behind", f"[CHK-7] {self.version} is older than {held.version}")
            need(self.version > held.version or self.roots() == held.roots(), "forked", f"[CHK-8] version {self.version}")
            need(self.size >= held.size, "invalidValue", "the state shrank")


def etag(data: bytes) -> str:
    return '"' + base64.urlsafe_b64encode(H(data)[:16]).decode().rstrip("=") + '"'


# --- http.md: names of things -----------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Selection:
    """[HTTP-2]; `sections` is None for `all`."""
    text: str
    sections: frozenset[str] | None
    bare: bool = False
    bodies: bool = False
    c2: bool = False

    @staticmethod
    def read(text: str) -> Selection:
        within(len(text.encode()), "selectionBytes")
        base, *suffixes = text.split(".")
        need(suffixes in ([], ["bare"], ["bodies"], ["c2"], ["bare", "c2"], ["bodies", "c2"]), "invalidValue", "[HTTP-2] suffix")
        *levels, base = base.split("+")
        slugs = [] if base in ("all", "none") else base.split(",")
        groups = [level.split(",") for level in levels]
        first = [slug for group in groups for slug in group]
        need(all(SLUG.match(s) and len(s) <= LIMIT["slugBytes"] for s in slugs + first), "invalidValue", "slug")
        need(all(g == sorted(set(g)) for g in [slugs, *groups]), "notCanonical", "[HTTP-2] sections are sorted and unique")
        need(len(first) == len(set(first)) and not set(first) & {"all", "none"}, "notCanonical", "[HTTP-2] levels")
        need(not first or base == "all" or set(first) <= set(slugs), "notCanonical", "[HTTP-2] a level of what is not wanted")
        return Selection(text, None if base == "all" else frozenset(slugs), *(s in suffixes for s in ("bare", "bodies", "c2")))

    def names(self, record: Record | None) -> bool:
        """Whether the record is a readable headline of the selection."""
        return record is not None and record.headline() and (self.sections is None or record.fields["section"] in self.sections)


# --- codec-1.md -------------------------------------------------------------------------------------------------------

def inflate(unit: bytes, size: int, context: bytes = b"") -> bytes:
    """[COD-1…3]: exactly `size` bytes, and no more than one byte above that is ever made."""
    inflater = zlib.decompressobj(-15, zdict=context[-LIMIT["contextBytes"]:])
    try:
        plain = inflater.decompress(unit, size + 1)
    except zlib.error as error:
        refuse("invalidValue", f"[COD-1] {error}")
    need(len(plain) <= size, "overLimit", "[COD-3] more than the plain size")
    need(inflater.eof, "truncated", "[COD-1] no final block")
    need(not inflater.unused_data, "trailingBytes", "[COD-1] after the final block")
    need(len(plain) == size, "truncated", "[COD-3] less than the plain size")
    return plain


class Units:
    """The units of one object, one after another: [COD-2] for codec 1, [COD-5] to [COD-7] for codec 2."""

    def __init__(self, c2: bool) -> None:
        self.model = codec2.Model() if c2 else None
        self.window = LIMIT["textContextBytes" if c2 else "contextBytes"]
        self.tail = b""

    def learn(self, text: bytes) -> None:
        if self.model:
            self.model.prime(text)
        else:
            self.tail = (self.tail + text)[-self.window:]

    def restart(self) -> None:
        self.tail = b""

    def read(self, unit: bytes, size: int) -> bytes:
        if not self.model:
            plain = inflate(unit, size, self.tail)
            self.learn(plain)
            return plain
        try:
            return self.model.decompress(unit, size)
        except codec2.Refused as error:
            refuse(str(error), "codec-2.md, section 6")

    def context(self, pieces: Iterable[bytes]) -> None:
        """Learns the pieces, given from the last backwards, as far as they count."""
        taken, length = [], 0
        for piece in pieces:
            if length >= self.window:
                break
            taken.append(piece)
            length += len(piece)
        for piece in reversed(taken):
            self.learn(piece)


# --- objects.md: preambles --------------------------------------------------------------------------------------------

TOTALS = ("records", "headlineBytes", "headlinePlain", "bodies", "bodyBytes", "bodyPlain")


@dataclass(frozen=True)
class Preamble:
    kind: str
    totals: dict[str, int]
    checkpoint: Checkpoint | None = None
    since: int = 0
    selection: Selection | None = None
    floor: int = 0
    volumes: tuple[int, ...] = ()
    digests: tuple[bytes, ...] = ()
    path: tuple[bytes, ...] = ()
    context: tuple[int, ...] = ()
    size: int = 0

    @staticmethod
    def read(raw: bytes, origin: str) -> Preamble:
        """[OBJ-1]: exactly the elements that are listed."""
        within(len(raw), "preambleBytes")
        items = read_whole_cbor(raw)
        need(isinstance(items, list) and bool(items), "invalidValue", "[OBJ-1] preamble")
        count = {1: 11, 2: 3, 3: 6, 4: 6}.get(items[0] if type(items[0]) is int else 0)
        need(len(items) == count, "invalidValue", "[OBJ-1] kind of object or number of elements")
        if items[0] < 3:
            checkpoint = Checkpoint.read_compact(items[1], origin)
            last = volumes_in(checkpoint.size) - 1
        match items:
            case [2, _, digests]:
                return Preamble("state", dict.fromkeys(TOTALS, 0), checkpoint, volumes=tuple(range(last + 1)), digests=hashes(digests, last + 1))
            case [1, _, since, selection, floor, codec, volumes, digests, path, context, totals]:
                since, floor, totals = unsigned(since), unsigned(floor), read_totals(totals)
                selection = read_selection(selection, codec)
                spans = read_ranges(volumes, last + 1)
                numbers = tuple(n for first, count in spans for n in range(first, first + count))
                need(since <= checkpoint.version and floor <= max(last, 0), "invalidValue", "[OBJ-6] from or floor")
                need(since > 0 or len(numbers) == last + 1, "invalidValue", "[OBJ-3] a first sync has every volume")
                steps = (min(VOLUME, checkpoint.size) - 1).bit_length() if floor > 0 and 0 in numbers else 0
                context = read_ranges(context, LIMIT["numbers"])
                within(len(context), "ranges")
                within(sum(count for _, count in context), "contextNumbers")
                if since == checkpoint.version:
                    need(not numbers and not any(totals.values()), "invalidValue", "[OBJ-6] V = N has no volumes, no parts")
                need(not selection.bodies or totals["headlineBytes"] == 0, "invalidValue", ".bodies has no headlines")
                return Preamble("delta", totals, checkpoint, since, selection, floor, numbers, hashes(digests, len(numbers)),
                                hashes(path, steps), tuple(n for first, count in context for n in range(first, first + count)))
            case [3, volume, digest, size, codec, totals]:
                read_codec(codec, False)
                totals, size = read_totals(totals), unsigned(size)
                need(1 <= size <= VOLUME and totals["bodyBytes"] == 0, "invalidValue", "volume")
                return Preamble("volume", totals, volumes=(unsigned(volume),), digests=hashes(digest, 1), size=size)
            case [4, volume, digest, selection, codec, totals]:
                totals, selection = read_totals(totals), read_selection(selection, codec)
                need(not selection.bare and not selection.bodies and totals["headlineBytes"] == 0, "invalidValue", "bodies of a volume")
                return Preamble("bodies", totals, selection=selection, volumes=(unsigned(volume),), digests=hashes(digest, 1))
        refuse("invalidValue", "[OBJ-1] preamble")


def hashes(item: Any, count: int) -> tuple[bytes, ...]:
    need(isinstance(item, bytes) and len(item) == 32 * count, "invalidValue", f"[OBJ-3] {count} digests are asked for")
    return tuple(item[i:i + 32] for i in range(0, len(item), 32))


def read_codec(codec: Any, c2: bool) -> None:
    need(unsigned(codec) in (1, 2), "unsupportedCodec", f"[OBJ-1] codec {codec}")
    need(codec == (2 if c2 else 1), "invalidValue", "[OBJ-7] codec and selection differ")


def read_selection(item: Any, codec: Any) -> Selection:
    need(isinstance(item, str), "invalidValue", "selection")
    selection = Selection.read(item)
    read_codec(codec, selection.c2)
    return selection


def read_totals(item: Any) -> dict[str, int]:
    need(isinstance(item, list) and len(item) == 6, "invalidValue", "totals")
    for value, limit in zip(item, ("numbers", "partBytes", "partBytes") * 2):
        within(unsigned(value), limit)
    return dict(zip(TOTALS, item))


def read_ranges(item: Any, end: int) -> Ranges:
    """Ascending, not touching, each count ≥ 1, all below `end`."""
    need(isinstance(item, list), "invalidValue", "ranges")
    before, found = -1, []
    for entry in item:
        need(isinstance(entry, list) and len(entry) == 2, "invalidValue", "range")
        first, count = unsigned(entry[0]), unsigned(entry[1])
        need(count >= 1 and first + count <= end, "invalidValue", "range is empty or too high")
        need(first > before, "notCanonical", "ranges touch or descend")
        before = first + count
        found.append((first, count))
    return found


def read_index(data: bytes, previous: int) -> list[tuple[int, int, list[int]]]:
    """The inflated index of a group: for each body its number, the size of its unit, the numbers of its context."""
    total, at = read_varint(data, 0)
    need(total > 0, "invalidValue", "an empty group")
    within(total, "groupBodies")
    found = []
    for _ in range(total):
        step, at = read_varint(data, at)
        previous -= step >> 1 if step % 2 == 0 else -(step + 1 >> 1)
        need(0 <= previous < LIMIT["numbers"], "invalidValue", "[OBJ-12] number")
        size, at = read_varint(data, at)
        ranges, at = read_varint(data, at)
        within(size, "unitBytes")
        within(ranges, "ranges")
        end, numbers = 0, []
        for place in range(ranges):
            gap, at = read_varint(data, at)
            need(place == 0 or gap >> 1 > 0, "notCanonical", "ranges of a context touch")
            count = 1
            if gap % 2:
                count, at = read_varint(data, at)
                count += 2
            within(len(numbers) + count, "contextNumbers")
            numbers += range(end + (gap >> 1), end + (gap >> 1) + count)
            end = numbers[-1] + 1
        need(end <= LIMIT["numbers"], "invalidValue", "context is too high")
        found.append((previous, size, numbers))
    need(at == len(data), "trailingBytes", "index")
    return found


# --- objects.md: the parts --------------------------------------------------------------------------------------------

@dataclass
class Plan:
    """What a replica expects of an object whose preamble it accepted [REP-2]."""
    totals: dict[str, int]
    since: int                                  # V
    until: int                                  # N
    size: int                                   # of the state at N; where the volume ends, for a volume object
    floor: int
    digests: dict[int, bytes]                   # of the volumes that may have an entry
    old: dict[int, Record]                      # as of V
    now: dict[int, Record]                      # at N: grows with every unit that is verified
    path: tuple[bytes, ...] | None = None       # of number 0, where volume 0 is below the floor and changed
    context: tuple[int, ...] = ()
    selection: Selection | None = None          # of the bodies
    old_bodies: dict[bytes, bytes] = field(default_factory=dict)
    start: int = 0                              # what the first step of the index is taken from
    scope: range = range(0)                     # numbers whose bodies may come
    entries: bool = True                        # False where no headlines are due
    bodies: dict[int, bytes] = field(default_factory=dict)  # verified bodies, by number

    def due(self) -> set[int]:
        """The numbers whose bodies belong into the bodies part."""
        names = self.selection.names if self.selection else lambda record: False
        found = set()
        for number in self.scope:
            new, before = self.now.get(number), self.old.get(number)
            if names(new) and new.fields["length"] > 0:
                if not (names(before) and before.fields["body"] == new.fields["body"]):
                    found.add(number)
        return found

    def body_context(self, number: int) -> bytes | None:
        """What number `number` gives to the context of a body (objects.md, Context of a body, 1 to 3)."""
        if number in self.bodies:
            return self.bodies[number]
        old, new = self.old.get(number), self.now.get(number)
        if self.selection and not self.selection.bare and number >= self.floor * VOLUME and self.selection.names(old):
            if new is not None and new.headline() and new.fields["erased"] <= old.version:
                need(not old.fields["length"] or old.fields["body"] in self.old_bodies, "wrongDigest", f"body of {number} is not held: ask .bare")
                return self.old_bodies.get(old.fields["body"])
        return None


Steps = Generator[None, None, Any]


class ObjectReader:
    """Reads an object as it arrives: `feed` returns True once it is complete and verified.

    `open` turns the preamble into a plan, or refuses it. Each unit is verified before it is used [OBJ-11], [OBJ-13].
    """

    def __init__(self, origin: str, open: Callable[[Preamble], Plan]) -> None:
        self.origin, self.open = origin, open
        self.data, self.at, self.end = bytearray(), 0, 8
        self.preamble: Preamble | None = None
        self.plan: Plan | None = None
        self.total: int | None = None
        self.headlines_done = False
        self.steps = self.run()

    def feed(self, data: bytes) -> bool:
        self.data += data
        need(self.total is None or len(self.data) <= self.total, "trailingBytes", "[OBJ-1] after the object")
        try:
            next(self.steps)
            return False
        except StopIteration:
            need(len(self.data) <= (self.total or 0), "trailingBytes", "[OBJ-1] after the object")
            return True

    def take(self, size: int) -> Generator[None, None, bytes]:
        need(self.at + size <= self.end, "truncated", "[OBJ-2] past the end of its part")
        while len(self.data) < self.at + size:
            yield
        self.at += size
        return bytes(self.data[self.at - size:self.at])

    def varint(self) -> Generator[None, None, int]:
        raw = yield from self.take(1)
        while raw[-1] > 127 and len(raw) < 5:
            raw += yield from self.take(1)
        return read_varint(raw, 0)[0]

    def run(self) -> Steps:
        head = yield from self.take(4)
        need(head[:3] == b"FIL", "wrongMagic", "[OBJ-1]")
        need(head[3] == 1, "unsupportedVersion", f"[OBJ-1] {head[3]}")
        self.end = 8 + within(struct.unpack(">I", (yield from self.take(4)))[0], "preambleBytes")
        self.preamble = Preamble.read((yield from self.take(self.end - 8)), self.origin)
        totals = self.preamble.totals
        self.total = self.end + totals["headlineBytes"] + totals["bodyBytes"]
        self.plan = self.open(self.preamble)
        self.end += totals["headlineBytes"]
        yield from self.headlines(self.plan)
        self.headlines_done = True
        self.end += totals["bodyBytes"]
        yield from self.body_groups(self.plan)

    # The headlines part

    def headlines(self, plan: Plan) -> Steps:
        held = [plan.old[n].raw for n in plan.context if n in plan.old and (n == 0 or n >= plan.floor * VOLUME)]
        self.units = Units(plan.selection is not None and plan.selection.c2)
        self.units.context(reversed(held))
        self.plain = 0
        seen: set[int] = set()
        self.versions: set[int] = set()
        order = (False, -1 << 40)
        records = 0
        while self.at < self.end:
            volume = yield from self.varint()
            need(volume in plan.digests and volume not in seen, "invalidValue", f"[OBJ-9] entry of volume {volume}")
            need(volume >= plan.floor or volume == 0, "invalidValue", f"[OBJ-9] volume {volume} is below the floor")
            seen.add(volume)
            found = yield from self.entry(plan, volume)
            records += len(found)
            before, order = order, (not any(r.kind == 2 for r in found), -volume)
            need(before < order, "notCanonical", "[OBJ-9] order of the entries")
        if plan.entries:
            need(all(k in seen for k in plan.digests if k >= plan.floor), "invalidValue", "[OBJ-9] a volume has no entry")
        if plan.path is not None:  # [OBJ-5]
            masthead = plan.now.get(0)
            need(masthead is not None and climb(masthead.raw, list(plan.path)) == plan.digests[0], "wrongDigest", "[OBJ-5] masthead")
        need(records == plan.totals["records"] and self.plain == plan.totals["headlinePlain"], "invalidValue", "[OBJ-2] totals")

    def entry(self, plan: Plan, volume: int) -> Generator[None, None, list[Record]]:
        numbers = range(volume * VOLUME, min(volume * VOLUME + VOLUME, plan.size))
        digest, blocks = plan.digests[volume], -(-len(numbers) // BLOCK)
        count = yield from self.varint()
        if count == 0:
            found = yield from self.unit(plan, numbers)
            if volume < plan.floor:  # [OBJ-11]: the masthead alone, checked by the path
                need([r.number for r in found] == [0], "invalidValue", "[OBJ-11] the masthead alone")
                need(climb(found[0].raw, list(plan.path or ())) == digest, "wrongDigest", "[OBJ-5] masthead")
            else:
                self.lay(plan, numbers, found, digest)
            need(len(found) <= LIMIT["blockSplit"], "notCanonical", "[OBJ-8] block digests are missing")
            plan.now.update((r.number, r) for r in found)
            return found
        need(count == blocks and volume >= plan.floor, "invalidValue", "[OBJ-8] number of block digests")
        digests = hashes((yield from self.take(32 * count)), count)
        need(fold(list(digests)) == digest, "wrongDigest", f"[OBJ-8] blocks of volume {volume}")
        units = yield from self.varint()
        need(1 <= units <= blocks, "invalidValue", "[OBJ-8] number of units")
        before, all_found = blocks, []
        for place in range(units):
            block = yield from self.varint()
            need(block < before, "notCanonical" if block < blocks else "invalidValue", "[OBJ-9] order of the blocks")
            before = block
            part = numbers[block * BLOCK:block * BLOCK + BLOCK]
            found = yield from self.unit(plan, part)
            self.lay(plan, part, found, digests[block])
            all_found += found
            if place == units - 1:
                self.lay(plan, numbers, all_found, digest)
                need(len(all_found) > LIMIT["blockSplit"], "notCanonical", "[OBJ-8] block digests of a small change")
            plan.now.update((r.number, r) for r in found)
        return all_found

    def unit(self, plan: Plan, numbers: range) -> Generator[None, None, list[Record]]:
        size = within((yield from self.varint()), "unitBytes")
        plain_size = within((yield from self.varint()), "unitPlainBytes")
        plain = self.units.read((yield from self.take(size)), plain_size)
        found = list(read_records(plain))
        order = [r.number for r in found]
        need(bool(found) and all(n in numbers for n in order), "invalidValue", "[OBJ-10] numbers of a unit")
        need(order == sorted(set(order)), "notCanonical", "[OBJ-10] order of the records")
        for record in found:  # [OBJ-10], [STA-4]
            need(plan.since < record.version <= plan.until and record.version not in self.versions, "invalidValue", "[OBJ-10] version")
            self.versions.add(record.version)
        self.plain += plain_size
        return found

    @staticmethod
    def lay(plan: Plan, numbers: range, found: list[Record], digest: bytes) -> None:
        """[OBJ-11]: what was sent, laid over what is held, gives the digest."""
        sent = {r.number: r for r in found}
        laid = [sent.get(n) or plan.old.get(n) for n in numbers]
        need(all(laid) and fold([leaf(r.raw) for r in laid if r]) == digest, "wrongDigest", f"[OBJ-11] numbers from {numbers.start}")

    # The bodies part

    def body_groups(self, plan: Plan) -> Steps:
        due, previous, plain = plan.due() if self.at < self.end or plan.totals["bodies"] else set(), plan.start, 0
        while self.at < self.end:
            size = within((yield from self.varint()), "unitBytes")
            plain_size = within((yield from self.varint()), "indexPlainBytes")
            index = read_index(inflate((yield from self.take(size)), plain_size), previous)
            need(self.at + sum(entry[1] for entry in index) <= self.end, "truncated", "[OBJ-2] units of a group")
            for number, _, _ in index:
                need(number in due, "invalidValue", f"[OBJ-12] the body of {number} does not belong here, or came twice")
                due.discard(number)
            for number, size, context in index:
                record = plan.now[number]
                self.units.restart()
                self.units.context(piece for other in reversed(context) if (piece := plan.body_context(other)))
                self.units.learn(record.raw)
                body = self.units.read((yield from self.take(size)), record.fields["length"])
                need(H(body)[:16] == record.fields["body"], "wrongDigest", f"[OBJ-13] body of {number}")
                plan.bodies[number] = body
                plain += len(body)
                previous = number
        due = plan.due() - set(plan.bodies)
        need(not due, "invalidValue", f"{len(due)} bodies that belong here did not come")
        need(len(plan.bodies) == plan.totals["bodies"] and plain == plan.totals["bodyPlain"], "invalidValue", "[OBJ-2] totals")


# --- replica.md -------------------------------------------------------------------------------------------------------

@dataclass
class Held:
    """What a replica holds: one version, whole."""
    origin: str
    keys: tuple[Key, ...]
    selection: Selection
    floor: int = 0
    checkpoint: Checkpoint | None = None
    digests: tuple[bytes, ...] = ()
    records: dict[int, Record] = field(default_factory=dict)
    bodies: dict[bytes, bytes] = field(default_factory=dict)

    @property
    def version(self) -> int:
        return self.checkpoint.version if self.checkpoint else 0

    def known_keys(self) -> dict[bytes, Key]:
        """[CHK-5]; what is not a vkey of this origin is passed over."""
        found = {key.id: key for key in self.keys}
        for text in self.records[0].fields.get("keys", []) if 0 in self.records else []:
            try:
                key = Key.read(text)
            except Refused:
                continue
            if key.name == self.origin:
                found.setdefault(key.id, key)
        return found

    def named(self) -> list[Record]:
        """The headlines whose bodies this replica should hold, newest first."""
        some = (self.records[n] for n in sorted(self.records, reverse=True) if n >= self.floor * VOLUME)
        return [r for r in some if self.selection.names(r) and r.fields["length"] > 0]

    def missing(self) -> list[Record]:
        return [r for r in self.named() if r.fields["body"] not in self.bodies]

    def accept(self, checkpoint: Checkpoint) -> None:
        checkpoint.verify(self.known_keys(), self.origin)
        checkpoint.follows(self.checkpoint)

    def delta(self, selection: Selection, floor: int | None, ahead: Held | None = None) -> ObjectReader:
        """A reader of the delta from this version; `ahead` holds the headlines of N already, for `.bodies`."""
        def open(p: Preamble) -> Plan:
            need(p.kind == "delta" and p.since == self.version, "wrongObject", "[REP-2] another object or another version")
            need(p.selection == selection and floor in (None, p.floor), "wrongObject", "[REP-2] another selection or floor")
            assert p.checkpoint and p.selection
            (ahead or self).accept(p.checkpoint)
            need(ahead is None or ahead.version == p.checkpoint.version, "wrongObject", "[HTTP-2] .bodies of another version")
            changed = dict(zip(p.volumes, p.digests))
            count = volumes_in(p.checkpoint.size)
            all_digests = [changed.get(k) or (self.digests[k] if k < len(self.digests) else b"") for k in range(count)]
            need(b"" not in all_digests and fold(all_digests) == p.checkpoint.state_root, "wrongDigest", "[OBJ-4] state root")
            size = self.checkpoint.size if self.checkpoint else 0
            grown = range(size // VOLUME, count) if p.checkpoint.size > size else ()
            need(all(k in changed for k in grown), "invalidValue", "[OBJ-3] a volume that grew is not listed")
            self.next_digests = tuple(all_digests)
            path = p.path if p.floor > 0 and 0 in changed else None
            return Plan(p.totals, p.since, p.checkpoint.version, p.checkpoint.size, p.floor, changed, self.records,
                        dict((ahead or self).records), path, p.context, p.selection, self.bodies, p.checkpoint.size,
                        range(max(p.floor * VOLUME, 1), p.checkpoint.size), not selection.bodies)
        return ObjectReader(self.origin, open)

    def after(self, reader: ObjectReader) -> Held:
        """What the replica holds once a delta is complete; nothing superseded is kept (replica.md, 7)."""
        plan, p = reader.plan, reader.preamble
        assert plan and p and p.checkpoint
        checkpoint = p.checkpoint
        if self.checkpoint and self.checkpoint.version == checkpoint.version and self.checkpoint.time > checkpoint.time:
            checkpoint = self.checkpoint  # [CHK-9]
        bodies = self.bodies | {plan.now[n].fields["body"]: body for n, body in plan.bodies.items()}
        return replace(self, floor=p.floor, checkpoint=checkpoint, digests=self.next_digests, records=plan.now, bodies=bodies).tidy()

    def tidy(self) -> Held:
        """Drops the bodies that no current record of the selection names [REP-6], and the records out of bounds."""
        named = {r.fields["body"] for r in self.named()}
        self.bodies = {h: b for h, b in self.bodies.items() if h in named}
        wanted = [0, *range(max(self.floor * VOLUME, 1), self.checkpoint.size if self.checkpoint else 0)]
        need(all(n in self.records for n in wanted), "wrongDigest", "[STA-4] a number has no record")
        self.records = {n: self.records[n] for n in wanted}
        return self


def volume_reader(origin: str, volume: int, digest: bytes, size: int, until: int) -> ObjectReader:
    """[REP-7]: the records of a volume, every one of them [OBJ-10]."""
    def open(p: Preamble) -> Plan:
        need((p.kind, p.volumes, p.digests, p.size) == ("volume", (volume,), (digest,), size), "wrongObject", "another volume")
        return Plan(p.totals, 0, until, volume * VOLUME + size, 0, {volume: digest}, {}, {})
    return ObjectReader(origin, open)


def bodies_reader(held: Held, volume: int, selection: Selection) -> ObjectReader:
    """[REP-8]: the bodies of a volume."""
    def open(p: Preamble) -> Plan:
        need((p.kind, p.volumes, p.digests) == ("bodies", (volume,), (held.digests[volume],)), "wrongObject", "another volume")
        need(p.selection == selection, "wrongObject", "another selection")
        return Plan(p.totals, 0, held.version, 0, 0, {}, {}, held.records, selection=selection, start=VOLUME * (volume + 1),
                    scope=range(max(VOLUME * volume, 1), VOLUME * (volume + 1)), entries=False)
    return ObjectReader(held.origin, open)


def state_reader(held: Held, version: int) -> ObjectReader:
    """[REP-7]: a state, whose digests fold to the root with none held."""
    def open(p: Preamble) -> Plan:
        need(p.kind == "state" and p.checkpoint is not None and p.checkpoint.version == version, "wrongObject", "another state")
        assert p.checkpoint
        held.accept(p.checkpoint)
        need(fold(list(p.digests)) == p.checkpoint.state_root, "wrongDigest", "[OBJ-4] state root")
        return Plan(p.totals, 0, version, 0, 0, {}, {}, {})
    return ObjectReader(held.origin, open)


class Client:
    """One replica and one source; its store is a JSON file and, next to it, the spool (replica.md, 4)."""

    def __init__(self, url: str, key: Key, selection: Selection, days: int | None = None, store: Path | None = None) -> None:
        self.c2 = False  # whether codec 2 is asked for
        self.url, self.days, self.requests, self.received = urllib.parse.urlsplit(url), days, 0, 0
        self.store = store / "state.json" if store and (store.is_dir() or store.suffix != ".json") else store
        self.held = Held(key.name, (key,), selection)
        self.spool: dict[str, Any] | None = None
        self.spooled = bytearray()
        if self.store and self.store.exists():
            self.load(json.loads(self.store.read_text()))

    # The store

    def spool_file(self) -> Path | None:
        return self.store.with_suffix(".spool") if self.store else None

    def load(self, kept: dict[str, Any]) -> None:
        if kept["origin"] != self.held.origin:
            refuse("wrongOrigin", f"the store follows {kept['origin']}")
        raw = base64.b64decode
        records = [read_record(raw(r)) for r in kept["records"]]
        bodies = {H(b)[:16]: b for b in map(raw, kept["bodies"])}
        self.held = replace(self.held, floor=kept["floor"], digests=tuple(map(raw, kept["digests"])), bodies=bodies,
                            checkpoint=Checkpoint.read_note(kept["note"].encode()) if kept["note"] else None,
                            records={r.number: r for r in records})
        file = self.spool_file()
        if kept["spool"] and file and file.exists():
            self.spool, self.spooled = kept["spool"], bytearray(file.read_bytes())

    def save(self) -> None:
        if not self.store:
            return
        held, file = self.held, self.spool_file()
        kept = {"origin": held.origin, "floor": held.floor, "note": held.checkpoint.note().decode() if held.checkpoint else "",
                "digests": [*map(b64, held.digests)], "records": [b64(r.raw) for r in held.records.values()],
                "bodies": [*map(b64, held.bodies.values())], "spool": self.spool}
        self.store.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.store.with_suffix(".new")
        fresh.write_text(json.dumps(kept))
        os.replace(fresh, self.store)
        if self.spool is None and file:
            file.unlink(missing_ok=True)

    def keep(self, data: bytes) -> None:
        """A byte counts once it is on the disk."""
        self.spooled += data
        if file := self.spool_file():
            with file.open("ab") as out:
                out.write(data)

    def drop(self) -> None:
        self.spool, self.spooled = None, bytearray()
        self.save()

    # HTTP

    def get(self, path: str, headers: dict[str, str] | None = None) -> http.client.HTTPResponse:
        kind = http.client.HTTPSConnection if self.url.scheme == "https" else http.client.HTTPConnection
        connection = kind(self.url.netloc, timeout=20)  # [REP-9]
        self.requests += 1
        try:
            connection.request("GET", self.url.path.rstrip("/") + "/fil/v1/" + path, headers=headers or {})
            response = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            raise Offline(str(error)) from error
        kinds = "text/plain" if path == "checkpoint" else "application/octet-stream"
        if response.status not in (200, 206, 304, 404, 410, 416):  # a redirect is not followed [HTTP-8]
            raise Offline(f"{response.status} for {path}")
        goes_on = response.status == 206 and response.getheader("ETag") == (headers or {}).get("If-Range")
        told = response.getheader("Content-Type", kinds if goes_on else "")  # may be left out [HTTP-3]
        if response.status in (200, 206) and told.split(";")[0].strip() != kinds:
            raise Offline(f"[HTTP-8] {response.getheader('Content-Type')} for {path}")
        return response

    def chunks(self, response: http.client.HTTPResponse) -> Iterator[bytes]:
        try:
            while data := response.read1(1 << 16):
                self.received += len(data)
                yield data
        except (OSError, http.client.HTTPException) as error:
            raise Offline(str(error)) from error

    def whole(self, path: str) -> bytes | None:
        response = self.get(path)
        return b"".join(self.chunks(response)) if response.status == 200 else None

    # One sync

    def sync(self) -> str:
        """What a replica does, in order; returns a word on what happened."""
        for _ in range(4):
            done = self.resume() if self.spool else self.ask()
            if done:
                self.complete_bodies()
                self.save()
                return done
        raise Offline("the source changes its mind too often")

    def selection_now(self) -> Selection:
        """`.bare` where a body that should be held is missing (replica.md, 2)."""
        base = self.held.selection
        bare = ".bare" if self.held.version and self.held.missing() else ""
        return Selection.read(base.text + bare + (".c2" if self.c2 else ""))

    def ask(self) -> str | None:
        held, selection = self.held, self.selection_now()
        floor = f"days-{self.days}" if self.days and not held.version else str(held.floor)
        headers = {"If-None-Match": held.checkpoint.tag()} if held.checkpoint and not held.missing() else {}
        response = self.get(f"sync/{held.version}/{selection.text}/{floor}", headers)
        if response.status == 304 and headers:
            return self.nothing_new(response.getheader("Fil-Time", ""))
        if response.status == 404:
            return self.fall_back()
        if response.status != 200:
            raise Offline(f"{response.status} for sync")
        path = response.getheader("Content-Location", "")
        self.spool = {"path": path.partition("/fil/v1/")[2], "tag": response.getheader("ETag"), "selection": selection.text,
                      "total": int(response.getheader("Content-Length", 0)) or None, "floor": None if floor[0] == "d" else int(floor)}
        self.drop_file()
        self.save()
        return self.read(response)

    def drop_file(self) -> None:
        self.spooled = bytearray()
        if file := self.spool_file():
            file.unlink(missing_ok=True)

    def resume(self) -> str | None:
        """replica.md, 5."""
        assert self.spool
        spool, have = self.spool, len(self.spooled)
        if have and have == spool["total"]:
            return self.read(None)
        response = self.get(spool["path"], {"Range": f"bytes={have}-", "If-Range": spool["tag"]} if have else {})
        if response.status == 206:
            match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", response.getheader("Content-Range", ""))
            if not match or int(match[1]) != have or int(match[3]) != spool["total"]:
                refuse("invalidValue", "Content-Range of another range")
            return self.read(response)
        if response.status == 200:
            spool["tag"], spool["total"] = response.getheader("ETag"), int(response.getheader("Content-Length", 0)) or None
            self.drop_file()
            self.save()
            return self.read(response)
        self.drop()  # 404, 410, 416: ask again
        return None

    def read(self, response: http.client.HTTPResponse | None) -> str:
        """Reads the spool from its start, then what arrives; commits when all of it is verified."""
        assert self.spool
        reader = self.held.delta(Selection.read(self.spool["selection"]), self.spool["floor"])
        try:
            done = reader.feed(bytes(self.spooled))
            for data in self.chunks(response) if response else ():
                self.keep(data)
                done = reader.feed(data)
        except Refused as error:
            self.drop()
            if error.code == "wrongMagic":
                raise Offline("[HTTP-8] not the magic") from error
            raise
        if not done:
            need(len(self.spooled) != self.spool["total"], "truncated", "[OBJ-2] the object ends early")
            raise Offline(f"cut at {len(self.spooled)} of {reader.total} bytes")
        p = reader.preamble
        assert p and p.checkpoint and p.selection
        if self.spool["path"] != f"delta/{p.since}-{p.checkpoint.version}/{p.selection.text}/{p.floor}":
            print(f"warning: [HTTP-4] Content-Location is {self.spool['path']}", file=sys.stderr)
        if p.since < p.checkpoint.version and self.spool["tag"] != etag(bytes(self.spooled)):
            print(f"warning: [HTTP-4] ETag is {self.spool['tag']}", file=sys.stderr)
        self.held = self.held.after(reader)
        self.drop()
        return "delta" if p.since < p.checkpoint.version else "nothing"

    def nothing_new(self, header: str) -> str:
        """[HTTP-6]: a 304 counts when the newsroom signed its time."""
        parts, held = header.split(" "), self.held.checkpoint
        need(len(parts) == 2 and held is not None, "unsigned", "[HTTP-6] a 304 without Fil-Time")
        assert held
        signature = unb64(parts[1], 68)
        newer = replace(held, time=decimal(parts[0], (1 << 64) - 1), signatures=((held.origin, signature),))
        newer.verify(self.held.known_keys(), self.held.origin)
        if newer.time > held.time:  # [CHK-9]
            self.held.checkpoint = newer
        return "304"

    def fall_back(self) -> str:
        """[REP-7]: no delta, although the head is newer: digests, then the volumes that differ."""
        note = self.whole("checkpoint")
        if note is None:
            refuse("behind", "[HTTP-7] the source has no checkpoint")
        head, held = Checkpoint.read_note(note), self.held
        held.accept(head)
        need(head.version > held.version, "behind", "[HTTP-7] no delta and no newer head")
        reader = state_reader(held, head.version)
        self.fetch(f"state/{head.version}", reader)
        assert reader.preamble and reader.preamble.checkpoint
        head, digests = reader.preamble.checkpoint, reader.preamble.digests
        records = dict(held.records)
        for volume in range(len(digests) - 1, -1, -1):
            if volume >= len(held.digests) or held.digests[volume] != digests[volume]:
                if volume >= held.floor or volume == 0:  # volume 0 below the floor: for the masthead, since a state has no path
                    size = min(VOLUME, head.size - volume * VOLUME)
                    part = volume_reader(held.origin, volume, digests[volume], size, head.version)
                    self.fetch(f"volume/{volume}/{digests[volume].hex()}", part)
                    assert part.plan
                    records.update(part.plan.now)
        self.held = replace(held, checkpoint=head, digests=digests, records=records).tidy()
        return "volumes"

    def fetch(self, path: str, reader: ObjectReader) -> None:
        data = self.whole(path)
        if data is None:
            raise Offline(f"{path} is not here")
        need(reader.feed(data), "truncated", path)

    def complete_bodies(self) -> None:
        """[REP-8]; all at once from nothing with `.bodies` where none is held, else by volume, or singly."""
        held, missing = self.held, self.held.missing()
        if missing and not held.bodies and len(missing) > 2:
            selection = Selection.read(held.selection.text + ".bodies")
            reader = Held(held.origin, held.keys, held.selection).delta(selection, held.floor, ahead=held)
            data = self.whole(f"delta/0-{held.version}/{selection.text}/{held.floor}")
            if data is not None and reader.feed(data):
                assert reader.plan
                held.bodies = {held.records[n].fields["body"]: body for n, body in reader.plan.bodies.items()}
        by_volume: dict[int, list[Record]] = {}
        for record in held.missing():
            by_volume.setdefault(record.number // VOLUME, []).append(record)
        for volume, records in by_volume.items():
            if len(records) > 2:
                reader = bodies_reader(held, volume, held.selection)
                data = self.whole(f"bodies/{volume}/{held.digests[volume].hex()}/{held.selection.text}")
                if data is not None:
                    need(reader.feed(data), "truncated", "bodies of a volume")
                    assert reader.plan
                    held.bodies |= {held.records[n].fields["body"]: body for n, body in reader.plan.bodies.items()}
                    continue
            for record in records:
                unit = self.whole(f"body/{record.fields['body'].hex()}")
                if unit is not None:
                    within(len(unit), "unitBytes")
                    body = inflate(unit, record.fields["length"])
                    need(H(body)[:16] == record.fields["body"], "wrongDigest", f"[OBJ-13] body of {record.number}")
                    held.bodies[record.fields["body"]] = body


def titles(held: Held) -> Iterable[str]:
    for number in sorted(held.records):
        record, get = held.records[number], held.records[number].fields.get
        yield f"{number}\t" + (get("name") or get("title") or (f"retracted: {get('reason')}" if record.readable else "a newer version of fil is needed"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["sync"])
    parser.add_argument("url")
    parser.add_argument("vkey")
    parser.add_argument("--state", type=Path)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--sections", default="all", help="slugs, joined by commas")
    which.add_argument("--headlines", action="store_const", const="none", dest="sections")
    parser.add_argument("--days", type=int)
    parser.add_argument("--c2", action="store_true", help="ask for codec 2")
    parser.add_argument("--titles", action="store_true")
    given = parser.parse_args()
    try:
        base = given.sections if given.sections in ("all", "none") else ",".join(sorted(set(given.sections.split(","))))
        client = Client(given.url, Key.read(given.vkey), Selection.read(base), given.days, given.state)
        client.c2 = given.c2
        done = client.sync()
    except Refused as error:
        print(f"refused {error}")
        return 1
    except Offline as error:
        print(f"offline: {error}")
        return 2
    held = client.held
    if given.titles:
        print(*titles(held), sep="\n")
    named = held.named()
    print(f"{done}: {client.requests} requests, {client.received} bytes, floor {held.floor}, time {held.checkpoint.time if held.checkpoint else 0}")
    print(f"verified version {held.version} size {held.checkpoint.size if held.checkpoint else 0} "
          f"bodies {len(named) - len(held.missing())}/{len(named)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
