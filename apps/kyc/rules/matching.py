"""How likely two names, and two days of birth, are one person's. Weights are of words, so that a rare one says more.

A score from 0 to 1; what is at least `HIT` is looked at by a person. Measured by `python -m bench screening`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

from apps.kyc.rules.names import Name, Run, Token

HIT = Decimal("0.85")
_ENOUGH = 0.8  # of weight in common; less is a hit only when the whole names agree, or the days of birth
_GENERIC_WEIGHT = 0.2
_INITIAL_WEIGHT = 0.15
_INITIAL = 0.8


class Birth(StrEnum):
    """What the days of birth say."""

    SAME = "SAME"
    NEAR = "NEAR"
    UNKNOWN = "UNKNOWN"
    DIFFERENT = "DIFFERENT"


_Alike = tuple[Run, Run, float]
_BY_BIRTH = {Birth.SAME: 0.06, Birth.NEAR: 0.02, Birth.UNKNOWN: 0.0, Birth.DIFFERENT: -0.25}


@dataclass(frozen=True, slots=True)
class Born:
    """When somebody on a list was born: a day, or a year known to within `give_or_take` years."""

    year: int
    on: date | None = None
    give_or_take: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """Words that were taken for each other, and how alike they are from 0 to 1."""

    ours: str
    listed: str
    alike: float


@dataclass(frozen=True, slots=True)
class Match:
    """How alike two names are, and why."""

    score: Decimal
    pairs: tuple[Pair, ...]
    birth: Birth

    @property
    def is_hit(self) -> bool:
        """A person must look."""
        return self.score >= HIT


def match(
    ours: Name,
    listed: Name,
    *,
    weight: Callable[[str], float] = lambda _word: 1.0,
    born: date | None = None,
    births: Iterable[Born] = (),
) -> Match:
    """Compare a customer's name with a listed one. `weight` says from 0 to 1 how rare a word is."""
    birth = compare_births(born, births)
    pairs = list(_pairs(ours.runs, listed.runs))
    if not any(_says_something(pair) for pair in pairs):
        return Match(Decimal(0), (), birth)
    score = _score(ours.tokens, listed.tokens, pairs, birth, weight)
    shown = tuple(Pair(one.token.text, two.token.text, round(alike, 2)) for one, two, alike in pairs)
    return Match(Decimal(score).quantize(Decimal("0.001")), shown, birth)


def _score(
    ours: tuple[Token, ...],
    listed: tuple[Token, ...],
    pairs: Sequence[_Alike],
    birth: Birth,
    weight: Callable[[str], float],
) -> float:
    """The share of either name that the other has, mostly of the one that has more of itself in the other."""
    mine, theirs = [_weigh(token, weight) for token in ours], [_weigh(token, weight) for token in listed]
    in_ours = [sum(mine[at] for at in one.places) * alike for one, _two, alike in pairs]
    in_listed = [sum(theirs[at] for at in two.places) * alike for _one, two, alike in pairs]
    covered = sum(in_ours) / sum(mine), sum(in_listed) / sum(theirs)
    score = 0.7 * max(covered) + 0.3 * min(covered)
    initials = sum(one.token.is_initial != two.token.is_initial for one, two, _alike in pairs)
    score -= 0.03 * initials
    of_ours = sum(len(one.places) for one, _two, _alike in pairs)
    of_listed = sum(len(two.places) for _one, two, _alike in pairs)
    if of_ours < len(ours) and of_listed < len(listed):
        score -= 0.05  # each says something that the other does not
    is_whole = min(covered) > 0.9 and not initials
    if sum(map(min, in_ours, in_listed)) < _ENOUGH and not is_whole and birth in (Birth.UNKNOWN, Birth.DIFFERENT):
        score = min(score, float(HIT) - 0.05)
    return min(max(score + _BY_BIRTH[birth], 0.0), 1.0)


def _weigh(token: Token, weight: Callable[[str], float]) -> float:
    if token.is_initial:
        return _INITIAL_WEIGHT
    return _GENERIC_WEIGHT if token.is_generic else weight(token.text)


def _says_something(pair: _Alike) -> bool:
    one, two, _how = pair
    words = one.token, two.token
    return not all(word.is_generic for word in words) and not any(word.is_initial for word in words)


def _pairs(ours: Sequence[Run], listed: Sequence[Run]) -> Iterator[_Alike]:
    """The best pairs first, each word once; two neighbours may stand for one word, when they are much alike."""
    found: list[_Alike] = []
    for one in ours:
        for two in listed:
            joined = len(one.places) + len(two.places)
            if joined < 4 and (how := alike(one.token, two.token)) >= (0.9 if joined == 3 else 0.01):
                found.append((one, two, how))
    found.sort(key=lambda pair: (-pair[2], -len(pair[0].places | pair[1].places)))
    mine: set[int] = set()
    theirs: set[int] = set()
    for one, two, how in found:
        if not one.places & mine and not two.places & theirs:
            mine |= one.places
            theirs |= two.places
            yield one, two, how


def alike(one: Token, two: Token) -> float:
    """How alike two words are, from 0 to 1; 0 when they are rather two words."""
    if one.text == two.text:
        return 1.0
    if one.is_initial or two.is_initial:
        return _INITIAL if one.text[0] == two.text[0] else 0.0
    return _alike(one.text, two.text, one.skeleton, two.skeleton, is_bare=one.is_bare or two.is_bare)


@lru_cache(maxsize=262_144)
def _alike(one: str, two: str, one_bones: str, two_bones: str, *, is_bare: bool) -> float:
    apart, bones = OSA.distance(one_bones, two_bones), min(len(one_bones), len(two_bones))
    if is_bare:
        return _by_bones(apart, bones)
    shorter, letters = min(len(one), len(two)), OSA.distance(one, two)
    looks: float = JaroWinkler.similarity(one, two)
    sounds = 0.0
    if not apart:
        sounds = max(0.94, looks) if looks > (0.5 if bones > 2 else 0.7) and bones > 1 else 0.75 if looks > 0.5 else 0.0
    elif apart == 1 and bones > 2 and looks > 0.75:
        sounds = 0.85
    return max(sounds, _by_letters(letters, shorter), looks if looks >= 0.92 and shorter > 4 else 0.0)


def _by_letters(letters: int, shorter: int) -> float:
    """Of words that are so many letters apart, the shorter one so long."""
    if letters == 1:
        return 0.92 if shorter > 3 else 0.8 if shorter == 3 else 0.7
    return (0.88 if shorter > 6 else 0.85) if letters == 2 and shorter > 5 else 0.0


def _by_bones(apart: int, shorter: int) -> float:
    """Of words of which one was written without its vowels."""
    if not apart:
        return 0.95 if shorter > 1 else 0.85
    return 0.85 if apart == 1 and shorter > 3 else 0.0


def compare_births(born: date | None, births: Iterable[Born]) -> Birth:
    """The best of what a list knows; a swapped day and month, or two swapped figures of the year, are near."""
    found = [_compare(born, each) for each in births] if born else []
    order = [Birth.SAME, Birth.NEAR, Birth.DIFFERENT]
    return min(found, key=order.index, default=Birth.UNKNOWN)


def _compare(born: date, listed: Born) -> Birth:
    if listed.on == born:
        return Birth.SAME
    years = abs(born.year - listed.year)
    if listed.on and sorted((born.day, born.month)) == sorted((listed.on.day, listed.on.month)) and years <= 10:
        return Birth.NEAR
    if years <= max(1, listed.give_or_take) or (
        listed.on and sorted(str(born.year)) == sorted(str(listed.year)) and born.month == listed.on.month
    ):
        return Birth.NEAR
    return Birth.DIFFERENT
