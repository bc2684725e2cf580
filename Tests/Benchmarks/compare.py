"""The first table: what each way of getting the news costs, in six cases."""

import os

import articles
from contenders import Bench
from lefil import Newsroom, copy_replica, sync
from meter import measure, seconds


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
        return counts


def check_complete(report):
    if not report.get("complete"):
        raise RuntimeError(f"the sync did not complete: {report}")


NAMES = [
    ("le Fil", None), ("git fetch (smart HTTP)", "git"), ("rsync -z, articles as files", "files"),
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
        counts = le_fil(place + "-fil", bin, case, lines)
        table["le Fil"][case.letter] = counts[0]
        emulated += [("le Fil", line, counts[0], slow) for line, slow in zip(lines, counts[1:])]
        bench = Bench(place, case)
        for name, kind in NAMES[1:]:
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
