"""What a sync takes of a machine: CPU seconds, instructions, memory; and a server under many of them."""

import http.client
import os
import re
import subprocess

import articles
from lefil import Newsroom, copy_replica, sync, weighed
from serving import ticks

TITLE = "What a sync takes of a machine"

ARTICLES, CLIENTS = 5_400, 1_000

INTRODUCTION = """One `fil sync` with codec 2, as a whole process: user and system CPU seconds and the most
memory it held (time(1)), and instructions (callgrind, which repeats) where that is affordable. Memory does
not grow with the delta. Then {clients:,} clients in a row at one server: each polls (304), and every tenth
comes from 12 articles ago and takes the delta.
"""


def section(bench):
    bench.say(f"a newsroom of {ARTICLES:,} articles")
    rows = articles.mixed(ARTICLES)
    room = Newsroom(os.path.join(bench.folder, "newsroom"), bench.bin)
    base = {}
    for name, count in (("400", 400), ("of 12", ARTICLES - 12), ("none", ARTICLES)):
        start = sum(1 for _ in room.numbers)
        for at in range(start, count, 500):
            room.publish(rows[at:min(at + 500, count)])
        replica = os.path.join(bench.folder, f"{name.replace(' ', '-')}.db")
        with room:
            sync(bench.bin, replica, room.port, room.key)
        base[name] = replica
    fresh = os.path.join(bench.folder, "fresh.db")
    with room:
        found = []
        for what, replica, counted in (
                ("nothing new", base["none"], True), ("12 articles after 5,388", base["of 12"], True),
                ("5,000 articles after 400", base["400"], False), ("5,400 articles, a first copy", fresh, False)):
            bench.say(what)
            found.append((what, *weigh(bench, room, replica), instructions(bench, room, replica, counted)))
        bench.say(f"{CLIENTS:,} clients")
        server = crowd(room)
    return INTRODUCTION.format(clients=CLIENTS) + "\n" + text(found, server)


def command(bench, room, replica):
    return [os.path.join(bench.bin, "fil"), "sync", replica, "--from", f"http://127.0.0.1:{room.port}",
            "--key", room.key, "--json"]


def weigh(bench, room, replica):
    """CPU seconds and peak memory in MiB of one sync of a copy of `replica`."""
    copy = replica + ".weighed"
    copy_replica(replica, copy)
    return weighed(command(bench, room, copy))[1:]


def instructions(bench, room, replica, counted):
    """Millions of instructions of one sync of a copy of `replica`."""
    if not counted:
        return None
    copy = replica + ".counted"
    copy_replica(replica, copy)
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={os.devnull}", *command(bench, room, copy)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    count = re.search(rb"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not count:
        raise RuntimeError(f"valgrind ended with {done.returncode}: {done.stderr[-400:]!r}")
    return int(count.group(1)) / 1e6


def crowd(room):
    """What the clients cost the server: CPU milliseconds a client, and memory before and after in MiB."""
    pid = room.server.process.pid
    head = ARTICLES + 1

    def ask(path, tag=None):
        connection = http.client.HTTPConnection("127.0.0.1", room.port, timeout=60)
        connection.request("GET", path, headers={"If-None-Match": tag} if tag else {})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    tag = ask(f"/fil/v1/sync/{head}/all.c2/0").headers["ETag"]
    delta = f"/fil/v1/sync/{head - 12}/all.c2/0"
    ask(delta)
    before, used = memory(pid), ticks(pid)
    for client in range(CLIENTS):
        status = ask(delta).status if client % 10 == 9 else ask(f"/fil/v1/sync/{head}/all.c2/0", tag).status
        if status != (200 if client % 10 == 9 else 304):
            raise RuntimeError(f"client {client}: {status}")
    spent = (ticks(pid) - used) / os.sysconf("SC_CLK_TCK")
    return spent / CLIENTS * 1_000, before, memory(pid)


def memory(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) / 1024


def text(found, server):
    lines = ["| a sync of | CPU, s | instructions, millions | most memory, MiB |", "| --- | ---: | ---: | ---: |"]
    for what, cpu, peak, count in found:
        lines.append(f"| {what} | {cpu:.2f} | {f'{count:,.0f}' if count else '–'} | {peak:.0f} |")
    lines += ["", f"The server: {server[0]:.2f} ms of CPU a client; {server[1]:.0f} MiB before the first and "
                  f"{server[2]:.0f} MiB after the last."]
    return "\n".join(lines)
