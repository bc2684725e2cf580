"""What embedding costs: sizes on disk, start-up and memory, beside a C program over SQLite and curl alone."""

import os
import re
import statistics
import subprocess
import time

import articles
import lefil

TITLE = "What it costs to embed"

INTRODUCTION = """Telling where a replica of {articles} articles stands: `small.c` and `embedded.c` of Tests/Benchmarks,
and `fil` with Swift's runtime inside; all stripped. Start to end and CPU are those of the first row = 1, medians
of {rounds} runs, turn by turn. Waiting is with the replica open and watched: memory *in use* (RSS), the same with
libraries *shared out* among those who use them (PSS), and *its own*, private and written to. The size over libfil
is that of the library with its program; SQLite and curl are not in it.
"""

ROUNDS = 101
ARTICLES = 200


def section(bench):
    found = run(os.path.join(bench.folder, "embed"), bench.bin, bench.say)
    return INTRODUCTION.format(articles=ARTICLES, rounds=ROUNDS) + "\n" + text(found)


def run(folder, bin, say):
    """Rows of (name, size on disk, start-up, CPU, memory while it waits)."""
    root = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
    os.makedirs(folder, exist_ok=True)
    replica = make_replica(folder, bin, say)
    say("the C library and fil with Swift's runtime inside")
    static = ["swift", "build", "-c", "release", "--scratch-path", ".build/static", "--static-swift-stdlib",
              "-Xswiftc", "-static-stdlib", "--product", "fil"]
    subprocess.run(static, cwd=root, check=True, stdout=subprocess.DEVNULL)
    subprocess.run([".ci/libfil"], cwd=root, check=True, stdout=subprocess.DEVNULL)
    library = os.path.join(root, ".build/static/libfil")
    fil = os.path.join(folder, "fil")
    subprocess.run(["strip", "-o", fil, os.path.join(root, ".build/static/release/fil")], check=True)
    small, embedded = compile(root, folder, library)
    os.environ["LD_LIBRARY_PATH"] = library
    contenders = [
        ("C over SQLite and curl", [small, replica], [small, replica, "wait"], os.path.getsize(small)),
        ("C over libfil", [embedded, replica], [embedded, replica, "wait"],
         os.path.getsize(embedded) + os.path.getsize(os.path.join(library, "libfil.so.1"))),
        ("`fil status`, `fil serve-stdio`", [fil, "status", replica], [fil, "serve-stdio", replica], os.path.getsize(fil)),
    ]
    times = {name: [] for name, *_ in contenders}
    for number in range(ROUNDS):
        # Turn by turn, so that a busy moment of the machine meets all alike.
        for name, words, _, _ in contenders:
            times[name].append(start(words))
        if number % 20 == 0:
            say(f"start-up, round {number + 1} of {ROUNDS}")
    rows = []
    for name, _, waiting, size in contenders:
        seconds, cpu = (statistics.median(column) for column in zip(*times[name]))
        rows.append((name, size, seconds, cpu, *idle(waiting)))
    return rows


def make_replica(folder, bin, say):
    say(f"a replica of {ARTICLES} articles")
    rows, _ = articles.load(True)
    replica = os.path.join(folder, "replica.db")
    newsroom = lefil.Newsroom(os.path.join(folder, "newsroom"), bin)
    newsroom.publish(rows[:ARTICLES])
    with newsroom:
        lefil.sync(bin, replica, newsroom.port, newsroom.key)
    return replica


def compile(root, folder, library):
    programs = []
    for name, flags in (("small", ["-lsqlite3", "-lcurl"]), ("embedded", [f"-I{library}", f"-L{library}", "-lfil"])):
        program = os.path.join(folder, name)
        source = os.path.join(root, "Tests/Benchmarks", name + ".c")
        subprocess.run(["gcc", "-O2", "-s", "-o", program, source, *flags], check=True)
        programs.append(program)
    return programs


def start(words):
    """Seconds by the clock and of CPU of one run to its end."""
    before = time.monotonic()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{words[0]} ended with status {process.returncode}")
    return time.monotonic() - before, usage.ru_utime + usage.ru_stime


def idle(words):
    """KiB of memory once it waits: in use (RSS), with what is shared divided (PSS), its own (private and dirty)."""
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        if words[1] == "serve-stdio":
            process.stdin.write(b'{"id":1,"method":"status"}\n{"id":2,"method":"observe"}\n')
            process.stdin.flush()
            process.stdout.readline()
        process.stdout.readline()
        with open(f"/proc/{process.pid}/smaps_rollup") as file:
            found = dict(re.findall(r"(\w+): +(\d+) kB", file.read()))
        process.stdin.close()
        process.wait(20)
    return int(found["Rss"]), int(found["Pss"]), int(found["Private_Dirty"])


def text(rows):
    _, base_size, base_seconds, base_cpu, *_ = rows[0]
    lines = [
        "| | on disk, MB | start to end | CPU | waiting: in use, MB | shared out, MB | its own, MB |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, size, seconds, cpu, rss, pss, own in rows:
        disk = f"{size / 1e6:.2f}" if size >= 1e5 else f"{size / 1e6:.3f}"
        lines.append(
            f"| {name} | {disk} | {seconds / base_seconds:.1f} | {cpu / base_cpu:.1f} | {rss / 1024:.1f} "
            f"| {pss / 1024:.1f} | {own / 1024:.1f} |")
    return "\n".join(lines)
