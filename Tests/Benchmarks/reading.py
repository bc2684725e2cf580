"""How long readers wait while a sync writes: queries of another process, with and without one."""

import os
import random
import sqlite3
import statistics
import subprocess
import time

import articles
from lefil import Newsroom, sync

TITLE = "Reading while a sync writes"

ARTICLES, HELD, QUERIES = 5_400, 400, 10_000

INTRODUCTION = """{queries:,} queries of another process (Python's sqlite3, read-only): the newest twenty
headlines, one article with its text, a search, in turn; once while nothing is written, once while `fil sync`
brings {new:,} articles. Times are those of this machine; look at the ratio.
"""


def section(bench):
    bench.say(f"a newsroom of {ARTICLES:,} articles")
    rows = articles.mixed(ARTICLES)
    room = Newsroom(os.path.join(bench.folder, "newsroom"), bench.bin)
    replica = os.path.join(bench.folder, "replica.db")
    room.publish(rows[:HELD])
    with room:
        sync(bench.bin, replica, room.port, room.key)
    for start in range(HELD, ARTICLES, 500):
        room.publish(rows[start:start + 500])
    with room:
        bench.say("queries without a sync")
        quiet = queries(replica, lambda: True)
        bench.say("queries during a sync")
        words = [os.path.join(bench.bin, "fil"), "sync", replica, "--from",
                 f"http://127.0.0.1:{room.port}", "--key", room.key, "--json"]
        writer = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        busy = queries(replica, lambda: writer.poll() is None)
        if writer.wait() != 0:
            raise RuntimeError(f"fil sync ended with {writer.returncode}")
    held = sqlite3.connect(f"file:{replica}?mode=ro", uri=True).execute("SELECT count(*) FROM body").fetchone()
    if held[0] < ARTICLES:
        raise RuntimeError(f"only {held[0]} bodies came")
    return INTRODUCTION.format(queries=QUERIES, new=ARTICLES - HELD) + "\n" + text(quiet, busy)


def queries(replica, goes_on):
    """The seconds of each query, sorted, and how many were made while `goes_on` said so."""
    connection = sqlite3.connect(f"file:{replica}?mode=ro", uri=True, timeout=30)
    dice, times, during = random.Random(5), [], 0
    kinds = [
        ("SELECT number, title, summary FROM article WHERE kind = 1 ORDER BY published DESC LIMIT 20", lambda: ()),
        ("SELECT title, text FROM article JOIN body ON hash = shown WHERE number = ?",
         lambda: (dice.randint(1, HELD),)),
        ("SELECT rowid FROM search WHERE search MATCH 'marché' ORDER BY rank LIMIT 10", lambda: ()),
    ]
    for turn in range(QUERIES):
        sql, values = kinds[turn % 3]
        during += goes_on()
        start = time.perf_counter()
        connection.execute(sql, values()).fetchall()
        times.append(time.perf_counter() - start)
    connection.close()
    return sorted(times), during


def text(quiet, busy):
    lines = ["| | median, ms | 99 %, ms | slowest, ms | made during the sync |", "| --- | ---: | ---: | ---: | ---: |"]
    place = lambda times, share: times[int((len(times) - 1) * share)] * 1_000
    for name, (times, during), shown in (("without a sync", quiet, False), ("during a sync", busy, True)):
        lines.append(
            f"| {name} | {place(times, 0.5):.2f} | {place(times, 0.99):.2f} | {place(times, 1):.1f} "
            f"| {f'{during:,}' if shown else '–'} |")
    ratio = [busy[0][int((QUERIES - 1) * share)] / quiet[0][int((QUERIES - 1) * share)] for share in (0.5, 0.99, 1)]
    lines.append("| ratio | " + " | ".join(f"{r:.2f}" for r in ratio) + " | |")
    return "\n".join(lines)
