"""The language of rules: comparisons of named facts and figures, joined by and, or and not. It says yes or no.

    is_new_recipient and amount >= KES 50000
    amount > 5 * usual
    not (hour >= 6 and hour < 22) and amount > max(KES 10000, 2 * usual)

There are no loops, no names but the facts, and no calls but min, max and known. A rule is a tree of at most
`MOST_NODES` nodes, and asking it visits each node at most once: a rule that never ends cannot be written down.
Nothing a rule does can fail in the payment's transaction, because every operation has an answer for every value:

- a fact that is not known is missing; whatever is worked out with it, and whatever is divided by nothing, is missing;
- a comparison with something missing is no, so `not` of it is yes: ask `known(usual)` where that matters;
- a yes-or-no fact that is not known is no.

Figures are whole numbers and fractions, so nothing is rounded. `KES 50000` is an amount; a payment in another
currency is compared by what it is worth (`apps.fraud.home`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from operator import add, eq, ge, gt, le, lt, ne, sub
from typing import Any

from apps.fraud.rules.facts import FACTS, Facts, Kind
from apps.fraud.rules.words import gettext_noop as _

MOST_CHARACTERS = 400
MOST_NODES = 80
DEEPEST = 12

_TOKEN = re.compile(r"\s*(?:(\d[\d_]{0,17}(?:\.\d{1,6})?)|([A-Za-z][A-Za-z_]*)|(<=|>=|<>|[-=<>+*/(),]))")
_UNLIKE = _("Amounts are compared with amounts and numbers with numbers: write KES before amounts.")
_COMPARES: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge, "=": eq, "<>": ne}
_WORDS = {"and", "or", "not", "min", "max", "known", "KES"}

Figure = int | Fraction | None
Run = Callable[[Facts], Any]


class BadExpression(ValueError):
    """It is not a rule. `message` says why, in English, with places for `words`: whoever shows it translates it."""

    def __init__(self, message: str, **words: object) -> None:
        super().__init__(message)
        self.message, self.words = message, words

    def __str__(self) -> str:
        return self.message % self.words


@dataclass(frozen=True, slots=True)
class Expression:
    """A rule that was read: ask it with `holds`. `names` are the facts it looks at."""

    text: str
    holds: Callable[[Facts], bool]
    names: frozenset[str]
    nodes: int


@dataclass(frozen=True, slots=True)
class _Part:
    kind: Kind
    run: Run


@lru_cache(maxsize=512)
def read(text: str) -> Expression:
    """Read a rule, once for each wording of it. Raises BadExpression."""
    if len(text) > MOST_CHARACTERS:
        raise BadExpression(_("It is longer than %(most)s characters."), most=MOST_CHARACTERS)
    reader = _Reader(_tokens(text))
    whole = reader.choice()
    if reader.here is not None:
        raise BadExpression(_("“%(word)s” is not expected there."), word=reader.here)
    if whole.kind is not Kind.TRUTH:
        raise BadExpression(_("A rule answers yes or no: it needs a comparison."))
    if not reader.names:
        raise BadExpression(_("A rule looks at one fact at least."))
    return Expression(text, whole.run, frozenset(reader.names), reader.nodes)


def _tokens(text: str) -> list[str]:
    found, at, text = [], 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise BadExpression(_("“%(word)s” is not part of the language."), word=text[at : at + 12].strip())
        found.append(match.group().strip())
        at = match.end()
    return found


@dataclass(slots=True)
class _Reader:
    """Reads tokens from the left, one function a level of binding."""

    tokens: list[str]
    at: int = 0
    nodes: int = 0
    depth: int = 0
    names: set[str] = field(default_factory=set)

    @property
    def here(self) -> str | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def choice(self) -> _Part:
        """`a or b`."""
        left = self._both()
        while self._takes("or"):
            left = self._joined(left, self._both(), lambda a, b: lambda facts: a(facts) or b(facts))
        return left

    def _both(self) -> _Part:
        left = self._negation()
        while self._takes("and"):
            left = self._joined(left, self._negation(), lambda a, b: lambda facts: a(facts) and b(facts))
        return left

    def _joined(self, left: _Part, right: _Part, how: Callable[[Run, Run], Run]) -> _Part:
        if not (left.kind is right.kind is Kind.TRUTH):
            raise BadExpression(_("“and” and “or” stand between two things that are yes or no."))
        return self._node(Kind.TRUTH, how(left.run, right.run))

    def _negation(self) -> _Part:
        if not self._takes("not"):
            return self._comparison()
        part = self._deeper(self._negation)
        if part.kind is not Kind.TRUTH:
            raise BadExpression(_("“not” stands before something that is yes or no."))
        run = part.run
        return self._node(Kind.TRUTH, lambda facts: not run(facts))

    def _comparison(self) -> _Part:
        left, sign = self._sum(), self.here
        if sign not in _COMPARES:
            return left
        self.at += 1
        right = self._sum()
        if left.kind is not right.kind or left.kind is Kind.TRUTH:
            raise BadExpression(
                _("Amounts are compared with amounts and numbers with numbers: write KES before amounts.")
            )
        return self._node(Kind.TRUTH, _compared(_COMPARES[sign], left.run, right.run))

    def _sum(self) -> _Part:
        left = self._product()
        while (sign := self.here) in ("+", "-"):
            self.at += 1
            right = self._product()
            if left.kind is not right.kind or left.kind is Kind.TRUTH:
                raise BadExpression(_("Only amounts are added to amounts, and numbers to numbers."))
            left = self._node(left.kind, _worked_out(add if sign == "+" else sub, left.run, right.run))
        return left

    def _product(self) -> _Part:
        left = self._signed()
        while (sign := self.here) in ("*", "/"):
            self.at += 1
            right = self._signed()
            kind = _product_kind(sign, left.kind, right.kind)
            left = self._node(kind, _worked_out(_times if sign == "*" else _divided, left.run, right.run))
        return left

    def _signed(self) -> _Part:
        if not self._takes("-"):
            return self._primary()
        part = self._deeper(self._signed)
        if part.kind is Kind.TRUTH:
            raise BadExpression(_("Only amounts are added to amounts, and numbers to numbers."))
        return self._node(part.kind, _worked_out(_times, part.run, lambda facts: -1))

    def _primary(self) -> _Part:
        word = self.here
        if word is None:
            raise BadExpression(_("It ends too early."))
        self.at += 1
        if word == "(":
            part = self._deeper(self.choice)
            self._expect(")")
            return part
        if word[0].isdigit():
            return self._figure(Kind.NUMBER, word, 1)
        if word == "KES":
            return self._figure(Kind.MONEY, self._next_figure(), 100)
        if word in ("min", "max"):
            return self._deeper(lambda: self._extreme(word))
        if word == "known":
            return self._known()
        return self._fact(word)

    def _figure(self, kind: Kind, word: str, scale: int) -> _Part:
        exact = Fraction(word.replace("_", "")) * scale
        value: Figure = int(exact) if exact.denominator == 1 else exact
        return self._node(kind, lambda facts: value)

    def _next_figure(self) -> str:
        word = self.here
        if word is None or not word[0].isdigit():
            raise BadExpression(_("After KES comes a figure."))
        self.at += 1
        return word

    def _extreme(self, which: str) -> _Part:
        self._expect("(")
        parts = [self._sum()]
        while self._takes(","):
            parts.append(self._sum())
        self._expect(")")
        if len({part.kind for part in parts}) > 1 or parts[0].kind is Kind.TRUTH:
            raise BadExpression(
                _("Amounts are compared with amounts and numbers with numbers: write KES before amounts.")
            )
        runs, choose = [part.run for part in parts], min if which == "min" else max

        def run(facts: Facts) -> Figure:
            values = [each(facts) for each in runs]
            return None if None in values else choose(values)

        return self._node(parts[0].kind, run)

    def _known(self) -> _Part:
        self._expect("(")
        name = self.here or ""
        self.at += 1
        self._fact(name)
        self._expect(")")
        return self._node(Kind.TRUTH, lambda facts: facts.get(name) is not None)

    def _fact(self, name: str) -> _Part:
        if name not in FACTS:
            is_odd = name in _WORDS or not name.isidentifier()
            message = _("“%(word)s” is not expected there.") if is_odd else _("There is no fact “%(word)s”.")
            raise BadExpression(message, word=name)
        self.names.add(name)
        kind = FACTS[name][0]
        if kind is Kind.TRUTH:
            return self._node(kind, lambda facts: bool(facts.get(name)))
        return self._node(kind, lambda facts: facts.get(name))

    def _takes(self, word: str) -> bool:
        if self.here != word:
            return False
        self.at += 1
        return True

    def _expect(self, word: str) -> None:
        if not self._takes(word):
            raise BadExpression(_("“%(word)s” is missing."), word=word)

    def _deeper(self, reads: Callable[[], _Part]) -> _Part:
        self.depth += 1
        if self.depth > DEEPEST:
            raise BadExpression(_("It is nested more than %(most)s deep."), most=DEEPEST)
        part = reads()
        self.depth -= 1
        return part

    def _node(self, kind: Kind, run: Run) -> _Part:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise BadExpression(_("It has more than %(most)s parts. Make two rules of it."), most=MOST_NODES)
        return _Part(kind, run)


def _product_kind(sign: str, left: Kind, right: Kind) -> Kind:
    """An amount times a number is an amount; an amount in an amount goes a number of times."""
    if left is right is Kind.NUMBER or (sign == "/" and left is right is Kind.MONEY):
        return Kind.NUMBER
    if {left, right} == {Kind.MONEY, Kind.NUMBER} and not (sign == "/" and right is Kind.MONEY):
        return Kind.MONEY
    raise BadExpression(_("Amounts are multiplied and divided by numbers."))


def _compared(how: Callable[[Any, Any], bool], left: Run, right: Run) -> Run:
    def run(facts: Facts) -> bool:
        one, other = left(facts), right(facts)
        return one is not None and other is not None and how(one, other)

    return run


def _worked_out(how: Callable[[Any, Any], Figure], left: Run, right: Run) -> Run:
    def run(facts: Facts) -> Figure:
        one, other = left(facts), right(facts)
        return None if one is None or other is None else how(one, other)

    return run


def _times(one: int | Fraction, other: int | Fraction) -> Figure:
    return one * other


def _divided(one: int | Fraction, other: int | Fraction) -> Figure:
    return Fraction(one) / other if other else None
