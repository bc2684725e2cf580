"""The programs of Client/Examples, run as people run them."""

import fcntl
import os
import pty
import select
import socket
import struct
import subprocess
import sys
import termios
import time

import pyte
import pytest

import fil
from conftest import ROOT, SAMPLES, run

EXAMPLES = ROOT / "Client/Examples"


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """The reader in C, compiled as its first lines say."""
    program = tmp_path_factory.mktemp("reader") / "reader"
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "fil", "ncursesw"],
        env={**os.environ, "PKG_CONFIG_PATH": os.path.dirname(os.environ["FIL_LIBRARY"])},
        capture_output=True, text=True, check=True,
    ).stdout.split()
    strict = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsanitize=address"]
    subprocess.run(["gcc", *strict, "-o", program, EXAMPLES / "reader.c", *flags, "-pthread"], check=True)
    return program


class Terminal:
    """A program on a terminal of 24 lines, and what a person sees there."""

    def __init__(self, *words):
        self.screen = pyte.Screen(90, 24)
        self.stream = pyte.ByteStream(self.screen)
        self.process, self.master = pty.fork()
        if self.process == 0:
            libraries = os.path.dirname(os.environ["FIL_LIBRARY"])
            # What ncurses keeps to the end is not the reader's leak.
            os.environ.update(
                TERM="linux", LC_ALL="C.UTF-8", LD_LIBRARY_PATH=libraries, ASAN_OPTIONS="detect_leaks=0"
            )
            os.execv(words[0], [str(word) for word in words])
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 90, 0, 0))

    def type(self, keys):
        os.write(self.master, keys.encode())

    def see(self, *texts, without="\0"):
        """Waits until all of the texts are on the screen, and one is not."""
        end = time.monotonic() + 60
        while True:
            shown = "\n".join(self.screen.display)
            if all(text in shown for text in texts) and without not in shown:
                return shown
            if not select.select([self.master], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"not seen: {texts}\n{shown}")
            try:
                self.stream.feed(os.read(self.master, 65_536))
            except OSError:
                raise AssertionError(f"it ended before: {texts}\n{shown}") from None

    def end(self):
        """The status, once the program has ended."""
        try:
            while os.read(self.master, 65_536):
                pass
        except OSError:
            pass
        os.close(self.master)
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])


def test_the_reader_syncs_reads_searches_and_sees_changes(tmp_path, newsroom, reader):
    replica = tmp_path / "gao.db"
    terminal = Terminal(reader, replica, newsroom.key, newsroom.url)
    terminal.see("Rien encore")
    terminal.type("s")
    terminal.see("version ", "octets", "20/11   Réseau faible")
    terminal.type("\n")
    terminal.see("ⵜⴰⵏⴻⵎⵎⵉⵔⵜ", without="Réseau faible")
    terminal.type("q")
    terminal.see("Réseau faible", "ⴰⵎⴰⵏ ⵉⵎⴰⵏ")
    terminal.type("\x1b[B\x1b[B\n")
    terminal.see("pièce d’identité d’un parent", without="Réseau faible")
    terminal.type("q")
    terminal.see("Réseau faible")
    terminal.type("/GREFFIER\n")
    terminal.see("/GREFFIER", "État civil", without="Réseau faible")
    terminal.type("q")
    terminal.see("Réseau faible")
    # Another program's sync is seen without a key.
    newsroom.run("retract", "29", "--reason", "doublon")
    run("fil", "sync", replica)
    terminal.see("20/11  (retiré : doublon)")
    terminal.type("q")
    assert terminal.end() == 0


def test_the_reader_stops_a_sync(tmp_path, newsroom, reader):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = "http://127.0.0.1:%d" % silent.getsockname()[1]
        terminal = Terminal(reader, tmp_path / "gao.db", newsroom.key, url)
        terminal.type("s")
        connection, _ = silent.accept()
        terminal.type("x")
        terminal.see("cancelled")
        terminal.type("s")
        again, _ = silent.accept()
        terminal.type("q")
        assert terminal.end() == 0, "leaving stops it too"
        connection.close(), again.close()


def radio(tmp_path, *words):
    done = subprocess.run(
        [sys.executable, EXAMPLES / "radio.py", tmp_path / "gao.db", tmp_path / "bulletin.txt", *words],
        capture_output=True, text=True, timeout=120,
    )
    return done, (tmp_path / "bulletin.txt").read_text() if done.returncode == 0 else ""


def test_the_radio_is_told_what_is_new_corrected_and_withdrawn(tmp_path, newsroom):
    done, text = radio(tmp_path, "--key", newsroom.key, "--from", newsroom.url, "--most", "100")
    assert done.returncode == 0, done.stderr
    assert "Tout est à jour." in text and "NOUVEAU" in text and "Le fleuve" in text
    assert text.count("(") >= len(SAMPLES)
    done, text = radio(tmp_path)
    assert "NOUVEAU" not in text and "Tout est à jour." in text
    newsroom.run("correct", "2", SAMPLES[1].parent / "corrections" / SAMPLES[1].name, "--note", "un chiffre")
    newsroom.run("retract", "5", "--reason", "doublon")
    done, text = radio(tmp_path, "--from", "http://127.0.0.1:9")
    assert "Pas de connexion" in text and "CORRIGÉ" not in text
    done, text = radio(tmp_path, "--from", newsroom.url)
    assert "NE PLUS CITER\nN° 5, retiré : doublon" in text and "Correction : un chiffre" in text
    done, text = radio(tmp_path, "--from", newsroom.url)
    assert "CITER" not in text and "CORRIGÉ" not in text


def test_the_radio_keeps_to_its_budget_and_says_what_is_wrong(tmp_path, newsroom):
    done, text = radio(tmp_path, "--key", newsroom.key, "--from", newsroom.url, "--budget", "6000")
    assert done.returncode == 0 and "budget" in text and "NOUVEAU" in text, done.stderr
    with fil.Replica(tmp_path / "gao.db") as replica:
        assert replica.status.bytes_received <= 6000
    done, _ = radio(tmp_path, "--key", "no key")
    assert done.returncode == 1 and "key" in done.stderr
