"""M-Pesa beside the books: the days compared, what differs, money nobody's name is on, and one transaction whole."""

import codecs
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.mpesa import operations, queries
from apps.mpesa.models import MpesaTransaction, PaymentReconciliation, ReconciliationBreak
from apps.mpesa.truth import four_views
from apps.portals.banker.customer import record_look
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in
from apps.users.rules import masked_phone

RIGHT = "mpesa.reconcile_mpesa"
RUNS, MOST = 15, 100


class Bring(Sheet):
    """A statement of one day: its file, or its text."""

    day = forms.DateField(label=_("Day of the statement"), widget=forms.DateInput(attrs={"type": "date"}))
    file = forms.FileField(label=_("Statement file (CSV)"), required=False, allow_empty_file=True)
    pasted = forms.CharField(
        label=_("Or paste it here"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def clean(self) -> dict[str, Any]:
        """One of the two."""
        asked: dict[str, Any] = super().clean() or self.cleaned_data
        if not asked.get("file") and not asked.get("pasted") and not self.errors:
            self.add_error("file", _now("Choose the file or paste the statement."))
        return asked

    def text(self) -> str:
        """The statement as text, whatever the portal's export was written in."""
        file = self.cleaned_data["file"]
        return _decoded(file.read()) if file else self.cleaned_data["pasted"]


def _decoded(raw: bytes) -> str:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


class PlaceIt(Sheet):
    """Whose money it is, and how that is known."""

    where = {"not_found": "account"}
    account = forms.CharField(label=_("Account number"), max_length=24)
    reason = forms.CharField(label=_("How do you know whose it is?"), max_length=200)


class GoesBack(Sheet):
    """Why it should go back to its payer."""

    why = forms.CharField(label=_("Why should it go back?"), max_length=200)


class Doubt(Sheet):
    """What M-Pesa's portal shows of money on its way."""

    where = {"not_to_decide": "receipt"}
    went = forms.ChoiceField(label=_("Did it go through?"), choices=[("yes", _("Yes")), ("no", _("No"))])
    receipt = forms.CharField(label=_("M-Pesa receipt"), max_length=20, required=False)
    why = forms.CharField(label=_("What does the portal show?"), max_length=200)


class Settle(Sheet):
    """What was found out about a difference."""

    note = forms.CharField(label=_("What you found out"), max_length=300)


@staff_page(RIGHT)
def recon(request: HttpRequest) -> HttpResponse:
    """Runs, open differences by age, money in suspense; a statement can be brought."""
    user, at = signed_in(request), now()
    sent = request.method == "POST"
    first = {"day": local_date(at).isoformat()}
    form = Bring(request.POST if sent else None, request.FILES if sent else None, initial=first)
    if sent and form.is_valid():
        try:
            made = operations.reconcile(day=form.cleaned_data["day"], statement=form.text(), by=user, at=at)
        except DomainError as no:
            form.refuse(no, "day" if no.code == "bad_statement" else None)
        else:
            words = _now("Compared. Receipts that agree: %(n)s. %(status)s.")
            messages.success(request, words % {"n": made.matched, "status": made.get_status_display()})
            return go(request, reverse("admin:recon"))
    today = local_date(at)
    open_ = ReconciliationBreak.objects.filter(resolved_at=None).select_related("reconciliation")
    breaks = list(open_.order_by("first_seen_on", "pk")[:MOST])
    whole = MpesaTransaction.objects.filter(receipt__in=[one.receipt for one in breaks])
    ids = dict(whole.values_list("receipt", "public_id"))
    suspense = MpesaTransaction.objects.filter(in_suspense=True).order_by("pk")
    return page(
        request,
        "mpesa_recon",
        status=form.status,
        form=form,
        runs=PaymentReconciliation.objects.select_related("made_by").order_by("-day", "-pk")[:RUNS],
        breaks=[(one, (today - one.first_seen_on).days, ids.get(one.receipt)) for one in breaks],
        suspense=[(row, PlaceIt(auto_id=f"p{row.pk}_%s")) for row in suspense[:MOST]],
        place="recon",
    )


@staff_page(RIGHT)
def truth(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One transaction as each side tells it; from suspense it can be placed. The look at its customer is recorded."""
    user = signed_in(request)
    rows = MpesaTransaction.objects.select_related("user", "account")
    row = get_object_or_404(rows, public_id=public_id)
    if row.user is not None and row.user.pk != user.pk:
        record_look(user, row.user, _now("Reconciling M-Pesa"))
    doing = request.POST.get("do", "place") if request.method == "POST" else ""
    back = GoesBack(request.POST if doing == "back" else None)
    doubt = Doubt(request.POST if doing == "doubt" else None)
    if (back.is_bound and _asked_back(request, back, row)) or (doubt.is_bound and _asked_about(request, doubt, row)):
        return go(request, reverse("admin:approvals"))
    form = PlaceIt(request.POST if doing == "place" else None)
    if form.is_bound and form.is_valid():
        asked = form.cleaned_data
        number = asked["account"].replace(" ", "")
        account = Account.objects.select_related("owner").filter(number=number).first()
        if account is None:
            form.add_error("account", _now("There is no account with that number. Nothing was changed."))
        else:
            try:
                waits = operations.place(row=row, account=account, reason=asked["reason"], by=user, at=now())
            except DomainError as no:
                form.refuse(no)
                row.refresh_from_db()
            else:
                said = _now("Asked. When a second person allows it, the money is placed.")
                messages.success(request, said if waits else _now("Placed. The money is on the account."))
                return go(request, reverse("admin:approvals" if waits else "admin:recon"))
    facts = {"form": form, "views": four_views(row), "row": row, "phone": _phone(row.phone or "")}
    facts |= {
        "back": back,
        "doubt": doubt,
        "may_go_back": queries.may_go_back(row),
        "in_doubt": queries.is_in_doubt(row, now()),
    }
    status = max(sheet.status for sheet in (form, back, doubt))
    return page(request, "mpesa_truth", status=status, place="recon", **facts)


def _asked_back(request: HttpRequest, form: GoesBack, row: MpesaTransaction) -> bool:
    if not form.is_valid():
        return False
    try:
        operations.ask_to_send_back(row=row, reason=form.cleaned_data["why"], by=signed_in(request), at=now())
    except DomainError as no:
        form.refuse(no)
        return False
    messages.success(request, _now("Asked. When a second person allows it, the money is set aside and sent back."))
    return True


def _asked_about(request: HttpRequest, form: Doubt, row: MpesaTransaction) -> bool:
    if not form.is_valid():
        return False
    found = form.cleaned_data
    try:
        operations.ask_to_decide(
            row=row,
            went=found["went"] == "yes",
            receipt=found["receipt"],
            reason=found["why"],
            by=signed_in(request),
            at=now(),
        )
    except DomainError as no:
        form.refuse(no)
        return False
    messages.success(request, _now("Asked. When a second person agrees, it is booked so."))
    return True


def _phone(number: str) -> str:
    """Masked; M-Pesa's own masks and names are cut the same way."""
    return masked_phone(number) if number.startswith("+") else f"{number[:4]}…{number[-3:]}" if number else ""


@staff_page(RIGHT)
def settle(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One difference: what each side says, and settling it with what was found out."""
    found = get_object_or_404(
        ReconciliationBreak.objects.select_related("reconciliation", "resolved_by"), public_id=public_id
    )
    form = Settle(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            operations.resolve_break(found=found, note=form.cleaned_data["note"], by=signed_in(request), at=now())
        except DomainError as no:
            form.refuse(no, "note" if no.code == "not_allowed" else None)
            found.refresh_from_db()
        else:
            messages.success(request, _now("Settled. No money moved by this."))
            return go(request, reverse("admin:recon"))
    row = MpesaTransaction.objects.filter(receipt=found.receipt).first()
    return page(request, "mpesa_break", status=form.status, form=form, found=found, row=row, place="recon")
