"""Proof asked on a page for letting one app in: by SMS code, authenticator app or passkey."""

import json
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.users import operations as people
from apps.users.models import StepUpChallenge, User
from apps.users.operations.codes import RESEND_AFTER
from apps.users.operations.step_up import methods_of

TOO_OFTEN = _("Too many codes. Nothing was done; wait a minute and try again.")
_AT_THE_CODE = {"wrong_code", "code_spent", "challenge_expired", "code_sent_already"}


class Proof(forms.Form):
    """A code, or what a passkey signed."""

    code = forms.CharField(
        label=_("Code"), required=False, max_length=24,
        widget=forms.TextInput(attrs={
            "class": "input", "autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false",
        }),
    )  # fmt: skip
    credential = forms.CharField(required=False, max_length=8000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)

    def given(self) -> str:
        """What was given; a code without its spaces."""
        code = "".join(char for char in self.cleaned_data.get("code") or "" if char.isalnum())
        return self.cleaned_data.get("credential") or code

    def refuse(self, no: DomainError) -> None:
        """Say why, at the code where it belongs, with the tries that are left."""
        words = gettext(str(no))
        left = no.facts.get("tries_left")
        if left is not None:
            said = ngettext("You can try %(n)s more time.", "You can try %(n)s more times.", left)
            words = f"{words} {said % {'n': left}}"
        self.add_error("code" if no.code in _AT_THE_CODE else None, words)


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


def step_of(user: User, challenge_id: Any, act: dict[str, Any]) -> Step:
    """The proof as it stands; one that was asked for another choice is none."""
    row = None
    if challenge_id:
        bound = {"operation": act["operation"], "subject": act["subject"], "payee": act["payee"]}
        row = StepUpChallenge.objects.filter(pk=challenge_id, user=user, **bound).first()
    live = row is not None and row.used_at is None and row.expires_at > now()
    proved = live and row is not None and row.answered_at is not None
    options = json.dumps(row.state["options"]) if live and row and row.state and "options" in row.state else ""
    return Step(row, tuple(methods_of(user)), live, proved, options)


def answer(request: HttpRequest, step: Step, form: Proof, user: User) -> None:
    """Spend a try on what was typed. Call it outside any transaction. Raises WrongCode, CodeSpent, CodeExpired …"""
    if step.is_proved or step.challenge is None:
        return
    require("otp", caller_of(request), TOO_OFTEN)
    people.answer(challenge_id=step.challenge.pk, user=user, answer=form.given(), at=now())


def wanted_way(request: HttpRequest) -> str:
    """The way the person chose, counted. Raises TooMany."""
    require("otp", caller_of(request), TOO_OFTEN)
    way = request.POST.get("way", "")
    return way if way in StepUpChallenge.Method.values and way != StepUpChallenge.Method.USSD_PIN else ""
