"""What libzopfli would save of codec 1, and what it costs: each body with its context, beside zlib -9."""

import ctypes
import time
import zlib

import articles

TITLE = "A trial of zopfli for codec 1"

INTRODUCTION = """Twelve bodies of at most 1,900 characters, each with the 32 KB of news before it as context
(`ZopfliDeflatePart` of Debian's libzopfli1, 15 iterations), beside zlib -9 with the same dictionary. The format
is the same. Le Fil does not use it: Decision 0011.
"""


class Options(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int) for name in (
        "verbose", "verbose_more", "numiterations", "blocksplitting", "blocksplittinglast", "blocksplittingmax")]


def section(bench):
    library = ctypes.CDLL("libzopfli.so.1")
    libc = ctypes.CDLL(None)
    options = Options()
    library.ZopfliInitOptions(ctypes.byref(options))
    rows, _ = articles.load(True)
    texts = [row["body"].encode() for row in rows]
    sizes, spent, plain = {"zlib -9": 0, "zopfli": 0}, {"zlib -9": 0.0, "zopfli": 0.0}, 0
    for number in range(len(texts) - 12, len(texts)):
        context, text = b"".join(texts[:number])[-32_768:], texts[number]
        plain += len(text)
        start = time.process_time()
        deflater = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zdict=context)
        unit = deflater.compress(text) + deflater.flush()
        spent["zlib -9"] += time.process_time() - start
        sizes["zlib -9"] += len(unit)
        start = time.process_time()
        bit, out, size = ctypes.c_ubyte(0), ctypes.POINTER(ctypes.c_ubyte)(), ctypes.c_size_t(0)
        library.ZopfliDeflatePart(
            ctypes.byref(options), 2, 1, context + text, ctypes.c_size_t(len(context)),
            ctypes.c_size_t(len(context) + len(text)), ctypes.byref(bit), ctypes.byref(out), ctypes.byref(size))
        spent["zopfli"] += time.process_time() - start
        made = bytes(out[:size.value])
        libc.free(out)
        inflater = zlib.decompressobj(-15, zdict=context)
        if inflater.decompress(made) + inflater.flush() != text:
            raise RuntimeError("zopfli's unit does not inflate to the text")
        sizes["zopfli"] += size.value
    lines = ["| | bytes | CPU, zlib = 1 |", "| --- | ---: | ---: |"]
    for name, size in sizes.items():
        lines.append(f"| {name} | {size:,} | {spent[name] / spent['zlib -9']:.0f} |")
    saved = 1 - sizes["zopfli"] / sizes["zlib -9"]
    lines += ["", f"Of {plain:,} plain bytes; zopfli saves {saved:.1%}."]
    return INTRODUCTION + "\n" + "\n".join(lines)
