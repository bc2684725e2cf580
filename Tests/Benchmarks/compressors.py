"""Bytes, seconds and memory of the two codecs beside other compressors."""

import json
import os
import subprocess

import articles
from compare import versions
from lefil import weighed

PPMD = "pyppmd==1.3.1"
VENV = ".build/bench-venv"

TITLE = "The two codecs"

INTRODUCTION = """The delta of these articles, with each codec: bytes of the whole object, and of its units alone (the payload).
`fil-codecs` (Tests/CodecTool) renders it and says what a coder is told for it: context, then units. Codec 2 has
the 256 KB of context that a newsroom names; *all*: every record and body that V has. The others get the same
context in front of the same texts in one stream: what they need for both less what they need for the context
alone (`--patch-from` for zstd); where that is a few bytes it can come out below what is possible, even below 0. They
make no units, so nothing could be read before the end.

{tables}

CPU seconds on one of these cores, shared with other work, so only their ratios say much; codec 1 and 2 with
their context, packing and unpacking, medians of 3; the others packing context and texts together, as processes.
Peak memory is the process's, Python's own 10 MiB for PPMd among it; `fil-codecs` holds all texts besides its coder.
Codec 2 reads context and texts of 12 articles after 400 at {speed:.2f} MB/s, the best of {times} times here: {poll:.2f} s for
256 KB of context. Its coder takes 18.3 MiB.
PPMd is variant H with 16 MiB, by {ppmd} from PyPI; the others: {versions}.

{costs}
"""

# How often each case is coded for the speed.
TIMES = 9

FIRST_COSTS = ["12 articles after 400", "first copy of 400"]


def section(bench):
    tables, first, speed = [], None, None
    for short, title in ((True, "Bodies of at most 1,900 characters"), (False, "Bodies of full length")):
        found = run(os.path.join(bench.folder, f"codecs{short}"), bench.bin, short, bench.say)
        tables.append(f"**{title}**\n\n" + text(found))
        first = first or costs(found, FIRST_COSTS)
        speed = speed or next(row[-1] for row in found if row[0] == FIRST_COSTS[0])
    return INTRODUCTION.format(
        speed=speed, times=TIMES, poll=(1 << 18) / speed / 1e6,
        tables="\n\n".join(tables), costs=first, ppmd=PPMD.replace("==", " "),
        versions=versions(["zstd", "xz-utils", "brotli", "zpaq"]))

# What PPMd is asked with: order, then the file; prints the size.
PPMD_PROGRAM = """import sys, pyppmd
data = open(sys.argv[2], "rb").read()
encoder = pyppmd.Ppmd7Encoder(int(sys.argv[1]), 16 << 20)
print(len(encoder.encode(data)) + len(encoder.flush()))
"""


class Case:
    def __init__(self, title, old, new, headlines=False):
        self.title, self.old, self.new, self.headlines = title, old, new, headlines


def cases(rows):
    right = rows[320]
    wrong = dict(right, body=[right["body"][0].replace(" le ", " la ", 1)])
    return [
        Case("1 article after 400", rows[:400], rows[400:401]),
        Case("12 articles after 400", rows[:400], rows[400:412]),
        Case("84 articles after 360", rows[:360], rows[360:444]),
        Case("a letter corrected", rows[:320] + [wrong] + rows[321:400], [right]),
        Case("84 headlines after 360", rows[:360], rows[360:444], headlines=True),
        Case("first copy of 400", [], rows[:400]),
    ]


def ppmd_python():
    """A Python that has PPMd, under .build/."""
    python = os.path.join(VENV, "bin", "python3")
    if not os.path.exists(python):
        subprocess.run(["/usr/bin/python3", "-m", "venv", VENV], check=True)
    wanted = PPMD.replace("==", " ")
    found = subprocess.run([python, "-m", "pip", "list"], stdout=subprocess.PIPE).stdout.decode()
    if wanted not in " ".join(found.split()):
        subprocess.run([python, "-m", "pip", "install", "-q", PPMD], check=True)
    return os.path.abspath(python)


class Run:
    """A program's answer, its CPU seconds and its peak memory in MiB."""

    def __init__(self, words):
        self.out, self.cpu, self.peak = weighed(words)


def size_of(words, path):
    """The run, and the size of the file it wrote; the file is removed."""
    if os.path.exists(path):
        os.remove(path)
    run = Run(words)
    size = os.path.getsize(path)
    os.remove(path)
    return run, size


class Tools:
    """The other compressors: each gives bytes of `plain` beyond those of `context`, and its run."""

    names = ["PPMd order 6", "PPMd order 8", "zstd -22 --patch-from", "xz -9e", "brotli -q 11", "zpaq -m5"]

    def __init__(self, folder):
        self.folder, self.python = folder, ppmd_python()

    def at(self, name):
        return os.path.join(self.folder, name)

    def measure(self, name):
        if name.startswith("zstd"):
            out = self.at("out.zst")
            primed = ["--patch-from", self.at("context")] if os.path.getsize(self.at("context")) else []
            run, size = size_of(
                ["zstd", "-q", "--ultra", "-22", "--long=27", *primed, self.at("plain"), "-o", out], out)
            return size, run
        run, both = self.packed(name, self.at("both"))
        if not os.path.getsize(self.at("context")):
            return both, run
        return both - self.packed(name, self.at("context"))[1], run

    def packed(self, name, path):
        if name.startswith("PPMd"):
            run = Run([self.python, "-c", PPMD_PROGRAM, name[-1], path])
            return run, int(run.out)
        if name.startswith("xz"):
            return size_of(["xz", "-9e", "-k", "-f", path], path + ".xz")
        if name.startswith("brotli"):
            return size_of(["brotli", "-q", "11", "-w", "24", "-k", "-f", path], path + ".br")
        archive = path + ".zpaq"
        return size_of(["zpaq", "a", archive, path, "-m5", "-t1"], archive)


def run(folder, bin, short, say):
    """The rows: (title, plain, context, cells, speed); a cell is (bytes, object, CPU, CPU, peak), the speed MB/s."""
    rows, _ = articles.load(short)
    rows = [dict(row, body=[row["body"]]) for row in rows]
    os.makedirs(folder)
    tool = os.path.join(bin, "fil-codecs")
    tools = Tools(folder)
    found = []
    for case in cases(rows):
        say(f"codecs {case.title}")
        for name, part in (("old", case.old), ("new", case.new)):
            with open(tools.at(name), "w", encoding="utf-8") as file:
                file.writelines(articles.line(row) for row in part)
        words = [tool, "case", folder, "--old", tools.at("old"), "--new", tools.at("new")]
        objects = json.loads(Run(words + ["--headlines"] * case.headlines).out)
        with open(tools.at("both"), "wb") as file:
            for name in ("context", "plain"):
                with open(tools.at(name), "rb") as part:
                    file.write(part.read())
        cells = {}
        read = sum(os.path.getsize(tools.at(name)) for name in ("context", "plain"))
        speed = max(
            read / json.loads(Run([tool, "code", tools.at("codec-2"), "--codec", "2", "--times", "1"]).out)["decode"]
            for _ in range(TIMES)) / 1e6
        for name, file, codec in (("codec 1", "codec-1", "1"), ("codec 2", "codec-2", "2"), ("codec 2, all", "all", "2")):
            done = Run([tool, "code", tools.at(file), "--codec", codec])
            told = json.loads(done.out)
            cells[name] = (told["payload"], objects.get(file), told["encode"], told["decode"], done.peak)
        for name in Tools.names:
            size, done = tools.measure(name)
            cells[name] = (size, None, done.cpu, None, done.peak)
        found.append(
            (case.title, os.path.getsize(tools.at("plain")), os.path.getsize(tools.at("context")), cells, speed))
    return found


def text(found):
    """Bytes of the payload alone and of the object, one row per case."""
    names = ["codec 1", "codec 2", "codec 2, all", *Tools.names]
    lines = [
        "| | plain | context | codec 1, object | codec 2, object | " + " | ".join(names) + " |",
        "| --- |" + " ---: |" * (len(names) + 4)]
    for title, plain, context, cells, _ in found:
        numbers = [plain, context, cells["codec 1"][1], cells["codec 2"][1], *(cells[name][0] for name in names)]
        lines.append(f"| {title} | " + " | ".join(f"{number:,}" for number in numbers) + " |")
    return "\n".join(lines)


def costs(found, titles):
    """CPU seconds and memory of the cases named, one row per compressor."""
    lines = [
        "| | " + " | ".join(f"{title}: packing, s | unpacking, s | peak, MiB" for title in titles) + " |",
        "| --- |" + " ---: |" * (3 * len(titles))]
    chosen = [cells for title, _, _, cells, _ in found if title in titles]
    for name in chosen[0]:
        numbers = []
        for cells in chosen:
            _, _, packing, unpacking, peak = cells[name]
            numbers += [f"{packing:.2f}", "–" if unpacking is None else f"{unpacking:.2f}", f"{peak:.0f}"]
        lines.append(f"| {name} | " + " | ".join(numbers) + " |")
    return "\n".join(lines)
