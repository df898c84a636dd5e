"""A rule in words for people: a sentence with places for the facts it speaks of."""

import re

from apps.fraud.rules.facts import FACTS, Facts, Kind
from apps.fraud.rules.language import BadExpression
from apps.fraud.rules.words import gettext_noop as _
from apps.kernel.money import Money

_PLACE = re.compile(r"\{([^{}]*)\}")
MISSING = "–"


def check(sentence: str) -> None:
    """Raises BadExpression when it is empty or has a place for something that is no fact."""
    if not sentence.strip():
        raise BadExpression(_("A rule has a sentence in both languages."))
    for name in _PLACE.findall(sentence):
        if name not in FACTS:
            raise BadExpression(_("There is no fact “%(word)s”."), word=name)
    if set("{}") & set(_PLACE.sub("", sentence)):
        raise BadExpression(_("Write facts in a sentence as {amount}."))


def fill(sentence: str, facts: Facts, currency: str) -> str:
    """The sentence with its facts; what is not known is a dash."""

    def said(found: re.Match[str]) -> str:
        value = facts.get(found[1])
        if value is None:
            return MISSING
        return str(Money(int(value), currency)) if FACTS[found[1]][0] is Kind.MONEY else str(value)

    return _PLACE.sub(said, sentence)
