#!/usr/bin/env python3
"""bundle.py: the bundles of the fil protocol for the client in fil.py, written from Protocol/bundle.md alone.

    bundle.py import FILE.fil VKEY [--state FILE.json|DIR] [--sections a,b | --headlines]
    bundle.py list FILE.fil
    bundle.py vectors Protocol/Vectors/bundle.json
"""
from __future__ import annotations

import argparse
import http.client
import json
import re
import sys
from dataclasses import replace
from pathlib import Path

from fil import LIMIT, Client, H, Held, Key, Offline, Refused, Selection, need, read_varint, within

LIMIT["bundlePathBytes"] = 4_352  # limits.md
PATH = re.compile(
    r"checkpoint|state/(0|[1-9]\d*)|volume/(0|[1-9]\d*)/[0-9a-f]{64}|bodies/(0|[1-9]\d*)/[0-9a-f]{64}/[a-z0-9,.-]+"
    r"|delta/(0|[1-9]\d*)-(0|[1-9]\d*)/[a-z0-9,.-]+/(0|[1-9]\d*)|body/[0-9a-f]{32}")


class Bundle:
    """The entries of a file, as far as they are whole."""

    def __init__(self, data: bytes) -> None:
        need(len(data) >= 5, "truncated", "[BUN-1] magic")
        need(data[:4] == b"FILB", "wrongMagic", "[BUN-1] magic")
        need(data[4] == 1, "unsupportedVersion", "[BUN-1] format version")
        self.data, self.objects, self.rotten, self.fault = data, {}, [], None
        self.places: list[tuple[str, int]] = []
        at = 5
        try:
            while at:
                at = self.entry(at)
        except Refused as error:  # [BUN-5]
            self.fault = error

    def entry(self, at: int) -> int:
        """Reads the entry at a place; where the next one is, 0 at the end."""
        data = self.data
        length, at = read_varint(data, at)
        within(length, "bundlePathBytes")
        if length == 0:
            need(at == len(data), "trailingBytes", "[BUN-4]")
            return 0
        need(at + length <= len(data), "truncated", "a path")
        path = data[at:at + length].decode("ascii", "replace")
        need(bool(PATH.fullmatch(path)), "invalidValue", f"[BUN-2] {path}")
        size, at = read_varint(data, at + length)
        check = data[at:at + 16]
        need(len(check) == 16, "truncated", "a check")
        start, at = at + 16, at + 16 + size
        need(at <= len(data), "truncated", "an object")
        need(path not in self.objects and path not in self.rotten, "notCanonical", f"[BUN-2] {path} twice")
        self.places.append((path, size))
        if H(data[start:at])[:16] == check:
            self.objects[path] = data[start:at]
        else:
            self.rotten.append(path)  # [BUN-3]: it is not here
        return at


class BundleClient(Client):
    """A replica that is brought up to date from a bundle [BUN-6]."""

    def __init__(self, bundle: Bundle, key: Key, selection: Selection, store: Path | None) -> None:
        super().__init__("file:", key, selection, None, store)
        self.bundle = bundle

    def get(self, path: str, headers: dict[str, str] | None = None) -> http.client.HTTPResponse:
        raise Offline("a bundle is no server")

    def whole(self, path: str) -> bytes | None:
        self.requests += 1
        return self.bundle.objects.get(path)

    def sync(self) -> str:
        done = self.first_delta()
        if done is None:
            try:
                done = self.fall_back()
            except Refused as error:
                if error.code != "behind" or not self.held.version:
                    raise
                done = "nothing"
        self.complete_bodies()
        self.save()
        return done

    def first_delta(self) -> str | None:
        """[BUN-7]: the headlines of a writer that has no old volumes."""
        if self.held.version:
            return None
        for path, data in self.bundle.objects.items():
            if match := re.fullmatch(r"delta/0-\d+/none/(\d+)", path):
                floor = int(match[1])
                held = Held(self.held.origin, self.held.keys, Selection.read("none"))
                reader = held.delta(held.selection, floor)
                need(reader.feed(data), "truncated", path)
                self.held = replace(held.after(reader), selection=self.held.selection)
                return "delta"
        return None


def check_vectors(file: Path) -> int:
    """Compares each vector of Protocol/Vectors/bundle.json with what is read here."""
    wrong = 0
    vectors = json.loads(file.read_text())["vectors"]
    for vector in vectors:
        try:
            bundle = Bundle(bytes.fromhex(vector["input"]))
            got = {"value": {"objects": sorted(bundle.objects), "damaged": sorted(bundle.rotten),
                             "fault": bundle.fault.code if bundle.fault else None}}
        except Refused as error:
            got = {"error": error.code}
        if got != {k: vector[k] for k in ("value", "error") if k in vector}:
            wrong += 1
            print(f"{vector['name']}: got {got}")
    print(f"{len(vectors) - wrong} right, {wrong} wrong")
    return 1 if wrong or not vectors else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["import", "list", "vectors"])
    parser.add_argument("file", type=Path)
    parser.add_argument("vkey", nargs="?")
    parser.add_argument("--state", type=Path)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--sections", default="all")
    which.add_argument("--headlines", action="store_const", const="none", dest="sections")
    given = parser.parse_args()
    if given.command == "vectors":
        return check_vectors(given.file)
    try:
        bundle = Bundle(given.file.read_bytes())
        if given.command == "list":
            for path, size in bundle.places:
                print(f"{size:9} {path}")
            print(f"{len(bundle.places)} objects, {len(bundle.rotten)} damaged, {bundle.fault or 'complete'}")
            return 0
        base = given.sections if given.sections in ("all", "none") else ",".join(sorted(set(given.sections.split(","))))
        client = BundleClient(bundle, Key.read(given.vkey), Selection.read(base), given.state)
        done = client.sync()
    except Refused as error:
        print(f"refused {error}")
        return 1
    except Offline as error:
        print(f"offline: {error}")
        return 2
    held = client.held
    named = held.named()
    print(f"{done}: {client.requests} objects, floor {held.floor}, {bundle.fault or 'complete'}")
    print(f"verified version {held.version} size {held.checkpoint.size if held.checkpoint else 0} "
          f"bodies {len(named) - len(held.missing())}/{len(named)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
