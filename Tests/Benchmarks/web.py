"""The servers of the contenders: nginx for files, and a small one for git, RSS and REST."""

import email.utils
import gzip
import hashlib
import html
import http.server
import json
import os
import subprocess
import threading
import time
import urllib.parse

from lefil import Process, free_port

NGINX = """
daemon off; master_process on; worker_processes 1; pid {folder}/nginx.pid;
error_log {folder}/error.log; events {{ worker_connections 512; }}
http {{
  access_log off; sendfile on; tcp_nopush on; server_tokens off; keepalive_requests 1000000;
  open_file_cache max=100; default_type application/octet-stream; etag on;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


def nginx(folder, root):
    """nginx with one worker over the files of `root`, and its port."""
    os.makedirs(folder, exist_ok=True)
    # A worker of another user has to be able to read them.
    place = root
    while place not in ("/", "/tmp"):
        os.chmod(place, 0o755)
        place = os.path.dirname(place)
    port = free_port()
    path = os.path.join(folder, "nginx.conf")
    with open(path, "w") as file:
        file.write(NGINX.format(folder=folder, port=port, root=root))
    server = Process(["nginx", "-p", folder, "-c", path], stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    return server, port


def rest(rows, base="https://example.org"):
    """Articles as WordPress's REST interface gives them."""
    posts = []
    for row in rows:
        date = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(row["published"]))
        changed = time.strftime(
            "%Y-%m-%dT%H:%M:%S", time.gmtime(row.get("updated", row["published"])))
        text = "".join(f"\n<p>{html.escape(part, False)}</p>\n" for part in row["body"].split("\n\n"))
        link = f"{base}/{row['slug']}/"
        api = f"{base}/wp-json/wp/v2"
        posts.append({
            "id": row["id"], "date": date, "date_gmt": date,
            "guid": {"rendered": f"{base}/?p={row['id']}"}, "modified": changed,
            "modified_gmt": changed, "slug": row["slug"], "status": "publish", "type": "post",
            "link": link, "title": {"rendered": html.escape(row["title"], False)},
            "content": {"rendered": text, "protected": False},
            "excerpt": {"rendered": f"<p>{html.escape(row['summary'], False)}</p>\n", "protected": False},
            "author": 1, "featured_media": 0, "comment_status": "closed", "ping_status": "closed",
            "sticky": False, "template": "", "format": "standard", "meta": {"footnotes": ""},
            "categories": [3], "tags": [7, 9],
            "_links": {
                "self": [{"href": f"{api}/posts/{row['id']}"}], "collection": [{"href": f"{api}/posts"}],
                "about": [{"href": f"{api}/types/post"}],
                "author": [{"embeddable": True, "href": f"{api}/users/1"}],
                "replies": [{"embeddable": True, "href": f"{api}/comments?post={row['id']}"}],
                "version-history": [{"count": 1, "href": f"{api}/posts/{row['id']}/revisions"}],
                "wp:attachment": [{"href": f"{api}/media?parent={row['id']}"}],
                "wp:term": [{"taxonomy": "category", "embeddable": True,
                             "href": f"{api}/categories?post={row['id']}"}],
                "curies": [{"name": "wp", "href": "https://api.w.org/{rel}", "templated": True}],
            },
        })
    return posts


def rss(rows):
    """The feed of the newest ten, with their whole texts."""
    items = []
    for row in sorted(rows, key=lambda row: row["published"])[:-11:-1]:
        text = "".join(f"<p>{html.escape(part, False)}</p>\n" for part in row["body"].split("\n\n"))
        items.append(
            f"<item><title>{html.escape(row['title'], False)}</title>"
            f"<link>https://example.org/{row['slug']}/</link>"
            f"<dc:creator><![CDATA[{row['author']}]]></dc:creator>"
            f"<pubDate>{email.utils.formatdate(row['published'])}</pubDate>"
            f"<category><![CDATA[{row['section']}]]></category>"
            f"<guid isPermaLink=\"false\">https://example.org/?p={row['id']}</guid>"
            f"<description><![CDATA[{row['summary']}]]></description>"
            f"<content:encoded><![CDATA[{text}]]></content:encoded></item>\n")
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Essai</title>'
        "<link>https://example.org</link><description>Essai</description>"
        f"<language>fr-FR</language>\n{''.join(items)}</channel></rss>\n").encode()


class Handler(http.server.BaseHTTPRequestHandler):
    """`rows` and `repository` of the server: /feed/, /wp-json/wp/v2/posts and /repo.git."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "nginx", ""

    def log_message(self, *_):
        pass

    def answer(self, status, fields, body=b""):
        if "gzip" in self.headers.get("Accept-Encoding", "") and len(body) > 200:
            body = gzip.compress(body, 6, mtime=0)
            fields = [*fields, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path.startswith("/repo.git/"):
            return self.cgi(path, query, b"")
        if path == "/feed/":
            body = rss(self.server.rows)
            tag = f'"{hashlib.md5(body).hexdigest()}"'
            fields = [("Content-Type", "application/rss+xml; charset=UTF-8"), ("ETag", tag),
                      ("Last-Modified", email.utils.formatdate(1767251537, usegmt=True))]
            if self.headers.get("If-None-Match", "").replace("W/", "") == tag:
                return self.answer(304, fields[1:])
            return self.answer(200, fields, body)
        asked = urllib.parse.parse_qs(query)
        since = asked.get("modified_after", [""])[0].rstrip("Z")
        posts = [p for p in rest(self.server.rows) if p["modified_gmt"] > since]
        posts.sort(key=lambda post: (post["modified_gmt"], post["id"]))
        size, page = int(asked.get("per_page", ["10"])[0]), int(asked.get("page", ["1"])[0])
        part = posts[(page - 1) * size:page * size]
        if "_fields" in asked:
            names = asked["_fields"][0].split(",")
            part = [{name: post[name] for name in names} for post in part]
        pages = -(-len(posts) // size)
        self.answer(200, [
            ("Content-Type", "application/json; charset=UTF-8"), ("X-Robots-Tag", "noindex"),
            ("Link", '<https://example.org/wp-json/>; rel="https://api.w.org/"'),
            ("X-Content-Type-Options", "nosniff"),
            ("Access-Control-Expose-Headers", "X-WP-Total, X-WP-TotalPages, Link"),
            ("X-WP-Total", str(len(posts))), ("X-WP-TotalPages", str(pages)), ("Allow", "GET"),
        ], json.dumps(part, separators=(",", ":")).encode())

    def do_POST(self):
        path, _, query = self.path.partition("?")
        if self.headers.get("Transfer-Encoding", "") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.cgi(path, query, body)

    def cgi(self, path, query, body):
        """git's own smart HTTP."""
        environment = dict(
            os.environ, GIT_PROJECT_ROOT=self.server.repository, GIT_HTTP_EXPORT_ALL="1",
            PATH_INFO=path, QUERY_STRING=query, REQUEST_METHOD=self.command,
            CONTENT_TYPE=self.headers.get("Content-Type", ""), CONTENT_LENGTH=str(len(body)),
            HTTP_CONTENT_ENCODING=self.headers.get("Content-Encoding", ""),
            GIT_PROTOCOL=self.headers.get("Git-Protocol", ""), REMOTE_ADDR="127.0.0.1")
        done = subprocess.run(
            ["git", "http-backend"], input=body, env=environment, stdout=subprocess.PIPE, check=True)
        head, _, rest = done.stdout.partition(b"\r\n\r\n")
        fields = [tuple(row.split(": ", 1)) for row in head.decode().split("\r\n")]
        status = next((int(value[:3]) for name, value in fields if name == "Status"), 200)
        self.send_response(status)
        for name, value in fields:
            if name not in ("Status", "Content-Length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest)


class Web:
    """The small server, on a thread of its own."""

    def __init__(self, repository):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.rows, self.server.repository = [], repository
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
