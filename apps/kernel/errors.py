"""The ways the bank says no to a person: a stable code, an HTTP status, a sentence in plain words."""

from typing import Any, ClassVar

from django.utils.functional import Promise


class DomainError(Exception):
    """A refusal that a customer may read. Nothing has moved when it is raised out of an operation.

    `code` is stable and machine-readable, `status` is the HTTP status, the message says what happened and what to
    do; `facts` are extra members for the problem body (a limit, what is left of it).
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 422

    def __init__(self, message: str | Promise, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(DomainError):
    """The person may not do this, whoever asks."""

    code, status = "not_allowed", 403


class NotFound(DomainError):
    """Not there, or not theirs: the two are never told apart."""

    code, status = "not_found", 404


class Conflict(DomainError):
    """It cannot be done from where things stand: already done, decided or taken."""

    code, status = "conflict", 409


class IllegalMove(Conflict):
    """The row has left the state this move starts from."""

    code = "illegal_move"


class AlreadyAsked(Conflict):
    """Somebody asked for something of this kind about this already, and it waits for a second person."""

    code = "already_asked"


class Unavailable(DomainError):
    """A provider or a part of the bank cannot answer now; nothing was lost."""

    code, status = "unavailable", 503
