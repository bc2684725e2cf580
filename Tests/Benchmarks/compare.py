"""What each way of getting the news costs, in six cases."""

import os
import subprocess

import articles
from contenders import Bench
from lefil import Newsroom, check, copy_replica, sync
from meter import measure, seconds

TITLE = "What it costs to have the news"

INTRODUCTION = """Every contender brings the same articles from the same old state to the same new one; they
are {source}. Counted at the client's socket: all bytes both ways, with heads, without TCP's and IP's own. A
*turn* is the client speaking after it has listened; for HTTP that is a request. Seconds are arithmetic, the
same for all: one round trip per connection and per turn, then the bytes at the line's rate with 40 more per
segment of 1,400; nothing overlaps and there is no slow start. *2g* is 35/32 kbit/s and 1,300 ms, *edge*
240/200 kbit/s and 840 ms. How true that is, with runs through a line emulated to these figures:

{emulated}

* le Fil: one `fil sync`, with codec 2; below it the same request for codec 1, by curl. Each other contender
  by its own client; RSS, REST and patches by curl.
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


def section(bench):
    tables, emulated, source = [], [], ""
    for short, title in ((True, "Bodies of at most 1,900 characters"), (False, "Bodies of full length")):
        cases, table, slow, source = run(os.path.join(bench.folder, f"c{short}"), bench.bin, short, bench.say)
        tables.append(f"### {title}\n" + text(cases, table))
        emulated = emulated or slow
    head = INTRODUCTION.format(source=source, emulated=emulated_text(emulated))
    return "\n\n".join([head.strip(), *tables, "The programs: " + versions() + "."])


def versions(names=("git", "rsync", "zsync", "xdelta3", "nginx-light", "curl")):
    lines = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *names], stdout=subprocess.PIPE)
    return ", ".join(lines.stdout.decode().split("\n")).rstrip(", ")


def replicas(folder, bin, case):
    """A newsroom at the case's new state, and a replica at its old one."""
    room = Newsroom(os.path.join(folder, "newsroom"), bin)
    replica = os.path.join(folder, "replica.db")
    if case.old:
        room.publish(list(case.old.values()))
        with room:
            sync(bin, replica, room.port, room.key)
    if case.changed:
        room.publish(case.changed)
    for name in case.withdrawn:
        room.retract(name)
    return room, replica


def le_fil(folder, bin, case, lines=()):
    """The count of one sync, and the same again over emulated lines."""
    os.makedirs(folder)
    room, replica = replicas(folder, bin, case)
    with room:
        counts = []
        for index, line in enumerate([None, *lines]):
            copy = f"{replica}.{index}"
            copy_replica(replica, copy)
            counts.append(measure(
                room.port, lambda at: check_complete(sync(bin, copy, at, room.key)), line))
        version = len(case.old) + 1 if case.old else 0
        # The same question, for codec 1; where there is nothing new the codec makes no difference.
        path = f"/fil/v1/sync/{version}/all/0"
        deflate = counts[0] if case.letter == "a" else measure(
            room.port, lambda at: check(
                ["curl", "-sf", "-o", os.devnull, "-H", "User-Agent:", f"http://127.0.0.1:{at}{path}"]))
        return counts, deflate


def check_complete(report):
    if not report.get("complete"):
        raise RuntimeError(f"the sync did not complete: {report}")


NAMES = [
    ("le Fil", None), ("le Fil, codec 1", None), ("git fetch (smart HTTP)", "git"), ("rsync -z, articles as files", "files"),
    ("rsync -z, SQLite file", "database"), ("zsync, SQLite file", "zsync"),
    ("xdelta3, one patch per pair", "xdelta3"), ("RSS, conditional, gzip", "rss"),
    ("REST modified_after, gzip", "rest"), ("REST, with the list of ids", "ids"),
]


def run(folder, bin, short, say):
    """Rows of the table: {contender: {case letter: count}}, and emulated runs of case c."""
    rows, source = articles.load(short)
    table = {name: {} for name, _ in NAMES}
    emulated = []
    for case in articles.cases(rows):
        place = os.path.join(folder, case.letter)
        lines = ("2g", "edge") if case.letter == "c" else ()
        counts, table["le Fil, codec 1"][case.letter] = le_fil(place + "-fil", bin, case, lines)
        table["le Fil"][case.letter] = counts[0]
        emulated += [("le Fil", line, counts[0], slow) for line, slow in zip(lines, counts[1:])]
        bench = Bench(place, case)
        for name, kind in NAMES[2:]:
            say(f"{'short' if short else 'full'} ({case.letter}) {name}")
            if kind == "git":
                fetch = bench.git()
                count = fetch()
                emulated += [(name, line, count, fetch(line)) for line in lines]
            elif kind in ("files", "database"):
                count = bench.rsync(kind)
            elif kind == "ids":
                count = bench.rest(True)
            elif kind == "rest":
                count = bench.rest(False)
            else:
                count = getattr(bench, kind)()
            table[name][case.letter] = count
    return articles.cases(rows), table, emulated, source


def text(cases, table):
    """The rows as Markdown."""
    lines = []
    for case in cases:
        lines += [f"\n**({case.letter}) {case.title}**\n",
                  "| | bytes up | bytes down | both | turns | connections | s on 2g | s on edge |",
                  "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
        for name, row in table.items():
            count = row[case.letter]
            note = ""
            if name.startswith("RSS") and (len(case.changed) > 10 or case.withdrawn):
                note = " ¹"
            if name.startswith("REST modified") and case.withdrawn:
                note = " ²"
            lines.append(
                f"| {name}{note} | {count.up:,} | {count.down:,} | {count.total:,} | {count.turns} | "
                f"{count.connections} | {seconds('2g', count):.1f} | {seconds('edge', count):.1f} |")
    return "\n".join(lines)


def emulated_text(emulated):
    lines = ["| case (c) | line | by the formula, s | through the line, s |", "| --- | --- | ---: | ---: |"]
    for name, line, plain, slow in emulated:
        lines.append(f"| {name} | {line} | {seconds(line, plain):.1f} | {slow.took:.1f} |")
    return "\n".join(lines)
