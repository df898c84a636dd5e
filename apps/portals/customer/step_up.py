"""Proof asked on a page for one act: by SMS code, authenticator app or passkey, as the person has set up."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.portals.customer.forms import CodeField, Sheet
from apps.portals.customer.kept import wait_left
from apps.users import operations
from apps.users.models import StepUpChallenge, User
from apps.users.operations.step_up import methods_of

TOO_OFTEN = _("Too many codes. Nothing was done; wait a minute and try again.")


class Proof(Sheet):
    """A code, or what a passkey signed."""

    where = {"wrong_code": "code", "code_spent": "code", "challenge_expired": "code", "code_sent_already": "code"}
    code = CodeField(label=_("Code"), required=False)
    credential = forms.CharField(required=False, max_length=8000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, is_proved: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_proved = is_proved

    def clean(self) -> dict[str, Any]:
        """One of the two, unless the proof was given already."""
        if not self.is_proved and not self.cleaned_data.get("code") and not self.cleaned_data.get("credential"):
            self.add_error("code", _("Write the code."))
        return self.cleaned_data


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
        return wait_left(self.challenge.created_at) if self.challenge else 0

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


def challenge_of(user: User, challenge_id: Any) -> StepUpChallenge | None:
    """One's own challenge."""
    return StepUpChallenge.objects.filter(pk=challenge_id, user=user).first() if challenge_id else None


def ask(request: HttpRequest, begin: Callable[[str], StepUpChallenge]) -> StepUpChallenge:
    """Ask for proof by the way the person chose. Raises what asking raises, and TooMany."""
    require("otp", caller_of(request), TOO_OFTEN)
    wanted = request.POST.get("way", "")
    return begin(wanted if wanted in StepUpChallenge.Method.values else "")


def answer(request: HttpRequest, step: Step, form: Proof, user: User) -> None:
    """Spend a try on what was typed. Call it outside any transaction. Raises WrongCode, CodeSpent, CodeExpired …"""
    if step.is_proved or step.challenge is None:
        return
    require("otp", caller_of(request), TOO_OFTEN)
    given = form.cleaned_data["credential"] or form.cleaned_data["code"]
    operations.answer(challenge_id=step.challenge.pk, user=user, answer=given, at=now())


def refused(no: DomainError) -> Proof:
    """An empty form that says why asking was refused."""
    form = Proof({}, is_proved=True)
    form.is_valid()
    form.refuse(no)
    return form


class Session:
    """A proof for an act on one's own profile, its challenge kept in the stay until it is used."""

    def __init__(self, request: HttpRequest, user: User, operation: str, subject: str) -> None:
        self.request, self.user, self.operation, self.subject = request, user, operation, subject
        self.slot = f"step_up:{operation}:{subject}"

    def step(self) -> Step:
        """Where it stands."""
        return step_of(self.user, challenge_of(self.user, self.request.session.get(self.slot)), now())

    def ask(self) -> None:
        """Ask by the way the person chose. Raises TooSoon, StepUpRequired, TooMany."""
        row = ask(
            self.request,
            lambda method: operations.challenge(
                user=self.user, operation=self.operation, subject=self.subject, method=method, at=now()
            ),
        )
        self.request.session[self.slot] = str(row.pk)

    def forget(self) -> None:
        """It was used."""
        self.request.session.pop(self.slot, None)


class Bound(Session):
    """The same for an act whose proof names more than its subject: `begin` asks for it by the way that was chosen."""

    def __init__(self, request: HttpRequest, user: User, slot: str, begin: Callable[[str], StepUpChallenge]) -> None:
        self.request, self.user, self.begin = request, user, begin
        self.slot = f"step_up:{slot}"

    def ask(self) -> None:
        """Ask by the way the person chose. Raises what `begin` raises, and TooMany."""
        self.request.session[self.slot] = str(ask(self.request, self.begin).pk)
