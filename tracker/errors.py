"""Every error Runcite raises on purpose.

    RunciteError
    ├── UsageError            the caller asked for something that cannot be
    │   ├── InvalidRunID      text that is no run ID
    │   ├── InvalidConfig     a hyperparameter that cannot be stored, or written twice
    │   ├── InvalidQuery      a `where` or `order_by` that cannot be understood
    │   └── InvalidSettings   a setting that makes no sense
    ├── NotFound              a name nothing is registered under
    ├── Refused               the store says no, and will say so again
    │   ├── NotAllowed        the token's role does not reach
    │   │   └── NotLoggedIn   there is no token, or none that is known
    │   ├── Sealed            the run has ended
    │   └── Clash             the run ID, or the batch, belongs to somebody else
    ├── Unavailable           the store cannot be reached now; trying again is right
    └── Corrupt               bytes that are not what was written

A message is one sentence that says what happened; `remedy` is what to type or do next.
"""

from __future__ import annotations


class RunciteError(Exception):
    """Base of the tree. `str()` gives the sentence and, where there is one, the remedy, on one line."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class UsageError(RunciteError):
    """The caller asked for something that cannot be."""


class InvalidRunID(UsageError):
    """Text that is no run ID."""


class InvalidConfig(UsageError):
    """A hyperparameter that cannot be stored, or one written twice with different values."""


class InvalidQuery(UsageError):
    """A `where` or `order_by` that cannot be understood."""


class InvalidSettings(UsageError):
    """A setting that makes no sense."""


class NotFound(RunciteError):
    """A name nothing is registered under. `suggestions` are registered names that come close."""

    def __init__(self, message: str, *, remedy: str = "", suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(message, remedy=remedy)
        self.suggestions = suggestions


class Refused(RunciteError):
    """The store says no, and will say so again."""


class NotAllowed(Refused):
    """The token's role does not reach."""


class NotLoggedIn(NotAllowed):
    """There is no token, or none that is known (it may have expired, or been revoked)."""


class Sealed(Refused):
    """The run has ended; its record is fixed."""


class Clash(Refused):
    """The run ID, or the batch, belongs to somebody else."""


class Unavailable(RunciteError):
    """The store cannot be reached now. `retry_after` is in seconds, where the store said so."""

    def __init__(self, message: str, *, remedy: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.retry_after = retry_after


class Corrupt(RunciteError):
    """Bytes that are not what was written."""
