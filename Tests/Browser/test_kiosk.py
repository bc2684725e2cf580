"""The newspaper as readers meet it: a browser, a keyboard, no JavaScript, an audit."""

import os
import re
import unittest

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from stall import Stall, run, wait_until

SHOTS = os.environ.get("FIL_SHOTS")
PAGES = {
    "accueil": "/", "rubrique": "/rubrique/societe", "sous-rubrique": "/rubrique/culture",
    "etiquette": "/etiquette/langues", "article": "/article/11", "correction": "/article/2",
    "retrait": "/article/24", "arabe": "/article/18", "tifinagh": "/article/30",
    "recherche": "/recherche?q=securite", "resultats": "/recherche?q=gao&page=1",
    "sans-resultat": "/recherche?q=girafe", "archives": "/archives", "mois": "/archives/2026-11",
    "jour": "/archives/2026-11-07", "a-propos": "/a-propos", "etat": "/etat",
    "bulletin": "/bulletin?heures=168", "introuvable": "/nulle-part", "repos": "/repos?retour=%2Farticle%2F1",
    "trop-longue": "/recherche?q=" + "a" * 2100,
}


def setUpModule():
    Browser.stall = Stall()
    Browser.kiosk = Browser.stall.kiosk("all", "--relay")
    Browser.few = Browser.stall.kiosk("few")
    Browser.playwright = sync_playwright().start()
    Browser.chromium = Browser.playwright.chromium.launch(
        executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])


def tearDownModule():
    Browser.chromium.close()
    Browser.playwright.stop()
    Browser.kiosk.stop()
    Browser.few.stop()


class Browser(unittest.TestCase):

    def context(self, **options):
        """A browser that has seen nothing yet, and that notes where it goes."""
        options.setdefault("viewport", {"width": 1280, "height": 800})
        context = self.chromium.new_context(**options)
        self.addCleanup(context.close)
        self.asked = []
        context.on("request", lambda request: self.asked.append(request.url))
        return context

    def assert_nothing_left_the_kiosk(self, url):
        self.assertTrue(self.asked)
        self.assertEqual([asked for asked in self.asked if not asked.startswith(url + "/")], [])

    def shot(self, page, name):
        if SHOTS:
            os.makedirs(SHOTS, exist_ok=True)
            page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)

    def tab_to(self, page, selector):
        """Presses Tab until that element has the focus, and looks that the focus can be seen."""
        for _ in range(120):
            page.keyboard.press("Tab")
            if page.evaluate("s => document.activeElement.matches(s)", selector):
                outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                self.assertEqual(outline, "solid", f"{selector}: the focus cannot be seen")
                return
        self.fail(f"the keyboard does not reach {selector}")

    def press(self, page, key="Enter"):
        with page.expect_navigation():
            page.keyboard.press(key)


class Journey(Browser):
    def test_by_keyboard_and_without_javascript(self):
        page = self.context(java_script_enabled=False).new_page()
        page.goto(self.kiosk.url + "/")
        self.assertEqual(page.title(), "Askia 24 (exemple)")
        self.assertIn("Mis à jour le", page.inner_text("header"))

        page.keyboard.press("Tab")
        self.assertEqual(page.evaluate("document.activeElement.textContent"), "Aller au texte")
        page.keyboard.press("Enter")
        self.tab_to(page, "main h2 a")
        title = page.evaluate("document.activeElement.textContent")
        self.press(page)
        self.assertEqual(page.inner_text("h1"), title)
        # What is read first, after the name, is the title.
        self.assertEqual(page.evaluate("document.querySelector('main').innerText.split('\\n')[0]"), title)

        self.tab_to(page, "nav a[href='/rubrique/securite']")
        self.press(page)
        self.assertEqual(page.inner_text("h1"), "Sécurité")

        self.tab_to(page, "#chercher")
        page.keyboard.type("securite")
        self.press(page)
        self.assertIn("résultats", page.inner_text("[role=status]"))
        self.assertEqual(page.inner_text("main mark >> nth=0").lower(), "sécurité")

        def style(of, what):
            return page.evaluate(f"getComputedStyle(document.querySelector('{of}')).{what}")

        before = style("html", "fontSize")
        self.tab_to(page, "button[name=taille][value=grand]")
        self.press(page)
        self.assertIn("/recherche?q=securite", page.url)
        self.assertGreater(float(style("html", "fontSize")[:-2]), float(before[:-2]))
        self.tab_to(page, "button[name=couleurs][value=contraste]")
        self.press(page, "Space")
        self.assertEqual(style("body", "backgroundColor"), "rgb(0, 0, 0)")
        self.assertEqual(style("body", "color"), "rgb(255, 255, 255)")
        page.goto(self.kiosk.url + "/article/11")
        self.assertEqual(style("body", "backgroundColor"), "rgb(0, 0, 0)")
        self.assert_nothing_left_the_kiosk(self.kiosk.url)

    def test_an_article_is_printed_on_one_sheet(self):
        page = self.context(java_script_enabled=False).new_page()
        page.goto(self.kiosk.url + "/article/11")
        pdf = page.pdf(format="A4", prefer_css_page_size=True)
        self.assertEqual(len(re.findall(rb"/Type\s*/Page\b", pdf)), 1)
        if SHOTS:
            os.makedirs(SHOTS, exist_ok=True)
            with open(f"{SHOTS}/article.pdf", "wb") as file:
                file.write(pdf)
        page.emulate_media(media="print")
        for hidden in (".marge", ".autres", ".pied form", ".raccourcis"):
            self.assertFalse(page.is_visible(hidden), hidden)
        self.assertTrue(page.is_visible("h1") and page.is_visible(".texte"))

    def test_what_is_not_here_can_be_asked_for(self):
        page = self.context(java_script_enabled=False).new_page()
        page.goto(self.few.url + "/article/1")
        self.assertIn("n’est pas encore ici", page.inner_text("main"))
        self.shot(page, "a-venir")
        self.tab_to(page, "form[action='/demande'] button")
        self.press(page)
        self.assertIn("Il est demandé", page.inner_text("main"))
        # From a neighbour's kiosk, which relays: the text is there with the next sync.
        run("fil", "sync", f"{self.stall.folder}/few.db", "--from", self.kiosk.url)
        page.reload()
        self.assertIn("l’échelle de bois", page.inner_text(".texte"))
        self.assert_nothing_left_the_kiosk(self.few.url)


class SharedScreen(Browser):
    def test_it_goes_home_and_forgets_and_a_touch_stops_it(self):
        kiosk = self.stall.kiosk("all", "--kiosk", "--idle", "20")
        self.addCleanup(kiosk.stop)
        context = self.context()
        page = context.new_page()
        page.clock.install()
        page.goto(kiosk.url + "/recherche?q=securite")
        page.click("button[name=couleurs][value=contraste]")
        self.assertEqual(len(context.cookies()), 1)
        question = page.locator("#repos")
        page.clock.fast_forward(19_000)
        self.assertFalse(question.is_visible())
        page.clock.fast_forward(2_000)
        self.assertTrue(question.is_visible())
        self.shot(page, "repos")
        page.keyboard.press("Shift")
        self.assertFalse(question.is_visible())
        self.assertIn("securite", page.url)
        page.clock.run_for(52_000)
        page.wait_for_url(kiosk.url + "/")
        self.assertEqual(context.cookies(), [])
        # The first page is fetched again, without a question to nobody.
        with page.expect_request(kiosk.url + "/adieu"):
            page.clock.run_for(21_000)
        self.assert_nothing_left_the_kiosk(kiosk.url)

    def test_what_answers_the_question_does_nothing_else(self):
        kiosk = self.stall.kiosk("all", "--kiosk", "--idle", "20")
        self.addCleanup(kiosk.stop)
        page = self.context(has_touch=True).new_page()
        page.clock.install()
        page.goto(kiosk.url + "/article/11")
        question = page.locator("#repos")
        focus = "document.activeElement.textContent"
        page.focus(".nom a")

        page.clock.fast_forward(21_000)
        self.assertTrue(question.is_visible())
        # It can be heard and reached, and nothing behind it.
        self.assertEqual(page.evaluate(focus), "Continuer à lire")
        self.assertEqual(page.locator("#repos output, #repos [aria-live]").count(), 0)
        page.keyboard.press("Enter")
        self.assertFalse(question.is_visible())
        self.assertEqual(page.evaluate(focus), "Askia 24 (exemple)")

        page.clock.fast_forward(21_000)
        self.assertTrue(question.is_visible())
        box = page.locator(".nom a").bounding_box()
        page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        question.wait_for(state="hidden")
        page.wait_for_timeout(500)
        self.assertEqual(page.url, kiosk.url + "/article/11")

    def test_without_javascript_the_page_asks(self):
        kiosk = self.stall.kiosk("all", "--kiosk", "--idle", "20")
        self.addCleanup(kiosk.stop)
        page = self.context(java_script_enabled=False).new_page()
        page.goto(kiosk.url + "/article/30")
        refresh = page.get_attribute("meta[http-equiv=refresh]", "content")
        self.assertEqual(refresh, "20;url=/repos?retour=%2Farticle%2F30")
        answer = page.request.get(kiosk.url + "/repos?retour=%2Farticle%2F30")
        self.assertEqual(answer.headers["refresh"], "30; url=/adieu")
        page.goto(kiosk.url + "/repos?retour=%2Farticle%2F30")
        # What asks goes home; it does not ask again.
        self.assertEqual(page.locator("meta[http-equiv]").count(), 0)
        page.click("text=Continuer à lire")
        self.assertEqual(page.url, kiosk.url + "/article/30")
        # An outside link shows where it leads, and a code to take away.
        page.click("text=le carnet de mots")
        self.assertEqual(page.inner_text(".adresse"), "https://example.org/carnet")
        self.assertTrue(page.is_visible("svg.code"))
        self.shot(page, "lien")
        self.assert_nothing_left_the_kiosk(kiosk.url)


class Everybody(Browser):
    def violations(self, page):
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        return [(one["id"], one["nodes"][0]["html"][:120]) for one in found]

    def audit(self, name, **options):
        context = self.context(**options)
        if name == "contraste":
            context.add_cookies(
                [{"name": "affichage", "value": "tres-grand.contraste", "url": self.kiosk.url}])
        page = context.new_page()
        for kind, path in PAGES.items():
            with self.subTest(page=kind, look=name):
                page.goto(self.kiosk.url + path)
                self.assertEqual(self.violations(page), [])
                self.shot(page, f"{kind}-{name}")
        page.goto(self.few.url + "/article/2")
        self.assertEqual(self.violations(page), [])
        self.asked = [asked for asked in self.asked if not asked.startswith(self.few.url)]
        self.assert_nothing_left_the_kiosk(self.kiosk.url)

    def test_the_audit_finds_what_is_wrong(self):
        page = self.context().new_page()
        page.set_content("<title>x</title><p style='color:#999'>gris</p><a href='/'></a>")
        found = {name for name, _ in self.violations(page)}
        self.assertLessEqual({"color-contrast", "link-name", "html-has-lang"}, found)

    def test_audit_light(self):
        self.audit("clair")

    def test_audit_dark(self):
        self.audit("sombre", color_scheme="dark")

    def test_audit_contrast(self):
        self.audit("contraste")

    def test_audit_of_the_question(self):
        kiosk = self.stall.kiosk("all", "--kiosk", "--idle", "20")
        self.addCleanup(kiosk.stop)
        page = self.context().new_page()
        page.clock.install()
        page.goto(kiosk.url + "/article/11")
        self.assertEqual(self.violations(page), [])
        page.clock.fast_forward(21_000)
        self.assertTrue(page.is_visible("#repos"))
        self.assertEqual(self.violations(page), [])

    def test_nothing_is_wider_than_the_screen_or_too_small_to_touch(self):
        small = """() => [...document.querySelectorAll('a,button,input:not([type=hidden])')]
            .filter(e => !e.closest('.texte,p:not(.meta):not(.nom):not(.pages)') && !e.matches('.saut'))
            .map(e => [e.getBoundingClientRect(), e.outerHTML.slice(0, 90)])
            .filter(([r]) => r.width && (r.height < 43.5 || r.width < 43.5)).map(([r, h]) => h)"""
        for width, size in ((320, "normal"), (320, "tres-grand"), (768, "grand"), (1920, "normal")):
            context = self.context(viewport={"width": width, "height": 640})
            context.add_cookies(
                [{"name": "affichage", "value": f"{size}.clair", "url": self.kiosk.url}])
            page = context.new_page()
            for kind, path in PAGES.items():
                with self.subTest(page=kind, width=width, size=size):
                    page.goto(self.kiosk.url + path)
                    wide = page.evaluate("document.documentElement.scrollWidth")
                    self.assertLessEqual(wide, width)
                    self.assertEqual(page.evaluate(small), [])
                    self.shot(page, f"{kind}-{width}-{size}")

    def test_old_news_is_said_to_be_old(self):
        kiosk = self.stall.kiosk("all", "--old-after", "1s")
        self.addCleanup(kiosk.stop)
        page = self.context().new_page()

        def told():
            page.goto(kiosk.url + "/")
            return page.locator(".bandeau").count() == 1

        wait_until(told)
        self.assertIn("Ces nouvelles ont plus", page.inner_text(".bandeau"))
        self.assertEqual(self.violations(page), [])
        self.shot(page, "bandeau")


if __name__ == "__main__":
    unittest.main()
