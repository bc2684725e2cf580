"""A newsroom of the samples, replicas of it, and kiosks that show them, on 127.0.0.1."""

import atexit
import glob
import os
import re
import shutil
import subprocess
import tempfile
import time

BIN = os.environ.get("FIL_BIN", ".build/release")
SAMPLES = "Server/Samples"


def run(program, *words):
    done = subprocess.run([f"{BIN}/{program}", *words], capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise AssertionError(f"{program} {words[0]}: status {done.returncode}: {done.stderr.strip()}")
    return done.stdout


class Served:
    """A program that listens, until it is stopped."""

    def __init__(self, program, *words, env=None):
        self.process = subprocess.Popen(
            [f"{BIN}/{program}", *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={**os.environ, **(env or {})})
        atexit.register(self.stop)
        found = re.search(r"http://\S+?:\d+", self.process.stdout.readline())
        if not found:
            raise AssertionError(f"{program} does not say where it listens")
        self.url = found.group(0)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise AssertionError("it did not stop within 10 s of SIGTERM") from None
        self.process.stdout.close()


class Stall:
    """`all.db` holds everything, `few.db` the texts of one section."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="fil-browser-")
        atexit.register(shutil.rmtree, self.folder, True)
        newsroom = f"{self.folder}/newsroom"
        run("fil-server", "init", newsroom, "--origin", "askia24.example/fil", "--name", "Askia 24 (exemple)")
        run("fil-server", "masthead", newsroom, f"{SAMPLES}/masthead.md")
        run("fil-server", "publish", newsroom, *sorted(glob.glob(f"{SAMPLES}/[0-9]*.md")))
        correction = glob.glob(f"{SAMPLES}/corrections/02-*.md")[0]
        run("fil-server", "correct", newsroom, "2", correction, "--note", "Le prix du mil était faux (exemple)")
        run("fil-server", "retract", newsroom, "24", "--reason", "Publié deux fois (exemple)")
        key = run("fil-server", "key", newsroom).strip().splitlines()[-1]
        source = Served("fil-server", "serve", newsroom, "--listen", "127.0.0.1:0")
        for name, more in (("all", []), ("few", ["--sections", "culture"])):
            run("fil", "sync", f"{self.folder}/{name}.db", "--from", source.url, "--key", key, *more)
        source.stop()

    def kiosk(self, name="all", *words):
        return Served("fil", "kiosk", f"{self.folder}/{name}.db", "--listen", "127.0.0.1:0", *words)


def wait_until(condition, seconds=10):
    """Looks again and again; fails when it has not become true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it did not happen in time")
        time.sleep(0.05)
