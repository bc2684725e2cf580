"""Watching a replica for changes."""

from __future__ import annotations

import math
import os
import select
from ctypes import byref, c_void_p
from types import TracebackType
from typing import Iterator, Optional

from ._errors import UsageError, check
from ._library import load


class Observation:
    """Tells when a replica changed, by a sync of this process or of another.

    It is a context manager, and has a `fileno()` for `select` and `asyncio.loop.add_reader`. One thread at a time.
    """

    def __init__(self, replica: c_void_p) -> None:
        self._library = load()
        handle = c_void_p()
        self._handle: Optional[c_void_p] = None
        check(self._library, self._library.fil_observe(replica, byref(handle)))
        self._handle = handle
        # After a fork what is open is the parent's.
        self._process = os.getpid()

    def _open(self) -> c_void_p:
        if self._handle is None:
            raise UsageError("the observation is closed", "usage")
        return self._handle

    def fileno(self) -> int:
        """Readable from a change on until `changed` is called. Do not read from it."""
        return int(self._library.fil_observation_descriptor(self._open()))

    def changed(self) -> bool:
        """Whether the replica changed since the last call; never waits."""
        return bool(self._library.fil_observation_take(self._open()))

    def wait(self, timeout: Optional[float] = None) -> bool:
        """Waits for a change, at most `timeout` seconds; False when none came."""
        # Not `select`, which knows no descriptor above 1,023.
        poll = select.poll()
        poll.register(self, select.POLLIN)
        poll.poll(None if timeout is None else math.ceil(timeout * 1_000))
        return self.changed()

    def __iter__(self) -> Iterator[None]:
        """One turn for each change, or for several that came together; it does not end by itself."""
        while True:
            if self.wait():
                yield None

    def close(self) -> None:
        """Ends the watching; more than once does no harm."""
        if self._handle is not None:
            if os.getpid() == self._process:
                self._library.fil_observation_free(self._handle)
            self._handle = None

    def __enter__(self) -> Observation:
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
