"""What the library tells, as values: they stay good when the replica is closed."""

from __future__ import annotations

import ctypes
import enum
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Optional

from ._library import NONE


class BodyState(enum.IntEnum):
    """Which text of an article there is."""

    NONE = 0
    """The article has none."""
    CURRENT = 1
    """The current one is here."""
    OUTDATED = 2
    """The one before is here; its correction is on its way."""
    MISSING = 3
    """Not here yet, or not chosen."""


class Wish(enum.IntEnum):
    """What becomes of a reader's wish for a text that is not here."""

    QUEUED = 0
    """The next sync brings it, before other texts."""
    HERE = 1
    """The current text is here already."""
    NO_TEXT = 2
    """The article has none beside its summary."""
    RETRACTED = 3
    FULL = 4
    """Too many wishes are open; this one was not taken."""


@dataclass(frozen=True)
class Article:
    """What a person sees of one article. Times are in UTC."""

    number: int
    title: str
    summary: str
    section: str
    tags: tuple[str, ...]
    published: datetime
    updated: Optional[datetime]
    """Of the last correction."""
    author: str
    """Empty: the newsroom."""
    language: str
    """BCP 47; empty: the masthead's."""
    urgent: bool
    une: bool
    note: str
    """What was corrected."""
    retracted: Optional[datetime]
    """When it was withdrawn; its texts are then empty."""
    reason: Optional[str]
    """Why it was withdrawn."""
    readable: bool
    """False: a newer version of the library is needed."""
    length: int
    """Of the body, in bytes."""
    body_state: BodyState
    body: Optional[str]
    """CommonMark, of `Replica.article` only, as far as it is here."""
    snippet: Optional[tuple[tuple[str, bool], ...]]
    """Of a search: runs of text, and whether each is what was searched for."""


@dataclass(frozen=True)
class Section:
    slug: str
    title: str
    parent: str
    """The slug of the section above it; empty: it stands at the top."""


@dataclass(frozen=True)
class Masthead:
    """What the feed says of itself."""

    name: str
    about: str
    contact: str
    language: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Status:
    """Where a replica stands."""

    origin: str
    key: str
    sections: str
    source: Optional[str]
    version: int
    signed: Optional[datetime]
    articles: int
    bodies: int
    missing_bodies: int
    open_wishes: int
    oldest: int
    spooled: int
    spool_total: int
    bytes_received: int
    bytes_sent: int
    synced: Optional[datetime]
    pending_erasures: int
    forks: int
    complete: bool


@dataclass(frozen=True)
class Progress:
    """How far a sync is: bytes of the object on its way, what was committed so far, bytes per second."""

    done: int
    total: int
    headlines: int
    bodies: int
    rate: float


@dataclass(frozen=True)
class Report:
    """What a sync did. Bytes are as they crossed the socket, HTTP headers included."""

    from_version: int
    to_version: int
    requests: int
    bytes_received: int
    bytes_sent: int
    headlines: int
    bodies: int
    missing_bodies: int
    open_wishes: int
    seconds: float
    signed: Optional[datetime]
    complete: bool


@dataclass(frozen=True)
class Bundle:
    """What a bundle that was written holds; `bytes` is the size of its file."""

    version: int
    volumes: int
    bodies: int
    missing_bodies: int
    """That the replica itself does not have."""
    bytes: int


@dataclass(frozen=True)
class Cost:
    """What the next sync would cost, in bytes; None: the source did not say."""

    bytes: int
    headlines: Optional[int]
    bodies: Optional[int]
    seconds: Optional[float]
    bytes_spent: int
    """By asking; they are not paid for again."""


@dataclass(frozen=True)
class Spending:
    """What syncs may cost a day and in 30 days, and have cost, in bytes; None: no bound."""

    day: Optional[int]
    month: Optional[int]
    today: int
    this_month: int
    left: Optional[int]


@dataclass(frozen=True)
class Verification:
    """What a check found; `damage` names places such as `volume 3`."""

    version: int
    records: int
    bodies: int
    damage: tuple[str, ...]

    @property
    def sound(self) -> bool:
        return not self.damage


def text(value: Optional[bytes]) -> str:
    return (value or b"").decode()


def text_or_none(value: Optional[bytes]) -> Optional[str]:
    return None if value is None else value.decode()


def time(value: int) -> datetime:
    return datetime.fromtimestamp(value, timezone.utc)


def time_or_none(value: int) -> Optional[datetime]:
    return None if value == NONE else time(value)


def number_or_none(value: int) -> Optional[int]:
    return None if value == NONE else value


def _runs(marked: Optional[bytes]) -> Optional[tuple[tuple[str, bool], ...]]:
    if marked is None:
        return None
    runs: list[tuple[str, bool]] = []
    for place, part in enumerate(marked.decode().split("\x01")):
        match, _, rest = part.partition("\x02") if place else ("", "", part)
        runs += [(match, True)] if match else []
        runs += [(rest, False)] if rest else []
    return tuple(runs)


def article(c: Any) -> Article:
    body = ctypes.string_at(c.body, c.body_size).decode() if c.body else None
    return Article(
        number=c.number,
        title=text(c.title),
        summary=text(c.summary),
        section=text(c.section),
        tags=tuple(c.tags[i].decode() for i in range(c.tag_count)),
        published=time(c.published),
        updated=time_or_none(c.updated),
        author=text(c.author),
        language=text(c.language),
        urgent=c.urgent != 0,
        une=c.une != 0,
        note=text(c.note),
        retracted=time_or_none(c.retracted),
        reason=text_or_none(c.reason),
        readable=c.readable != 0,
        length=c.length,
        body_state=BodyState(c.body_state),
        body=body,
        snippet=_runs(c.snippet),
    )


def masthead(c: Any) -> Masthead:
    sections = (c.sections[i].contents for i in range(c.section_count))
    return Masthead(
        name=text(c.name),
        about=text(c.about),
        contact=text(c.contact),
        language=text(c.language),
        sections=tuple(Section(text(s.slug), text(s.title), text(s.parent)) for s in sections),
    )


def status(c: Any) -> Status:
    return Status(
        origin=text(c.origin),
        key=text(c.key),
        sections=text(c.sections),
        source=text_or_none(c.source),
        version=c.version,
        signed=time_or_none(c.signed_at),
        articles=c.articles,
        bodies=c.bodies,
        missing_bodies=c.missing_bodies,
        open_wishes=c.open_wishes,
        oldest=c.oldest,
        spooled=c.spooled,
        spool_total=c.spool_total,
        bytes_received=c.bytes_received,
        bytes_sent=c.bytes_sent,
        synced=time_or_none(c.synced),
        pending_erasures=c.pending_erasures,
        forks=c.forks,
        complete=c.complete != 0,
    )


def report(c: Any) -> Report:
    return Report(
        from_version=getattr(c, "from"),
        to_version=c.to,
        requests=c.requests,
        bytes_received=c.bytes_received,
        bytes_sent=c.bytes_sent,
        headlines=c.headlines,
        bodies=c.bodies,
        missing_bodies=c.missing_bodies,
        open_wishes=c.open_wishes,
        seconds=c.seconds,
        signed=time_or_none(c.signed_at),
        complete=c.complete != 0,
    )
