"""Reading, syncing, watching and failing, against a real newsroom."""

import asyncio
import os
import pathlib
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import threading

import pytest

import fil

from conftest import ROOT, SAMPLES, run


def test_a_first_sync_brings_everything_and_tells_its_progress(tmp_path, newsroom):
    told, attempts = [], []
    with fil.Replica(tmp_path / "gao.db", newsroom.key) as replica:
        with pytest.raises(fil.NotFoundError):
            replica.masthead
        cost = replica.cost(newsroom.url)
        assert cost.bytes > 0 and cost.headlines > 0 and cost.bytes_spent > 0
        report = replica.sync(
            newsroom.url, on_progress=told.append, on_attempt=lambda *attempt: attempts.append(attempt)
        )
        assert report.complete and report.bodies == len(SAMPLES) and report.signed.tzinfo
        assert told and told[-1].done == told[-1].total
        assert attempts == [(newsroom.url, None)]
        assert replica.sync().from_version == report.to_version, "from the source that is known"
        status = replica.status
        assert status.complete and status.articles == len(SAMPLES) and status.source == newsroom.url
        assert status.key == newsroom.key and status.synced.tzinfo


def test_lists_are_iterators_with_a_length(replica):
    articles = replica.articles(limit=1000)
    assert len(articles) == len(SAMPLES)
    held = list(articles)
    assert [a.published for a in held] == sorted((a.published for a in held), reverse=True)
    assert list(articles) == [] and len(articles) == len(SAMPLES)
    assert [a.number for a in replica.articles(limit=2, offset=3)] == [a.number for a in held[3:5]]
    section = held[0].section
    some = list(replica.articles(section=section))
    assert 0 < len(some) < len(held)
    assert {section} <= {a.section for a in some}
    tagged = next(a for a in held if a.tags)
    assert tagged.number in {a.number for a in replica.articles(tag=tagged.tags[0])}
    with pytest.raises(fil.NotFoundError):
        replica.articles(section="nulle-part")
    partly = replica.articles()
    next(partly)
    partly.close()
    partly.close()
    assert list(partly) == []


def test_an_article_has_its_text_and_stays_good(replica):
    article = replica.article(1)
    replica.close()
    assert article.body_state is fil.BodyState.CURRENT and article.snippet is None
    assert len(article.body.encode()) == article.length
    source = SAMPLES[0].read_text().split("\n---\n", 1)[1].strip("\n")
    assert article.body.strip("\n") == source
    with pytest.raises(fil.UsageError):
        replica.article(1)
    replica.close()


def test_a_search_marks_what_it_found(replica):
    hits = list(replica.search("MARCHE"))
    assert hits
    for hit in hits:
        assert any(match for _, match in hit.snippet)
        assert all(text and "\x01" not in text for text, _ in hit.snippet)
    assert list(replica.search('" ')) == []


def test_corrections_and_retractions_are_told(newsroom, replica):
    newsroom.run("correct", "2", SAMPLES[1].parent / "corrections" / SAMPLES[1].name, "--note", "un chiffre")
    newsroom.run("retract", "5", "--reason", "doublon")
    assert replica.sync().headlines == 2
    corrected, retracted = replica.article(2), replica.article(5)
    assert corrected.note == "un chiffre" and corrected.updated >= corrected.published
    assert retracted.reason == "doublon" and retracted.retracted and retracted.title == ""
    assert 5 not in {a.number for a in replica.articles(limit=100, retracted=False)}
    assert 5 in {a.number for a in replica.articles(limit=100)}


def test_the_masthead_has_the_sections(replica):
    masthead = replica.masthead
    assert masthead.name and masthead.sections
    slugs = [section.slug for section in masthead.sections]
    assert all(s.parent == "" or s.parent in slugs[: slugs.index(s.slug)] for s in masthead.sections)


def test_every_failure_has_its_class(tmp_path, newsroom, replica):
    with pytest.raises(fil.NotFoundError) as missing:
        fil.Replica(tmp_path / "nothing.db")
    assert missing.value.code == "notFound" and "nothing.db" in str(missing.value)
    with pytest.raises(fil.UsageError):
        fil.Replica(tmp_path / "gao.db", "no key")
    with pytest.raises(fil.UsageError):
        replica.search("a\0b")
    with pytest.raises(fil.UsageError):
        replica.articles(limit=0)
    with pytest.raises(fil.OfflineError) as offline:
        replica.sync("http://127.0.0.1:9")
    assert offline.value.report.requests >= 1 and not offline.value.report.complete
    with fil.Replica(tmp_path / "poor.db", newsroom.key) as poor:
        with pytest.raises(fil.BudgetSpentError):
            poor.sync(newsroom.url, budget=2000)
        poor.set_budget(day=2500)
        assert poor.spending.day == 2500 and poor.spending.month is None
        assert poor.spending.left == 2500 - poor.spending.today
        poor.set_budget()
        assert poor.spending.left is None
    other = run("fil-server", "init", tmp_path / "other", "--origin", "essai.example/fil", "--name", "Autre")
    key = run("fil-server", "key", tmp_path / "other").split("\n")[-2]
    with fil.Replica(tmp_path / "fooled.db", key) as fooled:
        with pytest.raises(fil.UntrustedError) as untrusted:
            fooled.sync(newsroom.url)
        assert untrusted.value.code in ("unsigned", "badSignature"), other
    (tmp_path / "noise.db").write_bytes(b"\x55" * 8192)
    with pytest.raises(fil.DamagedError):
        fil.Replica(tmp_path / "noise.db", newsroom.key)
    with sqlite3.connect(tmp_path / "gao.db") as file:
        file.execute("PRAGMA user_version = 10000")
    with pytest.raises(fil.DatabaseError):
        fil.Replica(tmp_path / "gao.db")


def test_a_bundle_carries_the_news_to_another_replica(tmp_path, newsroom, replica):
    stick = tmp_path / "news.fil"
    written = replica.export(stick)
    assert written.version == replica.status.version and written.bodies == len(SAMPLES)
    assert written.bytes == stick.stat().st_size and written.missing_bodies == 0
    newsroom.run("retract", "5", "--reason", "doublon")
    replica.sync()
    small = replica.export(tmp_path / "since.fil", since=written.version)
    assert small.bytes < written.bytes
    with fil.Replica(tmp_path / "kiosk.db", newsroom.key) as kiosk:
        assert kiosk.import_bundle(stick).complete
        assert kiosk.article(5).body
        assert kiosk.import_bundle(tmp_path / "since.fil").complete
        assert kiosk.article(5).retracted and kiosk.verify().sound
        with pytest.raises(fil.BehindError) as behind:
            kiosk.import_bundle(stick)
        assert behind.value.report.complete is False
        with pytest.raises(fil.FileError):
            kiosk.import_bundle(tmp_path / "nothing.fil")
        with pytest.raises(fil.UsageError):
            kiosk.export(stick, since=10_000)
    stick.write_bytes(b"no bundle at all, whatever its name says " * 10)
    with fil.Replica(tmp_path / "other.db", newsroom.key) as other:
        with pytest.raises(fil.MalformedError):
            other.import_bundle(stick)


def test_a_reader_may_want_a_text_that_the_sections_leave_out(tmp_path, newsroom):
    with fil.Replica(tmp_path / "titles.db", newsroom.key) as replica:
        replica.sync(newsroom.url, sections="none")
        assert replica.article(1).body_state is fil.BodyState.MISSING
        assert replica.want(1) is fil.Wish.QUEUED and replica.status.open_wishes == 1
        assert replica.sync().open_wishes == 0
        assert replica.article(1).body and replica.want(1) is fil.Wish.HERE
        with pytest.raises(fil.NotFoundError):
            replica.want(999)


def test_damage_is_named_and_repaired(tmp_path, newsroom, replica):
    assert replica.verify().sound
    with sqlite3.connect(tmp_path / "gao.db") as file:
        file.execute("UPDATE body SET text = text || '!' WHERE hash = (SELECT body FROM article WHERE number = 3)")
    found = replica.verify(repair=True)
    assert not found.sound and any("3" in place for place in found.damage)
    replica.sync()
    assert replica.verify().sound


def test_changes_of_this_process_and_of_another_are_seen(tmp_path, newsroom, replica):
    with replica.observe() as observation:
        assert not observation.changed()
        replica.set_budget(day=1_000_000)
        assert observation.wait(30)
        assert not observation.changed()
        newsroom.run("retract", "5", "--reason", "doublon")
        run("fil", "sync", tmp_path / "gao.db")
        assert select.select([observation], [], [], 30)[0]
        assert observation.changed()
        assert replica.article(5).retracted
    with pytest.raises(fil.UsageError):
        observation.changed()


def test_asyncio_can_wait_for_a_change(replica):
    async def changed():
        loop, seen = asyncio.get_running_loop(), asyncio.Event()
        with replica.observe() as observation:
            loop.add_reader(observation.fileno(), seen.set)
            replica.set_budget(month=5_000_000)
            await asyncio.wait_for(seen.wait(), 30)
            loop.remove_reader(observation.fileno())
            return observation.changed()

    assert asyncio.run(changed())


@pytest.fixture
def silent():
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def url_of(server):
    return "http://127.0.0.1:%d" % server.getsockname()[1]


def test_another_thread_cancels(replica, silent):
    cancellation = fil.Cancellation()

    def cancel():
        connection, _ = silent.accept()
        cancellation.cancel()
        connection.close()

    thread = threading.Thread(target=cancel)
    thread.start()
    with pytest.raises(fil.CancelledError):
        replica.sync(url_of(silent), cancellation=cancellation)
    thread.join()
    with pytest.raises(fil.CancelledError):
        replica.sync(cancellation=cancellation)


def test_closing_cancels_what_goes_on(tmp_path, newsroom, silent):
    replica = fil.Replica(tmp_path / "closing.db", newsroom.key)
    failures = []

    def sync():
        try:
            replica.sync(url_of(silent))
        except fil.FilError as error:
            failures.append(type(error))

    thread = threading.Thread(target=sync)
    thread.start()
    connection, _ = silent.accept()
    replica.close()
    thread.join()
    connection.close()
    assert failures == [fil.CancelledError]


def test_what_a_closure_raises_stops_the_sync_and_is_raised(tmp_path, newsroom):
    class Mine(Exception):
        pass

    def refuse(*_):
        raise Mine

    with fil.Replica(tmp_path / "gao.db", newsroom.key) as replica:
        with pytest.raises(Mine):
            replica.sync(newsroom.url, on_progress=refuse)
        with pytest.raises(Mine):
            replica.sync("http://127.0.0.1:9", on_attempt=refuse)
        assert replica.sync(newsroom.url).complete


def test_a_closure_cannot_close_its_replica(tmp_path, newsroom):
    with fil.Replica(tmp_path / "gao.db", newsroom.key) as replica:
        with pytest.raises(fil.UsageError):
            replica.sync(newsroom.url, on_progress=lambda _: replica.close())
        assert replica.sync(newsroom.url).complete


def test_nobody_begins_a_call_while_it_closes(tmp_path, newsroom, silent):
    replica = fil.Replica(tmp_path / "closing.db", newsroom.key)
    failures = []

    def sync(at):
        try:
            replica.sync(at)
        except fil.FilError as error:
            failures.append(type(error))

    first = threading.Thread(target=sync, args=(url_of(silent),))
    first.start()
    connection, _ = silent.accept()
    closing = threading.Thread(target=replica.close)
    closing.start()
    closing.join(30)
    assert not closing.is_alive()
    sync(url_of(silent))
    first.join()
    connection.close()
    assert sorted(kind.__name__ for kind in failures) == ["CancelledError", "UsageError"]


def test_numbers_that_c_cannot_hold_are_refused(replica):
    for call in (
        lambda: replica.article(1 << 64),
        lambda: replica.articles(offset=-1),
        lambda: replica.sync(budget=(1 << 64) + 5),
        lambda: replica.set_budget(day=1 << 63),
    ):
        with pytest.raises(fil.UsageError):
            call()


def test_the_cost_of_other_sections_changes_nothing(tmp_path, newsroom):
    with fil.Replica(tmp_path / "gao.db", newsroom.key) as replica:
        nothing = replica.cost(newsroom.url, sections="none")
        everything = replica.cost(newsroom.url, sections="all")
        assert 0 < nothing.bytes < everything.bytes and nothing.bodies == 0
        assert replica.status.version == 0
        assert replica.sync(newsroom.url, first="sport").complete


def test_a_child_does_not_end_what_its_parent_watches(newsroom, replica):
    with replica.observe() as observation:
        child = os.fork()
        if child == 0:
            # What a `with` block does in a child that leaves by an exception.
            observation.close()
            replica.close()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        newsroom.run("retract", "1", "--reason", "Essai")
        replica.sync()
        assert observation.wait(20)
    assert replica.article(1).retracted is not None


def test_ctrl_c_ends_a_sync_on_a_silent_line(tmp_path, newsroom, silent):
    script = (
        "import fil, sys\n"
        "try:\n    fil.Replica(sys.argv[1], sys.argv[2]).sync(sys.argv[3])\n"
        "except KeyboardInterrupt:\n    sys.exit(42)\n"
    )
    words = [sys.executable, "-c", script, tmp_path / "i.db", newsroom.key, url_of(silent)]
    # Whoever runs the tests in the background has it ignored.
    process = subprocess.Popen(words, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    connection, _ = silent.accept()
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 42
    connection.close()


def test_threads_read_while_one_syncs(tmp_path, newsroom):
    with fil.Replica(tmp_path / "many.db", newsroom.key) as replica:
        errors = []

        def read():
            try:
                for _ in range(20):
                    for headline in replica.articles(limit=1000):
                        replica.article(headline.number)
            except Exception as error:
                errors.append(error)

        threads = [threading.Thread(target=read) for _ in range(3)]
        for thread in threads:
            thread.start()
        assert replica.sync(newsroom.url).complete
        for thread in threads:
            thread.join()
        assert errors == []


def test_a_missing_library_is_told(tmp_path):
    script = "import fil\nfil.Replica('x', None)"
    environment = {**os.environ, "FIL_LIBRARY": "/nowhere/libfil.so.1"}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert "libfil1" in done.stderr and "ImportError" in done.stderr


def test_the_example_of_the_readme_runs(tmp_path, newsroom):
    text = (ROOT / "Client/Python/README.md").read_text()
    code = text.split("```python\n")[1].split("```")[0]
    assert len(code.strip().split("\n")) <= 12
    environment = {**os.environ, "FIL_KEY": newsroom.key, "FIL_SOURCE": newsroom.url}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.split("\n")
    assert "headlines for" in lines[0] and len(lines) == 1 + 5 + 3 + 1 and "[marché]" in done.stdout
    assert pathlib.Path(tmp_path / "gao.db").exists()
