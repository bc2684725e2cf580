"""The newsroom and the replica under test."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile

from articles import line


def free_port():
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A program that runs until it is told to stop; `with` stops it, by its own number."""

    def __init__(self, words, **options):
        self.process = subprocess.Popen(words, **options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def check(words, **options):
    """Runs a command that must succeed; its output."""
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{words[:3]} ended with {done.returncode}: {done.stderr[-600:]!r}")
    return done.stdout.decode()


def weighed(words):
    """What a command that must succeed prints, its CPU seconds, and the most memory it held in MiB.

    By time(1), which is small: what the kernel says of a process begins with the size of the one that started it.
    """
    with tempfile.NamedTemporaryFile() as told:
        done = subprocess.run(
            ["time", "-q", "-o", told.name, "-f", "%U %S %M", *words], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
        if done.returncode != 0:
            raise RuntimeError(f"{words[:3]} ended with {done.returncode}")
        user, system, most = told.read().split()
    return done.stdout, float(user) + float(system), int(most) / 1024


class Newsroom:
    def __init__(self, folder, bin):
        self.folder, self.bin, self.numbers = folder, bin, {}
        self.command("init", folder, "--origin", "essai.example/fil", "--name", "Essai")
        self.key = self.command("key", folder).strip().splitlines()[-1]
        self.server = None

    def command(self, *words):
        return check([os.path.join(self.bin, "fil-server"), *words])

    def publish(self, rows):
        path = self.folder + ".jsonl"
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(line(row) for row in rows)
        answers = json.loads(self.command("publish", self.folder, "--jsonl", path, "--json"))
        for row, answer in zip(rows, answers):
            self.numbers[row["id"]] = answer["number"]

    def retract(self, name):
        self.command("retract", self.folder, str(self.numbers[name]), "--reason", "Publié deux fois")

    def serve(self):
        words = [os.path.join(self.bin, "fil-server"), "serve", self.folder, "--listen", "127.0.0.1:0"]
        self.server = Process(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for _ in range(20):
            found = re.search(r"http://127\.0\.0\.1:(\d+)", self.server.process.stdout.readline())
            if found:
                self.port = int(found.group(1))
                return self
        raise RuntimeError("fil-server did not say where it listens")

    def __enter__(self):
        return self.serve()

    def __exit__(self, *_):
        self.server.stop()


def sync(bin, replica, port, key, must=True):
    """One sync; its report."""
    words = [os.path.join(bin, "fil"), "sync", replica, "--from", f"http://127.0.0.1:{port}",
             "--key", key, "--json"]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if must and done.returncode != 0:
        raise RuntimeError(f"fil sync ended with {done.returncode}: {done.stdout[-400:]!r}")
    try:
        return json.loads(done.stdout)
    except ValueError:
        return {"error": {"code": f"status {done.returncode}"}}


def copy_replica(replica, copy):
    for suffix in ("", "-wal"):
        if os.path.exists(replica + suffix):
            shutil.copy(replica + suffix, copy + suffix)
