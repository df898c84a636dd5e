"""Proof asked on a page for one act: where it stands, by which way it is asked for, and a try of it spent. Every page
that asks for one does it so, in whatever form it stands there.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import now
from apps.kernel.throttles import caller_of, require
from apps.users import operations
from apps.users.models import StepUpChallenge, User
from apps.users.operations.codes import RESEND_AFTER
from apps.users.operations.step_up import known_payee, methods_of

TOO_OFTEN = _("Too many codes. Nothing was done; wait a minute and try again.")
AT_THE_CODE = frozenset({"wrong_code", "code_spent", "challenge_expired", "code_sent_already", "too_many_tries"})
_WAYS = frozenset(StepUpChallenge.Method.values) - {StepUpChallenge.Method.USSD_PIN}


@dataclass(frozen=True, slots=True)
class Step:
    """Where the proof stands, for `components/step_up.html`."""

    challenge: StepUpChallenge | None
    ways: tuple[str, ...]
    is_live: bool
    is_proved: bool
    options: str

    @property
    def wait(self) -> int:
        """Seconds until another SMS may be asked for."""
        if self.challenge is None:
            return 0
        return max(int((self.challenge.created_at + RESEND_AFTER - now()).total_seconds()) + 1, 0)

    @property
    def method(self) -> str:
        """How it is asked for."""
        return self.challenge.method if self.challenge else ""


def step_of(user: User, row: StepUpChallenge | None, at: datetime) -> Step:
    """The proof as it stands: asked, given, or neither."""
    live = row is not None and row.used_at is None and row.expires_at > at
    proved = live and row is not None and row.answered_at is not None
    options = json.dumps(row.state["options"]) if live and row and row.state and "options" in row.state else ""
    return Step(row, tuple(methods_of(user)), live, proved, options)


def challenge_of(user: User, challenge_id: Any, **bound: str) -> StepUpChallenge | None:
    """One's own challenge; with `bound`, only where it was asked for exactly this."""
    if not challenge_id:
        return None
    if "payee" in bound:
        bound["payee"] = known_payee(bound["payee"])
    return StepUpChallenge.objects.filter(pk=challenge_id, user=user, **bound).first()


def ask(request: HttpRequest, begin: Callable[[str], StepUpChallenge]) -> StepUpChallenge:
    """Ask for proof by the way the person chose. Raises what asking raises, and TooMany."""
    require("otp", caller_of(request), TOO_OFTEN)
    wanted = request.POST.get("way", "")
    return begin(wanted if wanted in _WAYS else "")


def spend(request: HttpRequest, step: Step, given: str, user: User) -> None:
    """Spend a try on what was typed. Call it outside any transaction. Raises WrongCode, CodeSpent, CodeExpired …"""
    if step.is_proved or step.challenge is None:
        return
    require("otp", caller_of(request), TOO_OFTEN)
    operations.answer(challenge_id=step.challenge.pk, user=user, answer=given, at=now())
