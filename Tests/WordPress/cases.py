"""Each case of an import from WordPress, through the REST API, up to the replica of a reader; `run` beside it calls this."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from newsroom import Failure, Newsroom, expect
from wordpress import Site

ARTICLES = 120


def paragraph(text):
    return f"<!-- wp:paragraph -->\n<p>{text}</p>\n<!-- /wp:paragraph -->"


class Cases:
    def __init__(self, site, newsroom):
        self.site = site
        self.newsroom = newsroom
        self.categories = site.made["categories"]

    def new(self, title, text, **more):
        fields = {"title": title, "content": paragraph(text), "status": "publish", "categories": [self.categories["Politique"]]}
        return self.site.api("POST", "posts", {**fields, **more})

    def old(self, count, skip=0):
        """Some of the oldest articles, which no short list shows."""
        return self.site.api("GET", f"posts?per_page={count}&offset={skip}&orderby=date&order=asc&_fields=id,title,categories")

    def change(self, post, **fields):
        return self.site.api("POST", f"posts/{post['id']}", fields)

    def counts(self, report, **expected):
        names = ["published", "corrected", "withdrawn", "refused", "asked"]
        wrong = {name: report[name] for name in names if report[name] != expected.get(name, 0)}
        expect(not wrong, f"the import did {wrong}, not {expected}: {report['posts'][:5]}")

    def is_gone(self, post):
        article = self.newsroom.article(post)
        expect(article["kind"] == 2 and article["retracted"] and not article["text"], f"post {post['id']} is not retracted")
        expect(article["reason"], "the retraction gives no reason")

    # The cases, in the order in which they are tried

    def first_import(self):
        report = self.newsroom.imports()
        self.counts(report, published=ARTICLES)
        articles = self.newsroom.articles()
        expect(len(articles) == ARTICLES, f"the replica has {len(articles)} articles")
        expect(sorted(articles) == list(range(1, ARTICLES + 1)), "the numbers are not dense")
        dates = [articles[number]["published"] for number in sorted(articles)]
        expect(dates == sorted(dates), "the numbers do not follow the dates")
        for title in ["Société", "Faits Divers", "Sport & Jeux", "faits-divers"]:
            expect(title in self.newsroom.masthead, f"the masthead has no section {title}")
        expect(all(row["author"] == "" for row in articles.values()), "an author is named")
        everything = repr(articles)
        for secret in ["redaction", "example.invalid", "<p>", "wp:paragraph", "Partager", "nonce", "[caption", "[gallery"]:
            expect(secret not in everything.replace("video.example.invalid", ""), f"{secret} came out")
        une = [row for row in articles.values() if row["flags"] & 2]
        expect(len(une) == ARTICLES // 8, f"{len(une)} articles are on the front page")
        expect("الماء في نهر النيجر" in everything and "ⵜⴰⵎⴰⵛⴻⵈ" in everything and "Soŋay" in everything, "a script is missing")

    def nothing_new(self):
        self.site.requests()
        report = self.newsroom.imports()
        self.counts(report)
        asked = self.site.requests()
        expect(len(asked) <= 3, f"nothing new costs {len(asked)} requests")
        print(f"     requests where nothing is new: {len(asked)}")

    def new_post(self):
        self.first = self.new("L&#8217;eau revient", "Un texte &amp; <em>des mots</em>.", excerpt="Ce que l’éditeur en dit.", tags=[])
        self.counts(self.newsroom.imports(), published=1)
        article = self.newsroom.article(self.first)
        expect(article["title"] == "L’eau revient" and article["text"] == "Un texte & *des mots*.", f"{article['title']}: {article['text']}")
        expect(article["summary"] == "Ce que l’éditeur en dit." and article["section"] == "politique", str(article["summary"]))
        expect(article["updated"] is None, "a first publication is no correction")

    def edited_post(self):
        self.change(self.first, content=paragraph("Un texte corrigé."))
        self.counts(self.newsroom.imports(), corrected=1)
        article = self.newsroom.article(self.first)
        expect(article["text"] == "Un texte corrigé." and article["updated"], "the correction did not arrive")

    def invisible_edit(self):
        self.change(self.first, content='<!-- wp:paragraph {"className":"x"} -->\n<p class="x" data-n="1">Un texte corrigé.</p>\n<!-- /wp:paragraph -->')
        self.counts(self.newsroom.imports())

    def two_edits_in_a_second(self):
        self.change(self.first, content=paragraph("Première version."))
        self.newsroom.imports()
        self.change(self.first, content=paragraph("Seconde version."))
        # Both were saved within the same second.
        self.site.sql(f"UPDATE wp_posts SET post_modified_gmt = (SELECT m FROM (SELECT post_modified_gmt - INTERVAL 1 SECOND AS m FROM wp_posts "
                      f"WHERE ID = {self.first['id']}) t) WHERE ID = {self.first['id']}")
        self.newsroom.imports()
        self.change(self.first, content=paragraph("Troisième version."))
        self.newsroom.imports()
        expect(self.newsroom.article(self.first)["text"] == "Troisième version.", "an edit within a second was missed")

    def script_by_an_administrator(self):
        post = self.new("Avec un script", "Avant.<script>document.write('<b>x</b>')</script><img src=x onerror=alert(1)> Après.")
        self.newsroom.imports()
        text = self.newsroom.article(post)["text"]
        expect(text == "Avant. Après.", f"the script left {text!r}")

    def trashed(self):
        self.site.api("DELETE", f"posts/{self.first['id']}")
        self.counts(self.newsroom.imports(), withdrawn=1)
        self.is_gone(self.first)

    def came_back(self):
        number = self.newsroom.numbers[str(self.first["id"])]
        self.change(self.first, status="publish")
        self.counts(self.newsroom.imports(), published=1)
        article = self.newsroom.article(self.first)
        expect(article["number"] == number and article["kind"] == 1, "it did not come back under its number")
        expect(article["text"] == "Troisième version.", "it came back with another text")

    def private(self):
        post = self.new("Bientôt privé", "Un texte.")
        self.newsroom.imports()
        self.change(post, status="private")
        self.counts(self.newsroom.imports(), withdrawn=1)
        self.is_gone(post)

    def password_protected(self):
        post = self.new("Bientôt fermé", "Un texte.")
        self.newsroom.imports()
        self.change(post, password="secret")
        self.counts(self.newsroom.imports(), withdrawn=1)
        self.is_gone(post)
        self.new("Fermé dès le début", "Un texte secret.", password="secret")
        self.counts(self.newsroom.imports())
        expect("secret" not in repr(self.newsroom.articles()), "what was behind a password came out")

    def rescheduled(self):
        post = self.new("Remis à plus tard", "Un texte.")
        self.newsroom.imports()
        self.change(post, status="future", date_gmt="2099-01-01T00:00:00")
        self.counts(self.newsroom.imports(), withdrawn=1)
        self.is_gone(post)

    def force_deleted(self):
        post = self.new("Bientôt supprimé", "Un texte.")
        self.newsroom.imports()
        self.site.api("DELETE", f"posts/{post['id']}?force=true")
        self.counts(self.newsroom.imports(), withdrawn=1)
        self.is_gone(post)

    def scheduled(self):
        post = self.new("Prévu", "Un texte prévu.", status="future", date_gmt="2099-01-01T00:00:00")
        self.newsroom.imports("--full")
        expect("prévu" not in repr(self.newsroom.articles()), "a future post leaked")
        # Its time comes: WordPress publishes it without touching its time of modification.
        self.site.sql(f"UPDATE wp_posts SET post_status = 'publish', post_date_gmt = UTC_TIMESTAMP(), post_date = UTC_TIMESTAMP(), "
                      f"post_modified_gmt = UTC_TIMESTAMP() - INTERVAL 1 DAY WHERE ID = {post['id']}")
        self.counts(self.newsroom.imports(), published=1)
        expect(self.newsroom.article(post)["text"] == "Un texte prévu.", "it did not appear")

    def withdrawn_long_ago(self):
        post = self.old(1)[0]
        self.site.api("DELETE", f"posts/{post['id']}")
        self.counts(self.newsroom.imports())
        self.counts(self.newsroom.imports("--full"), withdrawn=1)
        self.is_gone(post)

    def renamed_category(self):
        posts = len([row for row in self.newsroom.articles().values() if row["section"] == "culture"])
        self.site.api("POST", f"categories/{self.categories['Culture']}", {"name": "Culture & Arts", "slug": "arts"})
        report = self.newsroom.imports()
        self.counts(report)
        expect(report["masthead"], "the masthead did not change")
        self.newsroom.sync()
        articles = self.newsroom.articles()
        expect("Culture & Arts" in self.newsroom.masthead, "the section has its old name")
        expect(len([row for row in articles.values() if row["section"] == "culture"]) == posts, "articles left their section")

    def renamed_tag(self):
        tag = self.site.api("GET", "tags?search=Gao&_fields=id,name,count")[0]
        self.site.api("POST", f"tags/{tag['id']}", {"name": "Ville de Gao"})
        report = self.newsroom.imports("--full")
        expect(report["corrected"] > 50, f"only {report['corrected']} articles have the new tag")
        articles = self.newsroom.articles().values()
        expect(not any("Gao" in row["tags"] for row in articles), "the old tag is there")
        expect(all(row["updated"] is None for row in articles if "Article" in (row["title"] or "")), "another tag is no correction of a text")

    def renamed_caption(self):
        before = [number for number, text in self.newsroom.bodies().items() if "Le marché, au petit matin" in text]
        expect(before, "no gallery shows its caption")
        self.site.api("POST", f"media/{self.site.made['picture']}", {"caption": "Le marché, à midi"})
        self.newsroom.imports("--full")
        after = self.newsroom.bodies()
        expect(all("Le marché, à midi" in after[number] for number in before), "the caption is the old one")

    def sticky(self):
        modified = self.change(self.first)["modified_gmt"]
        self.newsroom.imports()
        self.change(self.first, sticky=True)
        # As a plugin does it, without touching the time of modification.
        self.site.sql(f"UPDATE wp_posts SET post_modified_gmt = '{modified.replace('T', ' ')}' WHERE ID = {self.first['id']}")
        updated = self.newsroom.article(self.first)["updated"]
        self.newsroom.imports()
        article = self.newsroom.article(self.first)
        expect(article["flags"] & 2, "a sticky post is not on the front page")
        expect(article["updated"] == updated, "the front page is no correction")

    def broken_site(self):
        before = self.newsroom.articles()
        for fault, status in [("500", 3), ("login", 5), ("empty", 5)]:
            self.site.fault(fault)
            report = self.newsroom.imports("--full", status=status)
            message = report["error"]["message"]
            expect("nothing is changed" in message, f"{fault}: {message}")
            print(f"     {fault}: {message}")
        self.site.fault("")
        expect(self.newsroom.articles() == before, "a broken site changed the feed")
        self.counts(self.newsroom.imports("--full"))

    def guard(self):
        posts = self.old(12)
        for post in posts:
            self.change(post, status="draft")
        report = self.newsroom.imports("--full", status=5)
        self.counts(report, asked=12)
        articles = self.newsroom.articles()
        expect(all(articles[self.newsroom.numbers[str(post["id"])]]["kind"] == 1 for post in posts), "the guard let them go")
        self.counts(self.newsroom.imports("--accept-withdrawals"), withdrawn=12)
        for post in posts[:2]:
            self.is_gone(post)

    def by_plain_links(self):
        """`?rest_route=` where `/wp-json/` is not there."""
        self.site.sql("UPDATE wp_options SET option_value = '' WHERE option_name = 'permalink_structure'")
        other = Newsroom(self.newsroom.bin, tempfile.mkdtemp(dir=self.site.folder), self.site.url)
        try:
            report = other.imports()
            expect(report["published"] == len([r for r in self.newsroom.articles().values() if r["kind"] == 1]), "not all came by rest_route")
        finally:
            other.stop()
            self.site.sql("UPDATE wp_options SET option_value = '/%postname%/' WHERE option_name = 'permalink_structure'")

    def with_a_password(self):
        file = self.site.folder + "/password"
        with open(file, "w") as secret:
            secret.write(self.site.made["password"] + "\n")
        os.chmod(file, 0o644)
        self.newsroom.imports("--user", "redaction", "--password-file", file, status=2)
        os.chmod(file, 0o600)
        self.new("Brouillon", "Un brouillon.", status="draft")
        self.counts(self.newsroom.imports("--user", "redaction", "--password-file", file, "--full"))
        expect("brouillon" not in repr(self.newsroom.articles()).lower(), "a draft came out")

    def killed_anywhere(self):
        """SIGKILL while it imports: started again, it ends in the same feed."""
        other = Newsroom(self.newsroom.bin, tempfile.mkdtemp(dir=self.site.folder), self.site.url)
        try:
            for delay in [0.05, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2]:
                process = subprocess.Popen([f"{other.bin}/fil-server", "import", other.folder, "wordpress", other.url],
                                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                try:
                    process.wait(delay)
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
                    process.wait()
            other.imports("--full")
            # A section keeps the slug it had at first, which this newsroom never saw.
            known = lambda newsroom: sorted((row["title"], row["text"], row["section"].replace("culture", "arts"), tuple(row["tags"]))
                                            for row in newsroom.articles().values() if row["kind"] == 1)
            mine, theirs = known(self.newsroom), known(other)
            different = [pair for pair in zip(mine, theirs) if pair[0] != pair[1]]
            expect(mine == theirs, f"{len(theirs)} articles after the kills, {len(mine)} without: {different[:1]}")
        finally:
            other.stop()

    def by_export_and_by_feed(self):
        """The same articles by WXR and by RSS have the same texts."""
        known = {row["title"]: row for row in self.newsroom.articles().values() if row["kind"] == 1}
        for kind, place in [("wxr", self.site.folder + "/export.xml"), ("rss", self.site.url + "/feed/")]:
            if kind == "wxr":
                with open(place, "wb") as file:
                    file.write(self.site.export())
            other = Newsroom(self.newsroom.bin, tempfile.mkdtemp(dir=self.site.folder), self.site.url)
            try:
                report = other.imports("--section", "nord-actu", kind=kind, place=place)
                expect(report["refused"] == 0, f"{kind}: {report['posts'][:3]}")
                theirs = {row["title"]: row for row in other.articles().values()}
                expect(set(theirs) == set(known), f"{kind}: {set(theirs) ^ set(known)}")
                # In a feed WordPress leaves the captions out of its galleries.
                shown = lambda text: text.replace("Étals du marché de Gao — Le marché, à midi*", "Étals du marché de Gao*") if kind == "rss" else text
                different = [title for title in known if theirs[title]["text"] != shown(known[title]["text"])]
                if different:
                    import difflib
                    a, b = known[different[0]]["text"], theirs[different[0]]["text"]
                    raise Failure(f"{kind}: {len(different)} of {len(known)} texts differ, such as\n" + "\n".join(list(difflib.unified_diff(a.split("\n"), b.split("\n"), lineterm="", n=0))[:12]))
                print(f"     {kind}: {len(known)} of {len(known)} texts are the same")
                # The site is the same one: its API goes on where the file ended.
                report = other.imports()
                self.counts(report, corrected=report["corrected"])
                expect(report["published"] == 0, f"{kind}: articles came twice")
                again = other.imports(kind=kind, place=place, status=None)
                expect(again["published"] == 0, f"{kind}: articles came again")
            finally:
                other.stop()

    def served_and_scheduled(self):
        """`serve --import --every` follows the site, and publishes what was held when its time comes."""
        other = Newsroom(self.newsroom.bin, tempfile.mkdtemp(dir=self.site.folder), self.site.url)
        other.stop()
        other.server = subprocess.Popen([f"{other.bin}/fil-server", "serve", other.folder, self.site.url, "--listen", "127.0.0.1:0",
                                         "--import", "wordpress", "--every", "1s"], text=True, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        try:
            other.source = other.server.stdout.readline().split()[-1]
            article = other.folder + "/../prevu.md"
            due = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 4))
            with open(article, "w") as file:
                file.write(f"---\ntitle: Prévu\nsection: nord-actu\ndate: {due}\n---\nUn texte tenu.\n")
            other._run("fil-server", "publish", other.folder, article)
            post = self.new("Pendant que l’on sert", "Un texte servi.")
            held, followed = False, False
            for _ in range(60):
                texts = other.bodies().values()
                held = "Un texte tenu." in texts
                followed = "Un texte servi." in texts
                expect(not held or time.time() >= time.mktime(time.strptime(due, "%Y-%m-%dT%H:%M:%SZ")) - time.timezone - 1, "it was published early")
                if held and followed:
                    break
                time.sleep(0.5)
            expect(followed, "serve --import did not follow the site")
            expect(held, "what was held was not published")
            self.site.api("DELETE", f"posts/{post['id']}?force=true")
        finally:
            other.stop()
        expect(other.server.returncode == 0, f"serve ended with {other.server.returncode}")

    ALL = [first_import, nothing_new, new_post, edited_post, invisible_edit, two_edits_in_a_second, script_by_an_administrator, trashed,
           came_back, private, password_protected, rescheduled, force_deleted, scheduled, withdrawn_long_ago, renamed_category,
           renamed_tag, renamed_caption, sticky, broken_site, guard, by_plain_links, with_a_password, killed_anywhere,
           by_export_and_by_feed, served_and_scheduled]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--keep", action="store_true", help="leave the folder there")
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="fil-wordpress-")
    site, newsroom, failures = Site(folder), None, 0
    begun = time.monotonic()
    try:
        site.start(ARTICLES)
        print(f"wordpress: a site with {ARTICLES} articles stands at {site.url} after {time.monotonic() - begun:.0f} s")
        newsroom = Newsroom(os.path.abspath(arguments.bin), folder, site.url)
        cases = Cases(site, newsroom)
        for case in Cases.ALL:
            name = case.__name__.replace("_", " ")
            start = time.monotonic()
            try:
                case(cases)
                print(f"  ok {name} ({time.monotonic() - start:.1f} s)", flush=True)
            except Failure as failure:
                failures += 1
                print(f"  FAILED {name}: {failure}", flush=True)
            finally:
                site.fault("")
    finally:
        if newsroom:
            newsroom.stop()
        site.stop()
        if arguments.keep:
            print(folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"wordpress: {len(Cases.ALL) - failures} of {len(Cases.ALL)} cases hold, in {time.monotonic() - begun:.0f} s")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
