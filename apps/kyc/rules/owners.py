"""Who of a business must be named before it is known: directors, and whoever holds a tenth or more of it.

Companies Act 2015, section 93A, and the Companies (Beneficial Ownership Information) Regulations, 2020: a beneficial
owner holds, directly or not, at least ten per cent of the shares or of the votes, may appoint or remove a director,
or otherwise decides. The numbers of partners and officials are those of the Partnerships Act 2012 (two or more) and
the Community Groups Registration Act 2022 (chairperson, secretary and treasurer).
"""

from collections.abc import Iterable
from dataclasses import dataclass

ALL_BP = 10_000
MUST_BE_NAMED_BP = 1_000
LEAST_DIRECTORS = {"SOLE": 1, "PARTNERSHIP": 2, "COMPANY": 1, "GROUP": 3}
HAS_SHARES = frozenset({"SOLE", "PARTNERSHIP", "COMPANY"})


@dataclass(frozen=True, slots=True)
class Named:
    """One person as the business named them: shares in basis points, `controls` when they decide some other way."""

    is_director: bool
    is_owner: bool = False
    share_bp: int = 0
    controls: bool = False


def lacking(kind: str, people: Iterable[Named], *, says_complete: bool) -> list[str]:
    """What is wrong with whom a business named, as codes; empty when nothing is.

    `directors`: too few of them. `one_trader`: a sole trader is one person. `owners`: nobody owns or controls it.
    `over`: more than all is held. `rest`: a tenth or more is held by nobody named, and the business has not said that
    each who holds of the rest has less than a tenth.
    """
    named = list(people)
    wrong = []
    if sum(one.is_director for one in named) < LEAST_DIRECTORS[kind]:
        wrong.append("directors")
    if kind == "SOLE" and len(named) > 1:
        wrong.append("one_trader")
    held = sum(one.share_bp for one in named)
    if held > ALL_BP:
        wrong.append("over")
    if kind in HAS_SHARES:
        if not says_complete and not any(one.is_owner for one in named):
            wrong.append("owners")
        if not says_complete and ALL_BP - held >= MUST_BE_NAMED_BP:
            wrong.append("rest")
    return wrong
