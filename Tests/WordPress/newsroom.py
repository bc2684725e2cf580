"""A newsroom that imports, and a replica that syncs from it, by the real programs."""

import json
import re
import sqlite3
import subprocess


class Failure(Exception):
    pass


def expect(holds, what):
    if not holds:
        raise Failure(what)


class Newsroom:
    def __init__(self, bin, folder, url):
        self.bin = bin
        self.folder = folder + "/newsroom"
        self.replica = folder + "/replica.db"
        self.url = url
        self.numbers = {}
        self._run("fil-server", "init", self.folder, "--origin", "test.example/fil", "--name", "Journal de test")
        self.key = self._run("fil-server", "key", self.folder).stdout.strip().split("\n")[-1]
        self.server = subprocess.Popen([f"{bin}/fil-server", "serve", self.folder, "--listen", "127.0.0.1:0"], text=True,
                                       stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.source = re.search(r"http://\S+", self.server.stdout.readline()).group(0)

    def stop(self):
        self.server.terminate()
        self.server.wait(20)

    def _run(self, program, *arguments, status=0):
        done = subprocess.run([f"{self.bin}/{program}", *arguments], capture_output=True, text=True)
        if status is not None and done.returncode != status:
            raise Failure(f"{program} {' '.join(arguments)}: status {done.returncode}, not {status}: {done.stdout[-600:]}{done.stderr[-600:]}")
        return done

    def imports(self, *options, kind="wordpress", place=None, status=0):
        """Imports once; what it did, or its error."""
        done = self._run("fil-server", "import", self.folder, kind, place or self.url, "--json", *options, status=status)
        report = json.loads(done.stdout)
        for post in report.get("posts", []):
            if post["number"]:
                self.numbers[post["post"]] = post["number"]
        return report

    def sync(self):
        self._run("fil", "sync", self.replica, "--from", self.source, "--key", self.key, "--json")
        self._run("fil", "verify", self.replica)

    def articles(self):
        """What the replica holds, by number."""
        self.sync()
        link = sqlite3.connect(f"file:{self.replica}?mode=ro", uri=True)
        link.row_factory = sqlite3.Row
        rows = link.execute("SELECT article.*, body.text FROM article LEFT JOIN body ON hash = shown WHERE number > 0").fetchall()
        masthead = link.execute("SELECT record FROM article WHERE number = 0").fetchone()[0]
        link.close()
        self.masthead = masthead.decode("utf-8", "replace")
        return {row["number"]: dict(row, tags=json.loads(row["tags"] or "[]")) for row in rows}

    def article(self, post):
        """The article of one post, as the replica has it."""
        number = self.numbers.get(str(post["id"]))
        expect(number, f"post {post['id']} has no article")
        return self.articles()[number]

    def bodies(self):
        return {number: row["text"] for number, row in self.articles().items() if row["kind"] == 1}
