"""Prints the pin of Protocol/state.md, from its description alone (Python's standard library)."""
from hashlib import sha256

MASK = (1 << 64) - 1


def numbers(state=0):
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & MASK
        z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
        yield z ^ z >> 31


def head(major, n):
    if n < 24:
        return bytes([major << 5 | n])
    size = next(s for s in range(4) if n < 1 << (8 << s))
    return bytes([major << 5 | 24 + size]) + n.to_bytes(1 << size, "big")


def cbor(v):
    if v is None:
        return b"\xf6"
    if isinstance(v, int):
        return head(0, v)
    if isinstance(v, bytes):
        return head(2, len(v)) + v
    if isinstance(v, str):
        return head(3, len(v.encode())) + v.encode()
    return head(4, len(v)) + b"".join(map(cbor, v))


def root(hashes):
    if len(hashes) == 1:
        return hashes[0]
    k = 1 << (len(hashes) - 1).bit_length() - 1
    return sha256(b"\1" + root(hashes[:k]) + root(hashes[k:])).digest()


draw, log, state = numbers(), [], []
for v in range(1, 10_001):
    a, b = (next(draw), next(draw)) if v > 1 else (0, 0)
    s = len(state)
    n = s if s < 2 or a % 3 == 0 else 1 + (a >> 8) % (s - 1)
    if n == 0:
        record = [3, 0, 1, "Pin", "", "", "fr", [], []]
    elif n < s and b % 8 == 0:
        record = [2, n, v, n, v, "r", 0]
    else:
        record = [1, n, v, n, v if n < s else None, "水" * (1 + (b >> 8) % 50), "", "s", [], "", "",
                  b % 4, "", b.to_bytes(8, "big") * 2, (b >> 16) % 1000, 0]
    leaf = sha256(b"\0" + cbor(record)).digest()
    log.append(leaf)
    state[n:n + 1] = [leaf]
print("size", len(state))
print("log", root(log).hex())
print("state", root(state).hex())
