"""Proof asked on a page for one act: by SMS code, authenticator app or passkey, as the person has set up."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.portals.customer.forms import CodeField, Sheet
from apps.users import operations
from apps.users.models import StepUpChallenge, User
from apps.users.proof import AT_THE_CODE, TOO_OFTEN, Step, ask, challenge_of, spend, step_of

__all__ = ["TOO_OFTEN", "Bound", "Proof", "Session", "Step", "answer", "ask", "challenge_of", "refused", "step_of"]

T = TypeVar("T")


class Proof(Sheet):
    """A code, or what a passkey signed."""

    where = dict.fromkeys(AT_THE_CODE, "code")
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


def answer(request: HttpRequest, step: Step, form: Proof, user: User) -> None:
    """Spend a try on what was typed. Call it outside any transaction. Raises WrongCode, CodeSpent, CodeExpired …"""
    given = form.cleaned_data["credential"] or form.cleaned_data["code"]
    spend(request, step, given, user)


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

    def given(self, act: Callable[[UUID | None], T]) -> tuple[Step, Proof, T | None]:
        """Read the proof that was sent and do `act` with it. Its result is None where the page was only looked at, or
        the proof or the act refused: the form says why. Call it outside any transaction.
        """
        request, step = self.request, self.step()
        form = Proof(request.POST if request.method == "POST" else None, is_proved=step.is_proved)
        if not form.is_bound or not form.is_valid():
            return step, form, None
        try:
            answer(request, step, form, self.user)
            done = act(step.challenge.pk if step.challenge else None)
        except DomainError as no:
            form.refuse(no)
            return self.step(), form, None
        self.forget()
        return step, form, done


class Bound(Session):
    """The same for an act whose proof names more than its subject: `begin` asks for it by the way that was chosen."""

    def __init__(self, request: HttpRequest, user: User, slot: str, begin: Callable[[str], StepUpChallenge]) -> None:
        self.request, self.user, self.begin = request, user, begin
        self.slot = f"step_up:{slot}"

    def ask(self) -> None:
        """Ask by the way the person chose. Raises what `begin` raises, and TooMany."""
        self.request.session[self.slot] = str(ask(self.request, self.begin).pk)
