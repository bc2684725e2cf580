"""One class for each way in which a call can fail; all are `FilError`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from ._library import Library

if TYPE_CHECKING:
    from ._values import Report


class FilError(Exception):
    """Whatever the library refuses.

    `code` is a stable word, as in `fil --json`; `report` is what a sync did until it failed, else None.
    """

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code
        self.report: Optional[Report] = None


class UsageError(FilError):
    """The call makes no sense, such as a new replica without a key."""


class OfflineError(FilError):
    """No source answers. What was received is kept: try again later."""


class BudgetSpentError(FilError):
    """The budget is used up before everything was there: the next sync goes on."""


class UntrustedError(FilError):
    """What came is not the newsroom's; nothing of it is kept. Another source, or a person looks."""


class ForkedError(UntrustedError):
    """Two states that the newsroom signed contradict each other: a person must look."""


class MalformedError(UntrustedError):
    """What came is not of this protocol; nothing of it is kept. Another source."""


class DamagedError(FilError):
    """The replica on this disk is damaged: `verify(repair=True)`, then `sync`."""


class BusyError(FilError):
    """Another process or thread syncs this replica: wait for it."""


class NotFoundError(FilError):
    """There is nothing of that name, or it is not here yet."""


class BehindError(FilError):
    """The source is older than the replica: another one, or later."""


class CancelledError(FilError):
    """The call was cancelled; what was received is kept."""


class DatabaseError(FilError):
    """SQLite refused, for example the file of a newer version."""


class FileError(FilError):
    """The disk or the system refused."""


_BY_RESULT: dict[int, type[FilError]] = {
    2: UsageError,
    3: OfflineError,
    4: BudgetSpentError,
    5: UntrustedError,
    6: DamagedError,
    7: BusyError,
    8: NotFoundError,
    9: BehindError,
}
_BY_CODE: dict[str, type[FilError]] = {
    "cancelled": CancelledError,
    "database": DatabaseError,
    "file": FileError,
    "forked": ForkedError,
}
_OF_TRUST = {"unsigned", "badSignature", "wrongOrigin", "wrongDigest", "wrongObject", "forked"}


def last_error(library: Library, result: int) -> FilError:
    """The failure that the library remembers for this thread."""
    code = library.fil_error_code().decode()
    message = library.fil_error_message().decode()
    kind = _BY_CODE.get(code) or _BY_RESULT.get(result, FilError)
    if kind is UntrustedError and code not in _OF_TRUST:
        kind = MalformedError
    return kind(message, code)


def check(library: Library, result: int) -> None:
    """Raises what a result says; FIL_OK is none."""
    if result != 0:
        raise last_error(library, result)
