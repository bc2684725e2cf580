"""A replica, its lists, and what stops its syncs."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from ctypes import POINTER, byref, c_char_p, c_int, c_void_p, sizeof
from types import TracebackType
from typing import Any, Callable, Iterable, Iterator, Optional, Union

from . import _library as c
from . import _values as values
from ._errors import DamagedError, FilError, UsageError, check, last_error
from ._observation import Observation

Sources = Union[None, str, "os.PathLike[str]", Iterable[Union[str, "os.PathLike[str]"]]]


class Cancellation:
    """Stops the calls that it was given to, from any thread; for good."""

    def __init__(self) -> None:
        self._library = c.load()
        self._handle = c_void_p(self._library.fil_cancellation_new())

    def cancel(self) -> None:
        self._library.fil_cancel(self._handle)

    def __del__(self) -> None:
        if getattr(self, "_handle", None) is not None:
            self._library.fil_cancellation_free(self._handle)


class Articles:
    """Articles one after another: an iterator that knows its length. One thread at a time."""

    def __init__(self, library: c.Library, handle: c_void_p) -> None:
        self._library = library
        self._handle: Optional[c_void_p] = handle
        self._count = int(library.fil_articles_count(handle))

    def __len__(self) -> int:
        """How many there are in all, also when some were taken."""
        return self._count

    def __iter__(self) -> Articles:
        return self

    def __next__(self) -> values.Article:
        found = self._handle and self._library.fil_articles_next(self._handle)
        if not found:
            self.close()
            raise StopIteration
        return values.article(found.contents)

    def close(self) -> None:
        """Lets go of what was not taken; more than once does no harm."""
        if self._handle is not None:
            self._library.fil_articles_free(self._handle)
            self._handle = None

    def __del__(self) -> None:
        self.close()


class Replica:
    """A copy of a feed in one SQLite file: a context manager, and safe to use from several threads.

    `key` is the newsroom's verifier key, from somewhere you trust; with it a missing file is made. None: the key that
    the replica was made with.
    """

    def __init__(self, path: Union[str, "os.PathLike[str]"], key: Optional[str] = None) -> None:
        self._library = c.load()
        self._handle: Optional[c_void_p] = None
        self._calls = 0
        self._idle = threading.Condition()
        self._cancellations: list[Cancellation] = []
        self._workers: set[threading.Thread] = set()
        # After a fork what is open is the parent's.
        self._process = os.getpid()
        handle = c_void_p()
        given = None if key is None else _bytes(key)
        check(self._library, self._library.fil_open(_bytes(os.fspath(path)), given, byref(handle)))
        self._handle = handle

    # Reading

    def articles(
        self,
        *,
        section: Optional[str] = None,
        tag: Optional[str] = None,
        une: bool = False,
        retracted: bool = True,
        limit: int = 50,
        offset: int = 0,
    ) -> Articles:
        """Articles without their bodies, newest first, all of one moment.

        `section`: of this one and those below it; `une`: of « À la Une » only; `retracted`: with retractions in their
        place.
        """
        wanted = c.CFilter(
            size=sizeof(c.CFilter),
            section=_bytes_or_none(section),
            tag=_bytes_or_none(tag),
            une=une,
            hide_retracted=not retracted,
            limit=_positive(limit, "limit"),
            offset=_number(offset, "offset"),
        )
        handle = c_void_p()
        with self._call() as replica:
            check(self._library, self._library.fil_list(replica, byref(wanted), byref(handle)))
        return Articles(self._library, handle)

    def search(self, words: str, *, limit: int = 20, offset: int = 0) -> Articles:
        """Articles with all of these words, best first, with snippets; accents and case do not matter."""
        handle = c_void_p()
        with self._call() as replica:
            found = self._library.fil_search(
                replica, _bytes(words), _positive(limit, "limit"), _number(offset, "offset"), byref(handle)
            )
            check(self._library, found)
        return Articles(self._library, handle)

    def article(self, number: int) -> values.Article:
        """One article with its body, as far as it is here; raises NotFoundError."""
        with self._taken(self._library.fil_get, number, c.CArticle) as found:
            return values.article(found)

    @property
    def masthead(self) -> values.Masthead:
        """What the feed says of itself; raises NotFoundError before the first sync."""
        with self._taken(self._library.fil_get_masthead, None, c.CMasthead) as found:
            return values.masthead(found)

    @property
    def status(self) -> values.Status:
        """Where the replica stands."""
        with self._taken(self._library.fil_get_status, None, c.CStatus) as found:
            return values.status(found)

    def want(self, number: int) -> values.Wish:
        """Has the next sync bring the text of an article, whatever sections are wanted."""
        wish = c_int()
        with self._call() as replica:
            check(self._library, self._library.fil_want(replica, _number(number, "number"), byref(wish)))
        return values.Wish(wish.value)

    def verify(self, *, repair: bool = False) -> values.Verification:
        """Hashes everything held again; with `repair` what is damaged is forgotten, and comes with the next sync."""
        held = POINTER(c.CVerification)()
        with self._call() as replica:
            result = self._library.fil_verify(replica, repair, byref(held))
            if not held:
                raise last_error(self._library, result)
            try:
                v = held.contents
                damage = tuple(v.damage[i].decode() for i in range(v.damage_count))
                return values.Verification(v.version, v.records, v.bodies, damage)
            finally:
                self._library.fil_verification_free(held)

    def observe(self) -> Observation:
        """Begins to watch for changes."""
        with self._call() as replica:
            return Observation(replica)

    # Syncing

    def sync(
        self,
        sources: Sources = None,
        *,
        sections: Optional[str] = None,
        first: Optional[str] = None,
        days: Optional[int] = None,
        budget: Optional[int] = None,
        headlines_only: bool = False,
        on_progress: Optional[Callable[[values.Progress], None]] = None,
        on_attempt: Optional[Callable[[str, Optional[str]], None]] = None,
        cancellation: Optional[Cancellation] = None,
    ) -> values.Report:
        """Brings the replica to the newsroom's newest state, as far as line and budget allow.

        `sources`: an address (https://…) or a folder, or several, tried one after another; None: those of earlier
        syncs. `sections`: `all`, `none`, or slugs by commas; `first`: slugs whose texts come before others. `budget`:
        the most bytes it may cost.

        The closures are called on another thread; what they raise stops the sync and is raised here. An interrupt
        (Ctrl-C) stops it as well. Raises FilError with a `report`; what was received is kept.
        """
        stop = cancellation or Cancellation()
        raised: list[BaseException] = []

        def progress(_: Any, told: Any) -> int:
            p = told.contents
            return _guarded(raised, on_progress, values.Progress(p.done, p.total, p.headlines, p.bodies, p.rate))

        def attempt(_: Any, source: bytes, error: Optional[bytes]) -> None:
            if _guarded(raised, on_attempt, source.decode(), values.text_or_none(error)):
                stop.cancel()

        options = c.CSyncOptions(
            size=sizeof(c.CSyncOptions),
            sections=_bytes_or_none(sections),
            days=_positive(days, "days"),
            budget=_positive(budget, "budget"),
            headlines_only=headlines_only,
            cancellation=stop._handle,
            first=_bytes_or_none(first),
        )
        if on_progress:
            options.on_progress = c.PROGRESS_FUNCTION(progress)
        if on_attempt:
            options.on_attempt = c.ATTEMPT_FUNCTION(attempt)
        report = c.CReport(size=sizeof(c.CReport))
        addresses, count = _addresses(sources)

        def work(replica: c_void_p) -> None:
            result = self._library.fil_sync(replica, addresses, count, byref(options), byref(report))
            self._check_report(result, report)

        self._blocking(work, stop, raised)
        return values.report(report)

    def cost(
        self,
        sources: Sources = None,
        *,
        sections: Optional[str] = None,
        cancellation: Optional[Cancellation] = None,
    ) -> values.Cost:
        """Asks the first of the sources what a sync would cost, by one small request.

        `sections`: what it would cost if these were wanted; nothing is then kept or changed.
        """
        stop = cancellation or Cancellation()
        addresses, count = _addresses(sources)
        cost = c.CCost(size=sizeof(c.CCost))

        def work(replica: c_void_p) -> None:
            if sections is None:
                result = self._library.fil_get_cost(replica, addresses, count, stop._handle, byref(cost))
            else:
                result = self._library.fil_get_cost_of(
                    replica, _bytes(sections), addresses, count, stop._handle, byref(cost)
                )
            check(self._library, result)

        self._blocking(work, stop, [])
        return values.Cost(
            bytes=cost.bytes,
            headlines=values.number_or_none(cost.headlines),
            bodies=values.number_or_none(cost.bodies),
            seconds=None if cost.seconds < 0 else cost.seconds,
            bytes_spent=cost.bytes_spent,
        )

    @property
    def spending(self) -> values.Spending:
        """What syncs may cost and have cost."""
        s = c.CSpending(size=sizeof(c.CSpending))
        with self._call() as replica:
            check(self._library, self._library.fil_get_spending(replica, byref(s)))
        none = values.number_or_none
        return values.Spending(none(s.day), none(s.month), s.today, s.this_month, none(s.left))

    def set_budget(self, *, day: Optional[int] = None, month: Optional[int] = None) -> None:
        """Bounds what all syncs of a day, and of 30 days, may cost, in bytes; None: no bound."""
        with self._call() as replica:
            bounds = [c.NONE if bound is None else _number(bound, "bound") for bound in (day, month)]
            check(self._library, self._library.fil_set_budget(replica, *bounds))

    # Bundles

    def export(self, path: Union[str, "os.PathLike[str]"], *, since: Optional[int] = None) -> values.Bundle:
        """Writes what is held into one file, for a stick or a message; `since`: only what came after that version."""
        b = c.CBundle(size=sizeof(c.CBundle))
        with self._call() as replica:
            given = self._library.fil_export(replica, _bytes(os.fspath(path)), _positive(since, "since"), byref(b))
            check(self._library, given)
        return values.Bundle(b.version, b.volumes, b.bodies, b.missing_bodies, b.bytes)

    def import_bundle(
        self, path: Union[str, "os.PathLike[str]"], *, cancellation: Optional[Cancellation] = None
    ) -> values.Report:
        """Takes what is new in a bundle, verified as what a line brings is; raises FilError with a `report`."""
        stop = cancellation or Cancellation()
        report = c.CReport(size=sizeof(c.CReport))

        def work(replica: c_void_p) -> None:
            name = _bytes(os.fspath(path))
            result = self._library.fil_import(replica, name, stop._handle, byref(report))
            self._check_report(result, report)

        self._blocking(work, stop, [])
        return values.report(report)

    # Opening and closing

    def close(self) -> None:
        """Cancels the syncs that go on, waits for other threads' calls, and closes; twice does no harm.

        Raises UsageError in a closure that a sync calls: it would wait for itself.
        """
        if threading.current_thread() in self._workers:
            raise UsageError("a closure of a sync cannot close its replica; raise, or cancel", "usage")
        with self._idle:
            # From now on nobody begins a call.
            handle, self._handle = self._handle, None
            for cancellation in self._cancellations:
                cancellation.cancel()
            self._idle.wait_for(lambda: self._calls == 0)
        if handle is not None and os.getpid() == self._process:
            self._library.fil_close(handle)

    def __enter__(self) -> Replica:
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_handle", None) is not None:
            self.close()

    # How calls are made

    @contextmanager
    def _call(self) -> Iterator[c_void_p]:
        """The handle, which nobody closes meanwhile."""
        with self._idle:
            if self._handle is None:
                raise UsageError("the replica is closed", "usage")
            self._calls += 1
            handle = self._handle
        try:
            yield handle
        finally:
            with self._idle:
                self._calls -= 1
                self._idle.notify_all()

    @contextmanager
    def _taken(self, function: Any, number: Optional[int], kind: Any) -> Iterator[Any]:
        """What `function` makes, given back afterwards."""
        frees = {
            c.CArticle: self._library.fil_article_free,
            c.CMasthead: self._library.fil_masthead_free,
            c.CStatus: self._library.fil_status_free,
        }
        held = POINTER(kind)()
        with self._call() as replica:
            arguments: list[Any] = [replica] if number is None else [replica, _number(number, "number")]
            check(self._library, function(*arguments, byref(held)))
            try:
                yield held.contents
            finally:
                frees[kind](held)

    def _check_report(self, result: int, report: c.CReport) -> None:
        if result != 0:
            failure = last_error(self._library, result)
            failure.report = values.report(report)
            raise failure

    def _blocking(
        self, work: Callable[[c_void_p], None], stop: Cancellation, raised: list[BaseException]
    ) -> None:
        """Runs `work` on another thread, so that an interrupt reaches this one at once and stops it."""
        failures: list[BaseException] = []

        def run(replica: c_void_p) -> None:
            try:
                work(replica)
            except BaseException as error:  # it is raised on the other thread
                failures.append(error)

        with self._call() as replica:
            thread = threading.Thread(target=run, args=(replica,), name="fil", daemon=True)
            with self._idle:
                self._cancellations.append(stop)
                self._workers.add(thread)
                if self._handle is None:
                    stop.cancel()
            try:
                thread.start()
                thread.join()
            except BaseException:
                stop.cancel()
                thread.join()
                raise
            finally:
                with self._idle:
                    self._cancellations.remove(stop)
                    self._workers.discard(thread)
        if raised:
            raise raised[0]
        if failures:
            raise failures[0]


def _guarded(raised: list[BaseException], function: Optional[Callable[..., None]], *arguments: Any) -> int:
    """Calls a closure of the caller; 1 when it raised, which C cannot pass on."""
    try:
        if function is not None:
            function(*arguments)
        return 0
    except BaseException as error:
        raised.append(error)
        return 1


def _bytes(value: str) -> bytes:
    encoded = value.encode("utf-8", "surrogateescape")
    if b"\0" in encoded:
        raise UsageError("a text has a zero byte", "usage")
    return encoded


def _bytes_or_none(value: Optional[str]) -> Optional[bytes]:
    return None if value is None else _bytes(value)


def _positive(value: Optional[int], name: str) -> int:
    """A number from 1; None, which the library spells 0, stays that."""
    if value is None:
        return 0
    if value < 1:
        raise UsageError(f"{name} is less than 1", "usage")
    return _number(value, name)


def _number(value: int, name: str) -> int:
    """A number as the library takes it: ctypes would cut a larger one without a word."""
    if not 0 <= value < 1 << 63:
        raise UsageError(f"{name} is not a number from 0 to 2^63 - 1", "usage")
    return value


def _addresses(sources: Sources) -> tuple[Any, int]:
    if sources is None:
        named: list[str] = []
    elif isinstance(sources, (str, os.PathLike)):
        named = [os.fspath(sources)]
    else:
        named = [os.fspath(source) for source in sources]
    return (c_char_p * len(named))(*map(_bytes, named)), len(named)
