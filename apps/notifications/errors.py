"""The ways notifications says no."""

from apps.kernel.errors import Conflict, DomainError


class UnknownPlaceholder(DomainError):
    """A text uses a word in braces that this message does not have."""

    code, status = "unknown_placeholder", 422


class CannotSilence(DomainError):
    """Security and money messages always go out."""

    code, status = "cannot_silence", 422


class UnknownMessage(DomainError):
    """There is no such message."""

    code, status = "unknown_message", 422


class TextExists(Conflict):
    """This message has a text for that channel and language already."""

    code = "text_exists"


class StaleText(Conflict):
    """Somebody else has changed the text meanwhile."""

    code = "stale_version"


class Unreadable(DomainError):
    """What a provider sent could not be read."""

    code, status = "unreadable_report", 400
