"""What is pledged for one loan, at the desk: adding it, its papers, valuing it again, and letting it go."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.models import Approval, ApprovalStatus
from apps.lending import operations
from apps.lending.models import OPEN, Collateral, CollateralKind, CollateralPaper, Loan, LoanStatus
from apps.lending.operations.collateral import MOST_BYTES, RELEASE, bytes_of
from apps.lending.security import security_of
from apps.portals.banker.customer import record_look
from apps.portals.banker.door import page, staff_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in
from apps.users.models import User

SEE, ACT = "lending.view_loans", "lending.approve_loan"
_DAY = {"type": "date"}


class Value(Sheet):
    """A valuation: what it is worth, who says so, until when that holds."""

    value = AmountField(label=_("Worth"), may_be_zero=True)
    charged = AmountField(label=_("Of it for this loan"), required=False, may_be_zero=True)
    valued_by = forms.CharField(label=_("Valued by"), max_length=100)
    valued_on = forms.DateField(label=_("Valued on"), widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"))
    expires_on = forms.DateField(
        label=_("Must be valued again from"), required=False, widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d")
    )


class Pledge(Value):
    """A thing that is new: what it is, and which one."""

    kind = forms.ChoiceField(label=_("Kind"), choices=CollateralKind.choices)
    described = forms.CharField(label=_("What it is"), max_length=200)
    number = forms.CharField(
        label=_("Registration, logbook or title number"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    owner_name = forms.CharField(label=_("Owner, if not the borrower"), max_length=120, required=False)


class Paper(Sheet):
    """A photo or a PDF."""

    file = forms.FileField(
        label=_("Photo or PDF"), widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,application/pdf"})
    )


class Why(Sheet):
    """Why a thing is let go before the loan is paid."""

    reason = forms.CharField(label=_("Reason"), max_length=500)


@staff_page(SEE)
def collateral(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """All that is pledged for a loan, and what an officer may do about it. The look is recorded."""
    user, at = signed_in(request), now()
    loan = get_object_or_404(Loan.objects.shown(), public_id=public_id)
    if loan.borrower_id != user.pk:
        record_look(user, loan.borrower, _now("A loan"))
    act = request.POST.get("act", "") if request.method == "POST" else ""
    today = local_date(at)
    forms_: dict[str, Sheet] = {
        "add": Pledge(request.POST if act == "add" else None, initial={"valued_on": today}),
        "value": Value(request.POST if act == "value" else None, initial={"valued_on": today}),
        "paper": Paper(request.POST if act == "paper" else None, request.FILES if act == "paper" else None),
        "release": Why(request.POST if act == "release" else None),
    }
    used = forms_.get(act, forms_["add"])
    for form in (forms_["add"], forms_["value"]):
        for field in form.fields.values():
            if isinstance(field, AmountField):
                field.currency = loan.currency
    if used.is_bound and used.is_valid():
        try:
            said = _act(act, loan, _thing(request, loan) if act != "add" else None, used, user)
        except DomainError as no:
            used.refuse(no)
        else:
            messages.success(request, said)
            return go(request, reverse("admin:loan-collateral", args=[public_id]))
    waiting = Approval.objects.filter(
        kind=RELEASE, subject__startswith=f"loan/{loan.pk}/collateral/", status=ApprovalStatus.PENDING
    )
    return page(
        request,
        "collateral",
        status=used.status,
        place="loans",
        loan=loan,
        security=security_of(loan, today),
        form=used,
        act=act,
        chosen=request.POST.get("thing", ""),
        **forms_,
        waiting=list(waiting.select_related("maker")),
        may=user.has_perm(ACT)
        and loan.borrower_id != user.pk
        and loan.status in (*OPEN, LoanStatus.ACTIVE, LoanStatus.WRITTEN_OFF),
        megabytes=MOST_BYTES // 1_000_000,
    )


def _thing(request: HttpRequest, loan: Loan) -> Collateral:
    try:
        wanted = UUID(request.POST.get("thing", ""))
    except ValueError:
        wanted = UUID(int=0)
    return get_object_or_404(Collateral.objects.select_related("loan__borrower"), public_id=wanted, loan=loan)


def _act(act: str, loan: Loan, thing: Collateral | None, form: Sheet, by: User) -> str:
    """One act, and what is said when it is done. Raises DomainError."""
    asked, at = form.cleaned_data, now()
    if thing is None:
        operations.value_collateral(loan=loan, **asked, by=by, at=at)
        return _now("Written down.")
    if act == "value":
        again: dict[str, Any] = {"kind": thing.kind, "described": thing.described, "owner_name": thing.owner_name}
        operations.value_collateral(loan=loan, replaces=thing, **again, **asked, by=by, at=at)
        return _now("Valued again. The valuation before stays written.")
    if act == "paper":
        file: UploadedFile = asked["file"]
        content = file.read(MOST_BYTES + 1)
        operations.keep_paper(collateral=thing, name=str(file.name), content=content, by=by, at=at)
        return _now("Kept.")
    operations.ask_release(collateral=thing, reason=asked["reason"], by=by, at=at)
    return _now("Asked. Another officer decides.")


@staff_page(SEE)
def paper(request: HttpRequest, public_id: UUID, paper_id: UUID) -> HttpResponse:
    """One paper, as it was brought; a browser never shows it as a page of ours."""
    rows = CollateralPaper.objects.select_related("collateral__loan__borrower")
    row = get_object_or_404(rows, public_id=paper_id, collateral__loan__public_id=public_id)
    user, borrower = signed_in(request), row.collateral.loan.borrower
    if borrower.pk != user.pk:
        record_look(user, borrower, _now("A loan"))
    return file_of(row)


def file_of(row: CollateralPaper) -> HttpResponse:
    """The answer that hands a paper over."""
    ending = {"image/jpeg": "jpg", "image/png": "png"}.get(row.content_type, "pdf")
    answer = HttpResponse(bytes_of(row), content_type=row.content_type)
    answer["Content-Disposition"] = f'attachment; filename="paper-{row.sha256[:8]}.{ending}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
