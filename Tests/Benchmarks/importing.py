"""What it costs to import a WordPress site of 5,000 posts, a made-up one that answers at once."""

import gzip
import http.server
import json
import os
import re
import subprocess
import threading
import urllib.parse

TITLE = "Importing a WordPress site of 5,000 posts"

INTRODUCTION = """A made-up site that answers at once with gzip: the cost is the newsroom's alone, from the first
request to the signature. The first import takes {cpu:.0f} s of one of these cores; a quarter of it reads the HTML, the
rest chooses contexts, compresses and rehearses the first copy.
"""

POSTS = 5_000
SYLLABLES = "ba be bo ca co da de du fa fi ga go ja ka ko la le li ma me mo na ne ni pa po ra re ri sa se so ta te ti va ve vi za zo".split()
# The commonest words first, as in any language.
WORDS = "le la les un une des et à de en pour sur dans par avec".split() + [
    a + b + c for c in ["", "n", "r", "s"] for a in SYLLABLES for b in SYLLABLES]


def text(seed, count):
    """Words that are the same for the same seed."""
    words, state = [], seed * 2654435761 % 2**32
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2**31
        share = (state >> 11) % 1000 / 1000
        words.append(WORDS[int(share ** 3 * len(WORDS))])
    return " ".join(words)


def section(bench):
    rows = run(os.path.join(bench.folder, "importing"), bench.bin, bench.say)
    return INTRODUCTION.format(cpu=rows[0][3]) + "\n" + text_of(rows)


def post(number):
    paragraphs = "".join(
        f"<p class=\"has-text\">{text(number * 20 + i, 50)} &amp; <strong>{text(number + i, 4)}</strong>.</p>\n" for i in range(8))
    figure = f"<figure class=\"wp-block-image\"><img src=\"/a.jpg\" alt=\"{text(number, 4)}\" class=\"wp-image-{number}\"/></figure>"
    hour = f"2026-{1 + number // 720 % 9:02}-{1 + number // 24 % 28:02}T{number % 24:02}:00:00"
    return {"id": number, "date_gmt": hour, "modified_gmt": hour, "status": "publish", "link": f"http://s.example/{number}/",
            "title": {"rendered": text(number, 7)}, "content": {"rendered": paragraphs + figure, "protected": False},
            "excerpt": {"rendered": f"<p>{text(number, 30)} [&hellip;]</p>"}, "author": 1, "categories": [2 + number % 12],
            "tags": [1 + number % 40], "sticky": False}


class Site(http.server.ThreadingHTTPServer):
    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.posts = [post(number) for number in range(1, POSTS + 1)]
        self.asked = self.sent = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        parts = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(parts.query))
        kind = parts.path.rpartition("/")[2]
        if kind == "posts":
            items = [p for p in self.server.posts if p["modified_gmt"] > query.get("modified_after", "")]
            if "orderby" not in query:
                items = sorted(items, key=lambda p: (p["date_gmt"], p["id"]), reverse=True)
            fields = query["_fields"].split(",")
            items = self.page(items, query)
            if "title" not in fields:
                items = [{name: p[name] for name in ["id", "date_gmt", "modified_gmt", "sticky"]} for p in items]
        elif kind == "categories":
            items = self.page([{"id": 2 + i, "name": f"Rubrique {i}", "slug": f"rubrique-{i}", "parent": 0} for i in range(12)], query)
        elif kind == "tags":
            items = self.page([{"id": 1 + i, "name": f"mot {i}"} for i in range(40)], query)
        elif kind == "media":
            items = self.page([], query)
        else:
            items, self.pages = {"home": "http://s.example", "namespaces": ["wp/v2"]}, 1
        body = gzip.compress(json.dumps(items).encode(), 6)
        self.server.asked += 1
        self.server.sent += len(body)
        self.send_response(200)
        for name, value in [("Content-Type", "application/json"), ("Content-Encoding", "gzip"), ("Content-Length", str(len(body))),
                            ("X-WP-TotalPages", str(self.pages))]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def page(self, items, query):
        size, page = int(query["per_page"]), int(query.get("page", 1))
        self.pages = max(1, -(-len(items) // size))
        return items[(page - 1) * size:page * size]


def measured(bin, folder, *arguments):
    """Seconds of CPU and peak memory of one import, in MB."""
    done = subprocess.run(["/usr/bin/time", "-v", f"{bin}/fil-server", "import", folder, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-800:] + done.stdout[-200:])
    find = lambda name: float(re.search(name + r"[^:]*: ([\d.]+)", done.stderr).group(1))
    return find("User time") + find("System time"), find("Maximum resident set size") / 1000, json.loads(done.stdout)


def run(folder, bin, say):
    os.makedirs(folder)
    site = Site()
    newsroom = folder + "/newsroom"
    subprocess.run([f"{bin}/fil-server", "init", newsroom, "--origin", "s.example/fil", "--name", "S"], check=True, stdout=subprocess.DEVNULL)
    rows = []
    for what, more in [("first import", []), ("nothing new", []), ("all read again", ["--full"])]:
        site.asked = site.sent = 0
        cpu, memory, report = measured(bin, newsroom, "wordpress", f"http://127.0.0.1:{site.server_port}", "--json", *more)
        say(f"import, {what}: {cpu:.1f} s of CPU, {memory:.0f} MB, {report['published']} published")
        rows.append((what, site.asked, site.sent, cpu, memory, report["published"], report["unchanged"]))
    site.shutdown()
    return rows


def text_of(rows):
    lines = ["| | requests | bytes, gzip | published | unchanged | CPU, first = 1 | peak memory, MB |", "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for what, asked, sent, cpu, memory, published, unchanged in rows:
        lines.append(f"| {what} | {asked:,} | {sent:,} | {published:,} | {unchanged:,} | {cpu / rows[0][3]:.2f} | {memory:.0f} |")
    return "\n".join(lines)
