"""What people would use instead: each brings a reader from a case's old state to its new one."""

import os
import shutil
import sqlite3
import subprocess
import time

import articles
from lefil import Process, check, free_port
from meter import measure
from web import Web, nginx

# No proxy, no configuration of the machine's.
QUIET = dict(
    {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}, GIT_AUTHOR_NAME="a", GIT_AUTHOR_EMAIL="a@b", GIT_COMMITTER_NAME="a",
    GIT_COMMITTER_EMAIL="a@b", GIT_CONFIG_NOSYSTEM="1", GIT_TERMINAL_PROMPT="0",
    GIT_CONFIG_GLOBAL="/dev/null")


def write_files(folder, state):
    """Makes the folder hold the state's articles as files; what does not change stays untouched."""
    os.makedirs(folder, exist_ok=True)
    wanted = {f"{key}.md": articles.markdown(row) for key, row in state.items()}
    for name in os.listdir(folder):
        if name.endswith(".md") and name not in wanted:
            os.remove(os.path.join(folder, name))
    for name, text in wanted.items():
        path = os.path.join(folder, name)
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                if file.read() == text:
                    continue
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


def write_database(path, state):
    """Makes the SQLite file hold the state, by changing only the rows that differ."""
    base = sqlite3.connect(path)
    base.execute(
        "CREATE TABLE IF NOT EXISTS article (id INTEGER PRIMARY KEY, title TEXT, summary TEXT, "
        "section TEXT, tags TEXT, author TEXT, published INTEGER, updated INTEGER, note TEXT, body TEXT)")
    keys = ("title", "summary", "section", "tags", "author", "published", "updated", "note", "body")
    held = {row[0]: row[1:] for row in base.execute("SELECT * FROM article")}
    for key in held.keys() - state.keys():
        base.execute("DELETE FROM article WHERE id = ?", (key,))
    for key, row in state.items():
        values = tuple(",".join(row["tags"]) if k == "tags" else row.get(k) for k in keys)
        if held.get(key) != values:
            base.execute("INSERT OR REPLACE INTO article VALUES (?,?,?,?,?,?,?,?,?,?)", (key, *values))
    base.commit()
    base.close()


def write_lines(path, state):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(articles.line(row) for row in state.values())


class Bench:
    """One case in a folder of its own, with the servers that it needs."""

    def __init__(self, folder, case):
        self.folder, self.case = folder, case
        os.makedirs(folder)
        self.at = lambda *names: os.path.join(folder, *names)

    def git(self):
        """Makes a repository, packed as it was before the last push, and gives a function that fetches.

        A repository that is packed after the push sends more: old versions are then stored as
        differences from the new ones, and not the other way round.
        """
        repository, work, mine = self.at("git", "repo.git"), self.at("work"), self.at("mine")
        run = lambda *words, cwd=None: check(["git", *words], cwd=cwd, env=QUIET)
        run("init", "-q", "--bare", "-b", "main", repository)
        run("init", "-q", "-b", "main", work)
        for state in [self.case.old, self.case.new]:
            if state is self.case.old and (not state or os.path.exists(mine)):
                continue
            write_files(work, state)
            run("add", "-A", cwd=work)
            run("commit", "-q", "--allow-empty", "-m", "articles", cwd=work)
            run("push", "-q", repository, "main", cwd=work)
            if state is self.case.old:
                run("gc", "-q", cwd=repository)
                run("clone", "-q", repository, mine)

        def fetch(line=None):
            copy = self.at("copy")
            shutil.rmtree(copy, ignore_errors=True)
            if self.case.old:
                shutil.copytree(mine, copy)
                words = lambda url: ["-C", copy, "fetch", "-q", url, "main"]
            else:
                words = lambda url: ["clone", "-q", "--depth", "1", url, copy]
            with Web(self.at("git")) as web:
                return measure(
                    web.port, lambda port: run(*words(f"http://127.0.0.1:{port}/repo.git")), line)

        return fetch

    def rsync(self, kind):
        mine, theirs = self.at(kind, "mine"), self.at(kind, "theirs")
        for folder, state in ((theirs, self.case.old), (theirs, self.case.new)):
            os.makedirs(folder, exist_ok=True)
            if kind == "files":
                write_files(folder, state)
            else:
                write_database(os.path.join(folder, "fil.db"), state)
            if state is self.case.old:
                shutil.rmtree(mine, ignore_errors=True)
                shutil.copytree(theirs, mine)
                if not state:
                    shutil.rmtree(mine)
                    os.makedirs(mine)
                # A file that is written again within the same second would look unchanged.
                if state != self.case.new:
                    time.sleep(1.1)
        port, path = free_port(), self.at(kind, "rsyncd.conf")
        with open(path, "w") as file:
            file.write(
                f"use chroot = no\naddress = 127.0.0.1\nport = {port}\n"
                f"pid file = {self.at(kind, 'pid')}\nlog file = /dev/null\n"
                f"[articles]\npath = {theirs}\nread only = yes\n")
        words = ["rsync", "--daemon", "--no-detach", f"--config={path}"]
        with Process(words, stderr=subprocess.DEVNULL):
            time.sleep(0.4)
            return measure(port, lambda at: check(
                ["rsync", "-az", "--delete", f"rsync://127.0.0.1:{at}/articles/", mine + "/"]))

    def zsync(self):
        theirs, mine = self.at("zsync"), self.at("zsync.old")
        os.makedirs(theirs)
        base = os.path.join(theirs, "fil.db")
        if self.case.old:
            write_database(base, self.case.old)
            shutil.copy(base, mine)
        write_database(base, self.case.new)
        # With a compressed file beside it, of which zsync fetches pieces.
        check(["zsyncmake", "-z", "-u", "fil.db.gz", "-o", base + ".zsync", base], cwd=theirs)
        server, port = nginx(self.at("nginx"), theirs)
        known = ["-i", mine] if self.case.old else []
        with server:
            return measure(port, lambda at: check(
                ["zsync", "-q", "-o", self.at("got.db"), *known, f"http://127.0.0.1:{at}/fil.db.zsync"],
                env=QUIET, cwd=self.folder))

    def xdelta3(self):
        folder, old = self.at("patches"), self.at("old.jsonl")
        os.makedirs(folder)
        new, patch = self.at("new.jsonl"), os.path.join(folder, "1-2.vcdiff")
        write_lines(old, self.case.old)
        write_lines(new, self.case.new)
        source = ["-s", old] if self.case.old else []
        check(["xdelta3", "-e", "-f", "-9", "-S", "djw", "-B", "67108864", *source, new, patch])
        server, port = nginx(self.at("nginx2"), folder)
        with server:
            return measure(port, lambda at: check(
                ["curl", "-sSf", "-o", self.at("got"), f"http://127.0.0.1:{at}/1-2.vcdiff"], env=QUIET))

    def rss(self):
        with Web(None) as web:
            headers = []
            if self.case.old:
                web.server.rows = list(self.case.old.values())
                check(["curl", "-sSf", "--compressed", "-D", self.at("head"), "-o", self.at("feed"),
                       f"http://127.0.0.1:{web.port}/feed/"], env=QUIET)
                with open(self.at("head")) as file:
                    tag = next(row[6:].strip() for row in file if row.lower().startswith("etag"))
                headers = ["-H", f"If-None-Match: {tag}"]
            web.server.rows = list(self.case.new.values())
            return measure(web.port, lambda at: check(
                ["curl", "-sSf", "--compressed", *headers, "-o", self.at("feed"),
                 f"http://127.0.0.1:{at}/feed/"], env=QUIET))

    def rest(self, withdrawn):
        """All that was modified since; with `withdrawn` also the list that shows what is gone."""
        stamp = lambda row: row.get("updated", row["published"])
        since = max(map(stamp, self.case.old.values()), default=0)
        # A reader asks from its last sync on: just before the first thing that it lacks.
        since = min([since, *(stamp(row) - 1 for row in self.case.changed)]) if self.case.changed else since
        after = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(since))
        changed = [row for row in self.case.new.values() if stamp(row) > since]
        pages = lambda count: range(1, max(1, -(-count // 100)) + 1)
        words = "orderby=modified&order=asc&per_page=100"
        paths = [f"?modified_after={after}&{words}&page={page}" for page in pages(len(changed))]
        if withdrawn:
            paths += [f"?_fields=id&{words}&page={page}" for page in pages(len(self.case.new))]
        with Web(None) as web:
            web.server.rows = list(self.case.new.values())
            count = measure(web.port, lambda at: check(
                ["curl", "-sSf", "--compressed", "-o", "/dev/null",
                 *("--next -sSf --compressed -o /dev/null ".join(
                     f"http://127.0.0.1:{at}/wp-json/wp/v2/posts{path} " for path in paths).split())],
                env=QUIET))
            return count
