"""A newsroom on this machine, served by the real program, with the sample articles."""

import os
import pathlib
import re
import subprocess
from dataclasses import dataclass

import pytest

import fil

ROOT = pathlib.Path(__file__).resolve().parents[3]
SAMPLES = sorted((ROOT / "Server/Samples").glob("[0-9]*.md"))


@dataclass
class Newsroom:
    folder: pathlib.Path
    url: str
    key: str

    def run(self, command, *arguments):
        return run("fil-server", command, self.folder, *arguments)


def run(program, *arguments):
    binary = pathlib.Path(os.environ["FIL_BIN"]) / program
    done = subprocess.run([binary, *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def newsroom(tmp_path):
    folder = tmp_path / "newsroom"
    run("fil-server", "init", folder, "--origin", "essai.example/fil", "--name", "Essai")
    run("fil-server", "masthead", folder, ROOT / "Server/Samples/masthead.md")
    run("fil-server", "publish", folder, *SAMPLES)
    key = run("fil-server", "key", folder).split("\n")[-2]
    server = subprocess.Popen(
        [pathlib.Path(os.environ["FIL_BIN"]) / "fil-server", "serve", folder, "--listen", "127.0.0.1:0"],
        stdout=subprocess.PIPE,
        text=True,
    )
    line = server.stdout.readline()
    url = re.search(r"http://127\.0\.0\.1:\d+", line)
    assert url, line
    yield Newsroom(folder, url[0], key)
    server.terminate()
    assert server.wait(20) == 0
    server.stdout.close()


@pytest.fixture
def replica(tmp_path, newsroom):
    """A replica that is synced."""
    with fil.Replica(tmp_path / "gao.db", newsroom.key) as opened:
        opened.sync(newsroom.url)
        yield opened
