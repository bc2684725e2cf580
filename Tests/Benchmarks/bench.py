"""Measures and writes BENCHMARKS.md; `run` beside it calls this."""

import argparse
import os
import platform
import shutil
import subprocess
import tempfile
import time

import compare
import compressors
import hell
import serving

HEAD = """# Benchmarks

`make bench` installs what is compared with, builds le Fil, measures, and writes this file. Bytes and
turns repeat from run to run; times by the clock are those of one machine, so only their ratios are
given. Everything runs on 127.0.0.1, each tool as Debian 12 ships it.

Last run: {when}, in {minutes:.0f} minutes, on {cores} shared cores, {kernel}; le Fil with codec 1
(deflate). The articles are {source}.

## 1. What it costs to have the news

Every contender brings the same articles from the same old state to the same new one. Counted at the
client's socket: all bytes both ways, with heads, without TCP's and IP's own. A *turn* is the client
speaking after it has listened; for HTTP that is a request. Seconds are arithmetic, the same for all: one
round trip per connection and per turn, then the bytes at the line's rate with 40 more per segment of
1,400; nothing overlaps and there is no slow start. *2g* is 35/32 kbit/s and 1,300 ms, *edge*
240/200 kbit/s and 840 ms. How true that is, with runs through a line emulated to these figures:

{emulated}

* le Fil: one `fil sync`; each contender by its own client; RSS, REST and patches by curl.
* git: one file per article, one commit for the old state and one for the new; packed before the last
  push. The first copy is a shallow clone.
* rsync: the files of git with their times, and a SQLite file without a search index, whose rows were
  changed in place.
* zsync: that SQLite file, with its gzip beside it (`zsyncmake -z`).
* xdelta3: a patch made for this very pair of versions (`-9 -S djw`) of one JSON file. A server that
  serves any version would need one for each: it is the floor of what patches made beforehand reach.
* RSS: the newest ten with their texts, `If-None-Match`. ¹ It does not show all that changed.
* REST: as WordPress's, `modified_after`, 100 a page. ² Withdrawn articles are found only by reading the
  list of all ids too, which is the last row.
"""

SERVING = """
## 2. What it costs to serve

`wrk -t1 -c32` on this machine, {rounds} rounds of {seconds} s, each beside a round of nginx (one worker,
`sendfile`, `open_file_cache`) that serves the same bytes as a file; medians of the ratios. CPU is user and
system time of the server alone. The load generator shares the cores, so CPU per request says more.
"""

HELL = """
## 3. A gap of 200 KB over `enfer`

`fil-weaklink --profile enfer`: 35/32 kbit/s, 1,300 ms, each connection cut after an exponential time of
6 s on average, every hundredth segment a reset. {seeds} seeds. All bytes at the client's socket, beside
those of the same sync without a cut = 1. *Again* are bytes of an object that reached the client's socket
twice. The line runs {faster} times as fast as it should, {killed} times where `fil` is killed (SIGKILL,
after an exponential time of {every:.0f} s of the line's) and started again, since its start takes real time. The
proxy's counts are TCP's payload: no IP, no retransmissions.
"""

CODECS = """
## 4. The two codecs

The delta of these articles, with each codec: bytes of the whole object, and of its units alone (the payload).
`fil-codecs` (Tests/CodecTool) renders it and says what a coder is told for it: context, then units. Codec 2 has
the 256 KB of context that a newsroom names; *all*: every record and body that V has. The others get the same
context in front of the same texts in one stream: what they need for both less what they need for the context
alone (`--patch-from` for zstd); where that is a few bytes it can come out below what is possible, even below 0. They
make no units, so nothing could be read before the end.

{tables}

CPU seconds on one of these cores, shared with other work, so only their ratios say much; codec 1 and 2 with
their context, packing and unpacking, medians of 3; the others packing context and texts together, as processes.
Peak memory is the process's, at least the 28 MiB of the Python that starts it; `fil-codecs` holds all texts besides
its coder. Codec 2 itself takes 18.3 MiB, some 4,300 instructions for each byte of context and 4,700 for each byte
that is coded (callgrind).
PPMd is variant H with 16 MiB, by {ppmd} from PyPI; the others: {versions}.

{costs}
"""


def rewrite(path, section):
    """Puts a section in the place of the one with its heading, to the next heading or the end."""
    with open(path, encoding="utf-8") as file:
        page = file.read()
    heading = section.strip().split("\n")[0]
    start = page.index(heading)
    end = page.find("\n## ", start)
    with open(path, "w", encoding="utf-8") as file:
        file.write(page[:start] + section.strip() + "\n" + ("" if end < 0 else page[end:]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True, help="the folder of fil, fil-server, fil-weaklink")
    parser.add_argument("--out", default="BENCHMARKS.md")
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--only", choices=["compare", "serving", "hell", "codecs"], help="print one table")
    parser.add_argument("--write", action="store_true", help="with --only codecs: rewrite that section")
    options = parser.parse_args()
    start = time.monotonic()

    def say(text):
        print(f"bench: {time.monotonic() - start:5.0f} s  {text}", flush=True)

    folder = tempfile.mkdtemp(prefix="fil-bench-")
    at = lambda name: os.path.join(folder, name)
    bin, only, parts = os.path.abspath(options.bin), options.only, {}
    try:
        if only in (None, "compare"):
            parts["source"], tables, emulated = "", [], []
            for short, title in ((True, "Bodies of at most 1,900 characters"), (False, "Bodies of full length")):
                cases, table, slow, parts["source"] = compare.run(at(f"c{short}"), bin, short, say)
                tables.append(f"\n### {title}\n" + compare.text(cases, table))
                emulated = emulated or slow
            parts["emulated"], parts["tables"] = compare.emulated_text(emulated), "\n".join(tables)
        if only in (None, "serving"):
            parts["serving"] = serving.text(serving.run(at("s"), bin, say))
        if only in (None, "hell"):
            parts["hell"] = hell.text(*hell.run(at("h"), bin, options.seeds, say))
        if only in (None, "codecs"):
            parts["codecs"] = codecs(at("k"), bin, say)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if only:
        print("\n".join(parts.values()))
        if options.write and only == "codecs":
            rewrite(options.out, parts["codecs"])
            say(f"wrote section 4 of {options.out}")
        return
    page = [
        HEAD.format(
            when=time.strftime("%Y-%m-%d"), minutes=(time.monotonic() - start) / 60,
            cores=os.cpu_count(), kernel=f"{platform.system()} {platform.machine()}",
            source=parts["source"], emulated=parts["emulated"]),
        parts["tables"], "The programs: " + versions() + ".",
        SERVING.format(rounds=serving.ROUNDS, seconds=serving.SECONDS), parts["serving"],
        HELL.format(
            seeds=options.seeds, faster=hell.FASTER, killed=hell.FASTER_KILLED, every=hell.KILL_EVERY),
        parts["hell"], parts["codecs"],
    ]
    with open(options.out, "w", encoding="utf-8") as file:
        file.write("\n\n".join(part.strip() for part in page) + "\n")
    say(f"wrote {options.out}")


def codecs(folder, bin, say):
    tables, costs = [], []
    titles = ["12 articles after 400", "first copy of 400"]
    for short, title in ((True, "Bodies of at most 1,900 characters"), (False, "Bodies of full length")):
        found = compressors.run(f"{folder}{short}", bin, short, say)
        tables.append(f"**{title}**\n\n" + compressors.text(found))
        costs = costs or [compressors.costs(found, titles)]
    return CODECS.format(
        tables="\n\n".join(tables), costs=costs[0], ppmd=compressors.PPMD.replace("==", " "),
        versions=versions(["zstd", "xz-utils", "brotli", "zpaq"]))


def versions(names=("git", "rsync", "zsync", "xdelta3", "nginx-light", "curl", "wrk")):
    lines = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *names], stdout=subprocess.PIPE)
    return ", ".join(lines.stdout.decode().split("\n")).rstrip(", ")


main()
