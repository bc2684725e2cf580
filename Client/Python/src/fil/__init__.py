"""Reads the news of a newsroom, and syncs it over bad lines.

    with fil.Replica("gao.db", key=KEY) as replica:
        replica.sync("https://fil.askia24.net")
        for article in replica.articles(limit=10):
            print(article.title)

It needs the C library `libfil.so.1` (Debian: `libfil1`); the environment variable `FIL_LIBRARY` may name its file.
"""

from ._errors import (
    BehindError,
    BudgetSpentError,
    BusyError,
    CancelledError,
    DamagedError,
    DatabaseError,
    FileError,
    FilError,
    ForkedError,
    MalformedError,
    NotFoundError,
    OfflineError,
    UntrustedError,
    UsageError,
)
from ._observation import Observation
from ._replica import Articles, Cancellation, Replica
from ._values import (
    Article,
    BodyState,
    Bundle,
    Cost,
    Masthead,
    Progress,
    Report,
    Section,
    Spending,
    Status,
    Verification,
    Wish,
)
from ._version import VERSION as __version__

__all__ = [
    "Article",
    "Articles",
    "BehindError",
    "BodyState",
    "BudgetSpentError",
    "Bundle",
    "BusyError",
    "Cancellation",
    "CancelledError",
    "Cost",
    "DamagedError",
    "DatabaseError",
    "FilError",
    "FileError",
    "ForkedError",
    "MalformedError",
    "Masthead",
    "NotFoundError",
    "Observation",
    "OfflineError",
    "Progress",
    "Replica",
    "Report",
    "Section",
    "Spending",
    "Status",
    "UntrustedError",
    "UsageError",
    "Verification",
    "Wish",
    "__version__",
]
