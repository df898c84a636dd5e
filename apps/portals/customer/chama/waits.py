"""What waits for a person in their groups, as words that lead to where it is answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.chamas import acts
from apps.chamas.queries import Wait


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what is to do."""

    words: str
    group: str
    address: str
    picture: str


def lines(waits: Sequence[Wait]) -> list[Line]:
    """In the order given."""
    return [_line(one) for one in waits]


def _line(one: Wait) -> Line:
    words, page, with_key, picture = {
        "VOTE": (_("Vote: %(act)s"), "proposal", True, "users"),
        "SIGN": (_("Sign: %(act)s"), "proposal", True, "shield-check"),
        "DO": (_("Agreed on, not done yet: %(act)s"), "proposal", True, "refresh-cw"),
        "ACCEPT": (_("Read the rules and accept them"), "rules", False, "file-text"),
        "CASH": (_("Say whether you gave this cash"), "contribute", False, "banknote"),
        "GUARANTEE": (_("Somebody asks you to stand for a loan"), "loan", True, "hand-coins"),
        "ASKER": (_("Somebody asks to join"), "members", False, "user"),
        "SWAP": (_("Somebody asks to swap turns"), "rounds", False, "arrow-left-right"),
        "DISPUTE": (_("A row of the ledger is disputed"), "ledger", False, "flag"),
        "DISPUTED_MINUTES": (_("Minutes are disputed"), "meeting", True, "flag"),
        "MINUTES": (_("Sign the minutes"), "meeting", True, "notebook-pen"),
        "INVITE": (_("You are invited to join"), "", False, "mail"),
    }[one.what]
    if not page:
        return Line(words, one.group, reverse("customer:chama"), picture)
    address = reverse(f"customer:chama-{page}", args=[one.slug, *([one.key] if with_key else [])])
    return Line(words % {"act": _act(one.act)}, one.group, address, picture)


def _act(code: str) -> str:
    try:
        return str(acts.act(code).name)
    except LookupError:
        return code
