"""One case of the collections desk: who, what is owed, all that happened, and what may be done now."""

import uuid
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError, NotFound
from apps.kernel.models import Approval, ApprovalStatus
from apps.lending import caseload, contact, owed
from apps.lending.models import (
    CallOutcome,
    CaseStatus,
    CollectionCase,
    CollectionLetter,
    Guarantee,
    GuaranteeStatus,
    Instalment,
    LetterKind,
    MoreTime,
    MoreTimeStatus,
    NextAct,
    Promise,
    PromiseStatus,
    Visit,
    VisitOutcome,
    VisitStatus,
    Why,
)
from apps.lending.operations import collections
from apps.lending.operations.collections.contacts import TEXTS
from apps.lending.operations.collections.guarantors import CALL_GUARANTORS
from apps.portals.banker.collections import RIGHT
from apps.portals.banker.customer import record_look
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in
from apps.users.models import User


def _words(rows: int = 2, limit: int = 2000) -> forms.CharField:
    return forms.CharField(label=_("Note"), max_length=limit, widget=forms.Textarea(attrs={"rows": rows}))


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}))


class Call(Sheet):
    """A call that was made."""

    person = forms.TypedChoiceField(label=_("Whom"), coerce=int)
    outcome = forms.ChoiceField(label=_("How it went"), choices=CallOutcome.choices)
    note = _words()


class Note(Sheet):
    """A word for colleagues."""

    note = _words()


class Text(Sheet):
    """One of the bank's own texts."""

    text = forms.ChoiceField(label=_("Message"), choices=[(code, words) for code, (_name, words) in TEXTS.items()])


class Word(Sheet):
    """A promise taken down for the borrower."""

    where = {"more_than_owed": "amount", "bad_amount": "amount"}
    key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    amount = AmountField(label=_("Amount"))
    due_on = _day(_("By the end of"))


class PlanVisit(Sheet):
    """A visit to come."""

    on = _day(_("Day"))
    place = forms.CharField(label=_("Where"), max_length=200)


class WriteVisit(Sheet):
    """A visit that was made."""

    outcome = forms.ChoiceField(label=_("How it went"), choices=VisitOutcome.choices)
    note = _words()


class Letter(Sheet):
    """Which letter."""

    kinds = [(one.value, one.label) for one in LetterKind if one != LetterKind.GUARANTOR]
    kind = forms.ChoiceField(label=_("Letter"), choices=kinds)


class HandOver(Sheet):
    """Who goes on."""

    to = forms.ModelChoiceField(
        label=_("Officer"),
        queryset=User.objects.filter(status="ACTIVE", groups__permissions__codename="collect_loans")
        .distinct()
        .order_by("full_name"),
    )
    note = _words(limit=500)


class Next(Sheet):
    """What comes next."""

    next_act = forms.ChoiceField(label=_("Next step"), choices=NextAct.choices)
    on = _day(_("Day"))


class Reason(Sheet):
    """Why guarantors should pay."""

    reason = forms.CharField(label=_("Reason"), max_length=500)


class Decline(Sheet):
    """Why there is no more time."""

    because = forms.CharField(label=_("Why not; the borrower reads it"), max_length=500)


class PassOn(Sheet):
    """Other terms as the answer."""

    kinds = (Why.RESCHEDULED, Why.MORATORIUM, Why.REAGED)
    why = forms.ChoiceField(label=_("What changes"), choices=[(one.value, one.label) for one in kinds])
    periods = forms.IntegerField(label=_("Instalments"), min_value=0, max_value=60, initial=1)
    reason = forms.CharField(label=_("Reason"), max_length=500)


FORMS: dict[str, type[Sheet]] = {
    "call": Call,
    "note": Note,
    "message": Text,
    "promise": Word,
    "plan-visit": PlanVisit,
    "write-visit": WriteVisit,
    "letter": Letter,
    "hand-over": HandOver,
    "next": Next,
    "guarantors": Reason,
    "decline": Decline,
    "pass-on": PassOn,
}
Acted = Callable[[CollectionCase, dict[str, Any], dict[str, Any]], object]


@staff_page(RIGHT)
def case(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The case. The look at its borrower is recorded; what is pressed goes through the same operations as the API."""
    user = signed_in(request)
    row = get_object_or_404(CollectionCase.objects.visible_to(user).shown(), public_id=public_id)
    record_look(user, row.loan.borrower, _now("A loan that is late"))
    act = request.POST.get("act", "") if request.method == "POST" else ""
    sheets = {name: _sheet(name, row, request.POST if name == act else None) for name in FORMS}
    used = sheets.get(act) or Sheet(request.POST if act else None)
    if used.is_bound and used.is_valid():
        try:
            said = _act(act, row, used.cleaned_data | {"ref": request.POST.get("ref", "")}, user)
        except DomainError as no:
            used.refuse(no)
        else:
            messages.success(request, said)
            return go(request, reverse("admin:collection", args=[row.public_id]))
    facts = _facts(row, user)
    shown = {f"{name.replace('-', '_')}_form": sheet for name, sheet in sheets.items()}
    return page(request, "collection", status=used.status, form=used, place="collections", **shown, **facts)


def _sheet(name: str, row: CollectionCase, posted: Any) -> Sheet:
    sheet = FORMS[name](posted, auto_id=f"{name}_%s", initial={"key": uuid.uuid4().hex})
    whom = sheet.fields.get("person")
    if isinstance(whom, forms.ChoiceField):
        whom.choices = [(one.pk, one.full_name) for one in contact.parties(row)]
    return sheet


def _act(act: str, row: CollectionCase, asked: dict[str, Any], by: User) -> str:
    """One act, and what is said when it is done. Raises DomainError."""
    who = {"by": by, "at": now()}
    if act not in ACTS:
        raise NotFound(_now("There is no such act."))
    run, said = ACTS[act]
    run(row, asked, who)
    return str(said)


def _call(row: CollectionCase, asked: dict[str, Any], who: dict[str, Any]) -> object:
    person = User.objects.get(pk=asked["person"])
    return collections.log_call(case=row, outcome=asked["outcome"], note=asked["note"], person=person, **who)


def _promise(row: CollectionCase, asked: dict[str, Any], who: dict[str, Any]) -> object:
    key = f"desk/{asked['key']}"
    return collections.promise(loan=row.loan, amount=asked["amount"], due_on=asked["due_on"], key=key, **who)


def _visit(row: CollectionCase) -> Visit:
    found = Visit.objects.select_related("case__loan__borrower").filter(case=row, status=VisitStatus.PLANNED).first()
    if found is None:
        raise NotFound(_now("No visit is planned."))
    return found


def _running(row: CollectionCase) -> Promise:
    found = Promise.objects.select_related("case__loan").filter(case=row, status=PromiseStatus.OPEN).first()
    if found is None:
        raise NotFound(_now("No promise runs."))
    return found


def _wish(row: CollectionCase) -> MoreTime:
    rows = MoreTime.objects.select_related("loan__borrower", "case__loan__borrower")
    found = rows.filter(case=row, status__in=[MoreTimeStatus.ASKED, MoreTimeStatus.PASSED_ON]).first()
    if found is None:
        raise NotFound(_now("Nobody waits for more time."))
    return found


def _tell_guarantor(row: CollectionCase, asked: dict[str, Any], who: dict[str, Any]) -> object:
    key = int(asked["ref"]) if asked["ref"].isascii() and asked["ref"].isdigit() and len(asked["ref"]) < 18 else 0
    found = Guarantee.objects.given().select_related("guarantor").filter(loan_id=row.loan_id, pk=key).first()
    if found is None:
        raise NotFound(_now("They do not stand for this loan."))
    return collections.send_letter(case=row, kind=LetterKind.GUARANTOR, person=found.guarantor, **who)


ACTS: dict[str, tuple[Acted, Any]] = {
    "claim": (lambda row, asked, who: collections.claim(case=row, **who), _("It is yours.")),
    "release": (lambda row, asked, who: collections.release(case=row, **who), _("Let go: anybody may take it.")),
    "hand-over": (
        lambda row, asked, who: collections.hand_over(case=row, to=asked["to"], note=asked["note"], **who),
        _("Handed over."),
    ),
    "next": (
        lambda row, asked, who: collections.plan_next(case=row, act=asked["next_act"], on=asked["on"], **who),
        _("Planned."),
    ),
    "call": (_call, _("The call is written down.")),
    "note": (
        lambda row, asked, who: collections.add_note(case=row, note=asked["note"], **who),
        _("The note is kept."),
    ),
    "message": (
        lambda row, asked, who: collections.send_text(case=row, text=asked["text"], **who),
        _("Sent in the borrower's language."),
    ),
    "promise": (_promise, _("The promise is written down. The borrower is told.")),
    "withdraw": (
        lambda row, asked, who: collections.withdraw_promise(promise=_running(row), **who),
        _("The promise is taken back."),
    ),
    "plan-visit": (
        lambda row, asked, who: collections.plan_visit(case=row, on=asked["on"], place=asked["place"], **who),
        _("The visit is planned."),
    ),
    "write-visit": (
        lambda row, asked, who: collections.write_visit(
            visit=_visit(row), outcome=asked["outcome"], note=asked["note"], **who
        ),
        _("The visit is written down."),
    ),
    "cancel-visit": (
        lambda row, asked, who: collections.cancel_visit(visit=_visit(row), note="", **who),
        _("The visit is called off."),
    ),
    "letter": (
        lambda row, asked, who: collections.send_letter(case=row, kind=asked["kind"], **who),
        _("The letter is made and the borrower told."),
    ),
    "tell-guarantor": (_tell_guarantor, _("The guarantor is told by letter.")),
    "guarantors": (
        lambda row, asked, who: collections.ask_call_guarantors(case=row, reason=asked["reason"], **who),
        _("Asked. Another person decides."),
    ),
    "decline": (
        lambda row, asked, who: collections.decline_more_time(wish=_wish(row), because=asked["because"], **who),
        _("Declined. The borrower reads your reason."),
    ),
    "pass-on": (
        lambda row, asked, who: collections.pass_on_more_time(
            wish=_wish(row), why=asked["why"], periods=asked["periods"], reason=asked["reason"], **who
        ),
        _("Asked. Another officer decides."),
    ),
}


def _facts(row: CollectionCase, user: User) -> dict[str, Any]:
    at = now()
    row.refresh_from_db(fields=["status", "stage", "officer", "taken_at", "next_act", "next_on", "closed_at"])
    rows = list(Instalment.objects.current().filter(loan_id=row.loan_id).order_by("number"))
    letters = CollectionLetter.objects.defer("paper").filter(case=row).select_related("to")
    told = {one.to_id: one for one in letters if one.kind == LetterKind.GUARANTOR}
    live = [GuaranteeStatus.GIVEN, GuaranteeStatus.CALLED]
    guarantees = Guarantee.objects.filter(loan_id=row.loan_id, status__in=live).select_related("guarantor")
    pending = Approval.objects.filter(
        subject=f"loan/{row.loan_id}", kind=CALL_GUARANTORS, status=ApprovalStatus.PENDING
    )
    wishes = list(MoreTime.objects.filter(case=row).order_by("-pk"))
    return {
        "case": row,
        "loan": row.loan,
        "is_open": row.status == CaseStatus.OPEN,
        "is_mine": row.officer_id == user.pk,
        "payoff": owed.payoff(row.loan, rows, at).total,
        "due": owed.due(row.loan, rows, local_date(at)),
        "ways": list(contact.ways(row.loan.borrower, at).values()),
        "lines": caseload.timeline(row),
        "running": Promise.objects.filter(case=row, status=PromiseStatus.OPEN).first(),
        "visit": Visit.objects.filter(case=row, status=VisitStatus.PLANNED).select_related("officer").first(),
        "letters": list(letters),
        "guarantees": [(one, told.get(one.guarantor_id)) for one in guarantees.order_by("pk")],
        "pending": pending.first(),
        "wish": next((one for one in wishes if one.status in ("ASKED", "PASSED_ON")), None),
        "until": collections.last_day(at),
    }


@staff_page(RIGHT)
def letter(request: HttpRequest, public_id: UUID, letter_id: UUID) -> HttpResponse:
    """A letter as it was sent."""
    cases = CollectionCase.objects.visible_to(signed_in(request))
    row = get_object_or_404(CollectionLetter, public_id=letter_id, case__public_id=public_id, case__in=cases)
    return letter_file(row)


def letter_file(row: CollectionLetter) -> HttpResponse:
    """The bytes that were kept."""
    name = f"kitbank-letter-{row.made_at:%Y%m%d}-{row.kind.lower()}.pdf"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(bytes(row.paper), content_type="application/pdf", headers=disposition)
