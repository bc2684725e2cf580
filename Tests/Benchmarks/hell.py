"""A gap of 200 KB over the line `enfer`, many seeds, also with the client killed."""

import concurrent.futures
import os
import random
import re
import statistics
import subprocess
import threading
import time

import articles
from lefil import Newsroom, Process, copy_replica, sync
from meter import measure

# How many times as fast the line is: not so fast that the clients wait for a core, since what waits in the kernel
# when a reset comes is lost. At its true speed where the client is killed, whose start takes real time.
FASTER, FASTER_KILLED = 10, 1
KILL_EVERY = 8.0
# A start reads the spool again, and two cores serve so many.
PARALLEL = 8
# The newest articles, of full length, that make a gap of 200 KB.
GAP = 176

TITLE = "A gap of 200 KB over `enfer`"

INTRODUCTION = """`fil-weaklink --profile enfer`: 35/32 kbit/s, 1,300 ms, each connection cut after an
exponential time of 6 s on average, every hundredth segment a reset. {seeds} seeds. All bytes at the client's
socket, beside those of the same sync without a cut = 1. *Again* are bytes of an object that reached the
client's socket twice. The line runs {faster} times as fast as it should; at its true speed where `fil` is killed
(SIGKILL, after an exponential time of {every:.0f} s) and started again, since its start takes real time. The proxy's counts are TCP's payload: no IP, no retransmissions.
"""

WHY = "Why a kill costs what it does: `Protocol/Decisions/0018-what-a-kill-costs.md`."


def section(bench):
    found = run(os.path.join(bench.folder, "hell"), bench.bin, bench.seeds, bench.say)
    head = INTRODUCTION.format(
        seeds=bench.seeds, faster=FASTER, every=KILL_EVERY)
    return head + "\n" + text(*found) + f"\n\n{WHY}"


def prepare(folder, bin):
    """A served newsroom and a replica that lacks about 200 KB of it."""
    rows, _ = articles.load(False)
    os.makedirs(folder)
    room = Newsroom(os.path.join(folder, "newsroom"), bin)
    room.publish(rows[:len(rows) - GAP])
    replica = os.path.join(folder, "replica.db")
    with room:
        sync(bin, replica, room.port, room.key)
    room.publish(rows[len(rows) - GAP:])
    return room, replica


def one(folder, bin, room, replica, seed, kills):
    """Syncs again and again until all is there: bytes at the client's socket, starts, again."""
    copy = os.path.join(folder, f"{'k' if kills else 'e'}{seed}.db")
    copy_replica(replica, copy)
    faster = FASTER_KILLED if kills else FASTER
    words = [os.path.join(bin, "fil-weaklink"), "--profile", "enfer", "--faster", str(faster),
             "--seed", str(seed), "--to", f"127.0.0.1:{room.port}"]
    dice = random.Random(seed)
    line = Process(words, stdout=subprocess.PIPE, text=True)
    with line:
        port = int(line.process.stdout.readline().rsplit(":", 1)[1])
        starts, done, killed = 0, False, 0
        for _ in range(400):
            starts += 1
            client = subprocess.Popen(
                [os.path.join(bin, "fil"), "sync", copy, "--from", f"http://127.0.0.1:{port}",
                 "--key", room.key, "--json"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            life = dice.expovariate(1 / KILL_EVERY) / faster if kills else 120
            try:
                done = client.wait(life) == 0
            except subprocess.TimeoutExpired:
                # This process and no other.
                client.kill()
                client.wait()
                killed += 1
            if done:
                break
        line.stop()
        counts = line.process.stdout.read()
    numbers = [int(re.search(rf"^{name}: (\d+)", counts, re.M).group(1))
               for name in ("bytes up", "bytes down")]
    again = int(re.search(r"(\d+) of them again", counts).group(1))
    links = int(re.search(r"^connections: (\d+)", counts, re.M).group(1))
    return done, sum(numbers), again, links, killed


def run(folder, bin, seeds, say):
    room, replica = prepare(folder, bin)
    found = []
    with room:
        copy = replica + ".plain"
        copy_replica(replica, copy)
        plain = measure(room.port, lambda at: sync(bin, copy, at, room.key))
        for kills in (False, True):
            say(f"enfer, {seeds} seeds{', with kills' if kills else ''}")
            with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
                ends = list(pool.map(
                    lambda seed: one(folder, bin, room, replica, seed, kills), range(seeds)))
            found.append((kills, ends))
    return plain, found


def text(plain, found):
    lines = [f"Without a cut: {plain.total:,} bytes both ways.\n",
             "| | complete | fewest | median | 90 % | worst | bytes again, median | worst "
             "| connections, median | kills, median |",
             "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for kills, ends in found:
        ratio = sorted(end[1] / plain.total for end in ends)
        again = sorted(end[2] for end in ends)
        middle = lambda place: statistics.median(end[place] for end in ends)
        lines.append(
            f"| {'enfer and SIGKILL' if kills else 'enfer'} | {sum(end[0] for end in ends)} of "
            f"{len(ends)} | {ratio[0]:.3f} | {statistics.median(ratio):.3f} | "
            f"{ratio[int(len(ratio) * 0.9)]:.3f} | {ratio[-1]:.3f} | {middle(2):,.0f} | {again[-1]:,} "
            f"| {middle(3):.0f} | {middle(4):.0f} |")
    return "\n".join(lines)
