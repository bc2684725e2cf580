"""Requests per second and CPU per request, beside nginx with the same bytes."""

import http.client
import os
import re
import statistics
import subprocess
import time

import articles
from lefil import Newsroom
from web import nginx

TITLE = "What it costs to serve"

ROUNDS, SECONDS = 5, 3

INTRODUCTION = """`wrk -t1 -c32` on this machine, {rounds} rounds of {seconds} s, each beside a round of nginx (one
worker, `sendfile`, `open_file_cache`) that serves the same bytes as a file; medians of the ratios. CPU is
user and system time of the server alone. The load generator shares the cores, so CPU per request says more.
"""


def section(bench):
    found = run(os.path.join(bench.folder, "serving"), bench.bin, bench.say)
    return INTRODUCTION.format(rounds=ROUNDS, seconds=SECONDS) + "\n" + text(found)


def ticks(pid):
    """User and system CPU of a process and of its children, in ticks."""
    total = 0
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(name) == pid or int(fields[1]) == pid:
            total += int(fields[11]) + int(fields[12])
    return total


def ask(port, path, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers=headers or {})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def load(port, path, pid, headers):
    """Requests per second, and CPU ticks per request, of one round."""
    words = ["wrk", "-t1", "-c32", f"-d{SECONDS}s"]
    for name, value in headers.items():
        words += ["-H", f"{name}: {value}"]
    before = ticks(pid)
    text = subprocess.run(
        [*words, f"http://127.0.0.1:{port}{path}"], check=True, stdout=subprocess.PIPE).stdout.decode()
    used = ticks(pid) - before
    requests = int(re.search(r"(\d+) requests in", text).group(1))
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
    # wrk counts what is neither 2xx nor 3xx apart: there must be none.
    if "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(f"wrk: {text}")
    return rate, used / requests


def run(folder, bin, say):
    """[(what, size of the body, ratio of requests per second, ratio of CPU per request)]."""
    rows, _ = articles.load(True)
    os.makedirs(folder)
    room = Newsroom(os.path.join(folder, "newsroom"), bin)
    room.publish(rows[:-60])
    for row in rows[-60:]:
        room.publish([row])
    head = len(rows) + 1
    found = []
    with room:
        # The version from which the delta comes nearest to 20 KB.
        sizes = {back: len(ask(room.port, f"/fil/v1/sync/{head - back}/all/0")[1])
                 for back in range(16, 44, 4)}
        back = min(sizes, key=lambda back: abs(sizes[back] - 20_000))
        path = f"/fil/v1/sync/{head - back}/all/0"
        root = os.path.join(folder, "root")
        os.makedirs(os.path.join(root, os.path.dirname(path).lstrip("/")))
        with open(root + path, "wb") as file:
            file.write(ask(room.port, path)[1])
        nothing = f"/fil/v1/sync/{head}/all/0"
        tag = ask(room.port, nothing)[0].headers["ETag"]
        server, port = nginx(os.path.join(folder, "nginx"), root)
        with server:
            theirs = ask(port, path)[0].headers["ETag"]
            for what, mine, headers, others in [
                ("304, nothing new", nothing, {"If-None-Match": tag}, {"If-None-Match": theirs}),
                (f"200, a delta of {sizes[back]:,} bytes", path, {}, {}),
            ]:
                say(f"serving {what}")
                expected = 304 if headers else 200
                for number, at, fields in [(room.port, mine, headers), (port, path, others)]:
                    if ask(number, at, fields)[0].status != expected:
                        raise RuntimeError(f"{at}: not {expected}")
                ratios = []
                for _ in range(ROUNDS):
                    fil = load(room.port, mine, room.server.process.pid, headers)
                    other = load(port, path, server.process.pid, others)
                    ratios.append((fil[0] / other[0], fil[1] / other[1]))
                found.append((what, *(statistics.median(column) for column in zip(*ratios))))
    return found


def text(found):
    lines = ["| answer | requests/s, nginx = 1 | CPU per request, nginx = 1 |", "| --- | ---: | ---: |"]
    lines += [f"| {what} | {rate:.2f} | {cpu:.2f} |" for what, rate, cpu in found]
    return "\n".join(lines)
