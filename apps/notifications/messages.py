"""What the bank can say: each app declares its messages in `messages.py` and brings their texts as files.

    notifications.messages.declare(Message("users.otp_join", topic=Topic.SECURITY, placeholders={"code": "418 203"}))

The texts lie at `templates/messages/<app>/<name>.<language>.<channel>.txt`; an e-mail begins with `Subject: …` and an
empty line. `{code}` stands for a value. Every message has a text in every language for each of its channels.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from django.template import engines

from apps.notifications.errors import UnknownMessage
from apps.notifications.states import AlertType, Channel, Topic

LANGUAGES = ("en", "sw")


@dataclass(frozen=True, slots=True)
class Message:
    """One thing the bank says.

    `placeholders` maps each word in braces to an example (for previews and tests). `channels` are those it has texts
    for, the preferred one first. A secret message (a one-time code) is unreadable once sent; `good_for` is how long
    sending it makes sense. `alert` is its type when it can be raised as an alert in the app.
    """

    code: str
    topic: Topic
    placeholders: Mapping[str, str] = field(default_factory=dict)
    channels: tuple[Channel, ...] = (Channel.SMS, Channel.EMAIL)
    is_secret: bool = False
    good_for: timedelta = timedelta(days=1)  # older news helps nobody and would only hold up what is new
    alert: AlertType | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A subject (e-mail only) and a body, with words in braces."""

    subject: str
    body: str


_declared: dict[str, Message] = {}


def declare(*messages: Message) -> None:
    """Make messages known; called when an app's `messages.py` is loaded."""
    for message in messages:
        _declared[message.code] = message


def declared(code: str) -> Message:
    """The message of a code. Raises UnknownMessage."""
    try:
        return _declared[code]
    except KeyError:
        raise UnknownMessage(f"KitBank has no message called {code[:60]!r}.") from None


def is_declared(code: str) -> bool:
    """Whether an app still says this."""
    return code in _declared


def everything() -> list[Message]:
    """Every declared message, by code."""
    return [_declared[code] for code in sorted(_declared)]


def places() -> Iterator[tuple[Message, Channel, str]]:
    """Every (message, channel, language) that must have a text."""
    for message in everything():
        for channel in message.channels:
            for language in LANGUAGES:
                yield message, channel, language


def file_name(code: str, channel: str, language: str) -> str:
    """Where the text of a message lies, below a template folder."""
    app, _dot, name = code.partition(".")
    return f"messages/{app}/{name}.{language}.{channel.lower()}.txt"


def from_file(code: str, channel: str, language: str) -> Text | None:
    """The text an app brought; None when it brought none."""
    name = file_name(code, channel, language)
    for folder in engines["django"].template_dirs:
        path = Path(folder) / name
        if path.is_file():
            return _read(path, path.stat().st_mtime_ns)
    return None


@lru_cache(maxsize=1024)
def _read(path: Path, _changed: int) -> Text:
    text = path.read_text(encoding="utf-8").strip()
    if not text.startswith("Subject:"):
        return Text(subject="", body=text)
    first, _newline, body = text.partition("\n")
    return Text(subject=first.removeprefix("Subject:").strip(), body=body.strip())
