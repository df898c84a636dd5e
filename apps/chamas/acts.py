"""What a group can decide to do: each act says who must agree, what it takes, and how it is carried out.

Whoever knows an act registers it here at start-up; decisions (votes, officers' approvals) know acts only by their code.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from django.utils.functional import Promise

from apps.chamas.models import ChamaGroup
from apps.users.models import User

Facts = Mapping[str, Any]  # what is asked for, as plain data


class CarryOut(Protocol):
    """Does what was decided, inside the transaction that decided it."""

    def __call__(self, group: ChamaGroup, facts: Facts, *, key: str, by: User, at: datetime) -> str:
        """Do it once for `key`; returns what people quote. Raises DomainError, and then nothing is decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing a group can decide. `read` checks and completes what was asked (with `minor` for money that leaves).

    `votes`: ALWAYS, or OVER the constitution's `vote_above_minor`; `majority` names the rule that says how many must be
    for it. `concerns` gives the members whose own money or post it is: they neither approve nor count as approving.
    """

    code: str
    name: Promise
    read: Callable[[ChamaGroup, Facts], dict[str, Any]]
    concerns: Callable[[ChamaGroup, Facts], set[int]]
    describe: Callable[[ChamaGroup, Facts], str]
    carry_out: CarryOut
    votes: Literal["ALWAYS", "OVER"] = "OVER"
    majority: Literal["majority_bps", "amendment_bps", "dissolution_bps"] = "majority_bps"
    sign_offs: bool = True  # officers must approve
    payee: Callable[[ChamaGroup, Facts], str] | None = None  # who is paid, when it is nobody it concerns


_acts: dict[str, Act] = {}


def register(act: Act) -> None:
    """Make an act known."""
    _acts[act.code] = act


def act(code: str) -> Act:
    """The act of a code. Raises LookupError."""
    return _acts[code]


def all_acts() -> list[Act]:
    """Every act a group can decide on."""
    return list(_acts.values())
