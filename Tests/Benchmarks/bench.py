"""Measures and writes BENCHMARKS.md, section by section; `run` beside it calls this.

A section is a module with `TITLE` and `section(bench)`, which returns its text in Markdown. What is not
measured in a run stays as it was.
"""

import argparse
import importlib
import os
import platform
import re
import shutil
import tempfile
import time

# In the order of the page.
SECTIONS = [
    "compare", "serving", "hell", "compressors", "zopfli", "reading", "weight", "kiosk", "importing", "embed"]

HEAD = """# Benchmarks

`make bench` installs what is compared with, builds le Fil, measures, and writes this page;
`Tests/Benchmarks/run NAME…` measures some sections only. Bytes and turns repeat from run to run; times by
the clock are those of one machine, so only their ratios are given. Everything runs on 127.0.0.1, each tool
as Debian 12 ships it.
"""


class Bench:
    """What a section is given."""

    def __init__(self, folder, bin, seeds):
        self.folder, self.bin, self.seeds = folder, bin, seeds
        self.start = time.monotonic()

    def say(self, text):
        print(f"bench: {time.monotonic() - self.start:5.0f} s  {text}", flush=True)


def read(path):
    """The sections of a page: title to text."""
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        parts = re.split(r"^## (?:\d+\. )?(.*)$", file.read(), flags=re.M)
    return {title: text.strip() for title, text in zip(parts[1::2], parts[2::2])}


def write(path, titles, texts):
    parts = [HEAD.strip()]
    held = [title for title in titles if title in texts]
    for number, title in enumerate(held, 1):
        parts.append(f"## {number}. {title}\n\n{texts[title]}")
    fresh = path + ".new"
    with open(fresh, "w", encoding="utf-8") as file:
        file.write("\n\n".join(parts) + "\n")
    os.replace(fresh, path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("sections", nargs="*", metavar="NAME", help=", ".join(SECTIONS) + "; default: all")
    parser.add_argument("--bin", required=True, help="the folder of fil, fil-server, fil-weaklink")
    parser.add_argument("--out", default="BENCHMARKS.md")
    parser.add_argument("--seeds", type=int, default=50)
    options = parser.parse_args()
    unknown = set(options.sections) - set(SECTIONS)
    if unknown:
        parser.error(f"no section is called {', '.join(sorted(unknown))}; there are: {', '.join(SECTIONS)}")
    modules = {name: importlib.import_module(name) for name in SECTIONS}
    titles = [module.TITLE for module in modules.values()]
    for name in options.sections or SECTIONS:
        folder = tempfile.mkdtemp(prefix="fil-bench-")
        bench = Bench(folder, os.path.abspath(options.bin), options.seeds)
        try:
            text = modules[name].section(bench).strip()
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        minutes = (time.monotonic() - bench.start) / 60
        text += (f"\n\n*Measured {time.strftime('%Y-%m-%d')}, in {minutes:.0f} minutes, on {os.cpu_count()} "
                 f"shared cores, {platform.system()} {platform.machine()}.*")
        write(options.out, titles, read(options.out) | {modules[name].TITLE: text})
        bench.say(f"wrote section “{modules[name].TITLE}” of {options.out}")


main()
