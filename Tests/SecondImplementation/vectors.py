#!/usr/bin/env python3
"""vectors.py FOLDER…: checks the JSON vectors of the protocol against fil.py.

A file is {"structure": "…", "vectors": [{"name", "input", "value" | "error", …}]}; input is hexadecimal or text. Of a
value that is an object, the members that are given are compared; byte strings are written in hexadecimal.
"""
from __future__ import annotations

import dataclasses
import json
import re
import sys
from pathlib import Path
from typing import Any, Callable

import fil
from render import read_resource

Vector = dict[str, Any]


def raw(vector: Vector, name: str = "input") -> bytes:
    """Hexadecimal where it is that, else text."""
    text = vector.get(name, "")
    if re.fullmatch(r"([0-9a-fA-F]{2}|\s)*", text):
        return bytes.fromhex(text)
    return text.encode()


def plain(value: Any) -> Any:
    """As JSON says it."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, fil.Selection):
        return value.text
    if isinstance(value, (fil.Key, fil.Checkpoint)):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value


ALIASES = {"logroot": "log_root", "root": "log_root", "stateroot": "state_root", "statesize": "size", "since": "from", "keyid": "id",
           "publickey": "key", "body": "body", "hash": "body", "bodyhash": "body", "resource": "resource", "n": "version", "v": "from"}


def key(name: str) -> str:
    flat = name.replace("_", "").replace(" ", "").lower()
    return ALIASES.get(flat, flat).replace("_", "")


def agrees(wanted: Any, got: Any) -> bool:
    if isinstance(wanted, dict) and isinstance(got, dict):
        flat = {key(k): v for k, v in got.items()}
        return all(key(k) in flat and agrees(v, flat[key(k)]) for k, v in wanted.items())
    if isinstance(wanted, list) and isinstance(got, list):
        return len(wanted) == len(got) and all(map(agrees, wanted, got))
    if isinstance(wanted, str) and isinstance(got, (int, str)) and not isinstance(got, bool):
        return wanted in (str(got), fil.b64(bytes.fromhex(got))) if isinstance(got, str) and re.fullmatch("([0-9a-f]{2})*", got) else wanted == str(got)
    return type(wanted) is type(got) and wanted == got


def render(value: Any) -> str:
    """CBOR as JSON text; a byte string is h'…'."""
    if isinstance(value, bytes):
        return f"h'{value.hex()}'"
    if isinstance(value, list):
        return "[" + ",".join(map(render, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def varint(vector: Vector) -> Any:
    value, end = fil.read_varint(raw(vector), 0)
    fil.need(end == len(raw(vector)), "trailingBytes", "varint")
    return value


def cbor(vector: Vector) -> Any:
    value = fil.read_whole_cbor(raw(vector))
    return render(value) if isinstance(vector.get("value"), str) else value


def record(vector: Vector) -> Any:
    found = fil.read_record(raw(vector))
    return {"kind": found.kind, "number": found.number, "version": found.version, "readable": found.readable,
            "unreadable": not found.readable, **found.fields}


def merkle(vector: Vector) -> Any:
    return fil.fold([fil.leaf(bytes.fromhex(item)) for item in vector["input"]])


def path(vector: Vector) -> Any:
    given = vector["input"] if isinstance(vector.get("input"), dict) else vector
    hashes = given["path"] if isinstance(given["path"], list) else re.findall(".{64}", given["path"])
    return fil.climb(raw(given, "record" if "record" in given else "input"), [bytes.fromhex(h) for h in hashes])


def note(vector: Vector) -> Any:
    found = fil.Checkpoint.read_note(vector["input"].encode())
    if "key" in vector:
        known = fil.Key.read(vector["key"])
        found.verify({known.id: known}, vector.get("origin", known.name))
    return plain(found) | {"tag": found.tag()}


def vkey(vector: Vector) -> Any:
    return fil.Key.read(vector["input"])


def selection(vector: Vector) -> Any:
    found = fil.Selection.read(vector["input"])
    return {"text": found.text, "all": found.sections is None, "none": found.sections == frozenset(), "bare": found.bare,
            "bodies": found.bodies, "c2": found.c2, "codec": 2 if found.c2 else 1,
            "sections": None if found.sections is None else sorted(found.sections)}


def resource(vector: Vector) -> Any:
    return read_resource(vector["input"])


def deflate(vector: Vector) -> Any:
    unit = raw(vector, "unit") if "unit" in vector else raw(vector)
    return fil.inflate(unit, vector["size"], raw(vector, "context"))


def preamble(vector: Vector) -> Any:
    found = fil.Preamble.read(raw(vector), vector.get("origin", "askia24.net/fil"))
    spans = lambda numbers: [list(r) for r in runs(numbers)]
    return {"kind": found.kind, "checkpoint": found.checkpoint, "from": found.since, "selection": found.selection, "floor": found.floor,
            "volumes": spans(found.volumes), "digests": found.digests, "path": found.path, "context": spans(found.context),
            "totals": list(found.totals.values()), "volume": found.volumes[0] if found.volumes else 0, "digest": (found.digests or (b"",))[0],
            "size": found.size, "version": found.checkpoint.version if found.checkpoint else 0, **found.totals}


def runs(numbers: tuple[int, ...]) -> list[list[int]]:
    found: list[list[int]] = []
    for n in numbers:
        if found and sum(found[-1]) == n:
            found[-1][1] += 1
        else:
            found.append([n, 1])
    return found


def index(vector: Vector) -> Any:
    entries = fil.read_index(raw(vector), vector.get("start", vector.get("previous", vector.get("size", 0))))
    return [{"number": n, "size": size, "context": runs(tuple(numbers)), "ranges": runs(tuple(numbers))} for n, size, numbers in entries]


def object_(vector: Vector) -> Any:
    known = fil.Key.read(vector["key"])
    held = fil.Held(known.name, (known,), fil.Selection.read(vector.get("selection", "all")))
    reader = held.delta(held.selection, vector.get("floor"))
    fil.need(reader.feed(raw(vector)), "truncated", "object")
    after = held.after(reader)
    heads = [after.records[n] for n in sorted(after.records) if after.records[n].headline()]
    bodies = [r.fields["body"] for r in heads if r.fields["body"] in after.bodies]
    return {"titles": [r.fields["title"] for r in heads], "bodies": bodies, "version": after.version, "size": after.checkpoint.size}


CHECKS: dict[str, Callable[[Vector], Any]] = {
    "varint": varint, "cbor": cbor, "record": record, "merkle": merkle, "path": path, "note": note, "vkey": vkey, "selection": selection,
    "resource": resource, "deflate": deflate, "preamble": preamble, "index": index, "object": object_}


def main(folders: list[str]) -> int:
    right = wrong = 0
    for file in sorted(f for folder in folders for f in Path(folder).glob("*.json")):
        content = json.loads(file.read_text())
        check = CHECKS.get(content["structure"])
        if check is None:
            print(f"{file.name}: structure {content['structure']} is unknown")
            wrong += 1
            continue
        for vector in content["vectors"]:
            try:
                got: Any = plain(check(vector))
                fine = "value" in vector and agrees(plain(vector["value"]), got)
            except fil.Refused as error:
                got, fine = str(error), error.code == vector.get("error")
            right, wrong = right + fine, wrong + (not fine)
            if not fine:
                wanted = vector.get("error") or json.dumps(vector.get("value"), ensure_ascii=False)
                print(f"{file.name}: {vector['name']}\n  wanted {wanted[:300]}\n  got    {str(got)[:300]}")
    print(f"{right} right, {wrong} wrong")
    return 1 if wrong or not right else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
