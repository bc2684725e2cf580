"""Pages of a replica of many articles, beside datasette with the same file."""

import http.client
import os
import re
import shutil
import signal
import statistics
import subprocess
import time

TITLE = "A newspaper of 100,000 articles"

INTRODUCTION = """`fil kiosk` and datasette (PyPI, 0.65.1) with the same SQLite file, {readers} readers at once
(`wrk -t1 -c{readers}`, {rounds} rounds of {seconds} s in turn; medians), milliseconds on two shared cores: trust
their ratios. Articles, sections and rare words are different ones each time. *With syncs under way*: the kiosk
fetches 20 new articles every second or two meanwhile, with codec 2. The articles are mixed of the sentences of
Server/Samples (`fil-crowd`).
"""

ARTICLES = 100_000
ROUNDS, SECONDS, READERS = 3, 4, 50
DATASETTE = ".build/bench/bin/datasette"


def section(bench):
    found = run(os.path.join(bench.folder, "kiosk"), bench.bin, ARTICLES, bench.say)
    return INTRODUCTION.format(readers=READERS, rounds=ROUNDS, seconds=SECONDS) + "\n" + text(*found)


class Program:
    """A program that listens, and what it costs."""

    def __init__(self, words, pattern):
        self.began = time.monotonic()
        self.log = subprocess.PIPE
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.port = None
        for line in self.process.stdout:
            found = re.search(pattern, line)
            if found:
                self.port = int(found.group(1))
                break
        if self.port is None:
            raise RuntimeError(f"{words[0]} does not say where it listens")

    def until_first_page(self, path):
        """Seconds from the start of the process to a first whole page."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if ask(self.port, path)[0] == 200:
                    return time.monotonic() - self.began
            except OSError:
                time.sleep(0.01)
        raise RuntimeError("no page came within a minute")

    def memory(self, what="VmRSS"):
        """Megabytes."""
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as file:
            return int(re.search(rf"{what}:\s+(\d+)", file.read()).group(1)) / 1000

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def ask(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, len(body)


def script(folder, name, expression):
    """A script for wrk that asks for another page each time."""
    path = os.path.join(folder, f"{name}.lua")
    with open(path, "w", encoding="utf-8") as file:
        file.write(
            "math.randomseed(7)\nlocal n = 0\nrequest = function()\n  n = n + 1\n"
            f"  return wrk.format('GET', {expression})\nend\n")
    return path


def load(port, lua, seconds=SECONDS):
    """Milliseconds of the median and of the slowest hundredth, and pages per second, with 50 readers."""
    text = subprocess.run(
        ["wrk", "-t1", f"-c{READERS}", f"-d{seconds}s", "--timeout", "30s", "--latency", "-s", lua,
         f"http://127.0.0.1:{port}/"], check=True, stdout=subprocess.PIPE).stdout.decode()
    if "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(f"wrk: {text}")
    units = {"us": 0.001, "ms": 1.0, "s": 1000.0}

    def percentile(name):
        number, unit = re.search(rf"{name}%\s+([\d.]+)(us|ms|s)", text).groups()
        return float(number) * units[unit]

    return percentile("50"), percentile("99"), float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))


def pages(folder, count):
    """[(what, our page, datasette's page for the same)] as scripts; an article each time another one."""
    word = "mot' .. math.random(0, 9999) .. '"
    number = f"' .. math.random(1, {count}) .. '"
    section = "({'nord-actu','politique','securite','culture','sante'})[n % 5 + 1]"
    order = "_sort_desc=published&_size=20&_nocount=1&_nofacet=1&_nosuggest=1"
    table = "/replica/article_text"
    found = [
        ("home", "'/'", f"'/replica/article?flags=2&{order}'"),
        ("a section", f"'/rubrique/' .. {section}", f"'/replica/article?section=' .. {section} .. '&{order}'"),
        ("an article", f"'/article/{number}'", f"'{table}?number={number}&_nocount=1&_nofacet=1&_nosuggest=1'"),
        ("a search, a rare word", f"'/recherche?q={word}'",
         f"'/replica/article?_fts_table=search&_fts_pk=number&_search={word}&_size=20&_nocount=1&_nofacet=1&_nosuggest=1'"),
        ("a search, a word of every tenth article", "'/recherche?q=fleuve'",
         f"'/replica/article?_fts_table=search&_fts_pk=number&_search=fleuve&_size=20&_nocount=1&_nofacet=1&_nosuggest=1'"),
    ]
    return [
        (what, script(folder, f"fil{i}", ours), script(folder, f"datasette{i}", theirs))
        for i, (what, ours, theirs) in enumerate(found)
    ]


def run(folder, bin, count, say):
    """The table's rows, and what else was measured, in words."""
    os.makedirs(folder)
    say(f"kiosk: {count} articles are published")
    crowd = Program(
        [f"{bin}/fil-crowd", "make", folder, "--articles", str(count)], r"listening on http://127\.0\.0\.1:(\d+)")
    replica = os.path.join(folder, "replica.db")
    facts = {"size": os.path.getsize(replica) / 1e6}
    say("kiosk: the replica is verified")
    subprocess.run([f"{bin}/fil", "verify", replica], check=True, stdout=subprocess.DEVNULL)
    # Datasette reads a copy: the kiosk syncs into its own meanwhile.
    copy = os.path.join(folder, "datasette")
    os.makedirs(copy)
    subprocess.run(["/usr/bin/python3", "-c", (
        "import sqlite3,sys; a=sqlite3.connect(sys.argv[1]); b=sqlite3.connect(sys.argv[2]); a.backup(b); b.close()"),
        replica, f"{copy}/replica.db"], check=True)
    serve = [f"{bin}/fil", "kiosk", replica, "--listen", "127.0.0.1:0"]
    listening = r"http://127\.0\.0\.1:(\d+)"
    other = [DATASETTE, "serve", f"{copy}/replica.db", "--port", "0", "--setting", "sql_time_limit_ms", "60000",
             "--setting", "num_sql_threads", "4"]
    with crowd:
        starts = []
        for words, path in ((serve, "/"), (other, "/replica/article?_size=1&_nocount=1")):
            times = []
            for _ in range(3):
                with Program(words, listening) as program:
                    times.append(program.until_first_page(path))
                    idle = program.memory()
            starts.append((statistics.median(times), idle))
        facts["starts"] = starts
        say(f"kiosk: seconds to the first page, megabytes idle: ours and datasette's {starts}")
        rows = []
        with Program(serve, listening) as ours, Program(other, listening) as theirs:
            for what, mine, its in pages(folder, count):
                say(f"kiosk: {what}, beside datasette")
                rounds = [(load(ours.port, mine), load(theirs.port, its)) for _ in range(ROUNDS)]
                rows.append([what] + [
                    [statistics.median(round[side][k] for round in rounds) for k in range(3)]
                    for side in (0, 1)])
                say(f"kiosk: p50, p99, pages/s {rows[-1][1]}, datasette {rows[-1][2]}")
            facts["peak"] = (ours.memory("VmHWM"), theirs.memory("VmHWM"))
        syncing = [*serve, "--sync-every", "1s", "--from", f"http://127.0.0.1:{crowd.port}"]
        with Program(syncing, listening) as ours:
            for row, (what, mine, _) in zip(rows, pages(folder, count)):
                say(f"kiosk: {what}, with syncs under way")
                row.append(load(ours.port, mine, SECONDS * 2))
                say(f"kiosk: p50, p99, pages/s {row[-1]}")
            facts["syncing"] = ours.memory("VmHWM")
        # What was synced meanwhile is there, and true.
        done = subprocess.run([f"{bin}/fil", "status", replica, "--json"], check=True, stdout=subprocess.PIPE)
        facts["synced"] = int(re.search(rb'"articles":(\d+)', done.stdout).group(1)) - count
        if facts["synced"] <= 0:
            raise RuntimeError("nothing was synced while readers read")
    shutil.rmtree(folder, ignore_errors=True)
    return rows, facts


def text(rows, facts):
    lines = [
        "| page | kiosk p50 / p99 | with syncs under way | datasette p50 / p99 | pages/s, datasette = 1 |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for what, ours, theirs, syncing in rows:
        both = lambda found: f"{found[0]:,.1f} / {found[1]:,.1f}"
        # A round in which no page came at all has no median.
        other, ratio = (both(theirs), f"{ours[2] / theirs[2]:.1f}") if theirs[2] else (f"> {SECONDS} s", "")
        lines.append(f"| {what} | {both(ours)} | {both(syncing)} | {other} | {ratio} |")
    (start, idle), (their_start, their_idle) = facts["starts"]
    lines.append(
        f"\nStart to first page: {start:.2f} s, datasette {their_start:.2f} s. Memory idle after one page: "
        f"{idle:.0f} MB, datasette {their_idle:.0f} MB; the most under this load: {facts['peak'][0]:.0f} MB, datasette "
        f"{facts['peak'][1]:.0f} MB; with syncs under way {facts['syncing']:.0f} MB. The replica has "
        f"{facts['size']:,.0f} MB; {facts['synced']} articles were synced while pages were read.")
    return "\n".join(lines)
