"""Files of payments on the pages of both portals: bring, look, prove, follow. Each portal says where its pages are."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.payments import bulk_files, operations, policies
from apps.payments.models import BulkKind, BulkPayment, BulkStatus, Eyes, RowStatus
from apps.portals.customer import step_up as steps
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users.doors import signed_in
from apps.users.models import BusinessProfile, User

TOO_MANY = _("Too many files. Nothing was read; try again later.")
ON_A_PAGE = 50
LOOK_AGAIN = 4  # seconds, while it is being paid
_PILLS = {
    "DONE": "pos",
    "PAID": "pos",
    "REJECTED": "neg",
    "FAILED": "neg",
    "BAD": "neg",
    "CANCELLED": "",
    "PARTLY_FAILED": "warn",
}


class BringFile(Sheet):
    """The file, what it is for, and the account that pays."""

    where = {"bulk_file_refused": "file", "not_found": "payer"}
    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    name = forms.CharField(label=_("What is it for?"), max_length=60, min_length=2)
    kind = forms.ChoiceField(label=_("Kind"), choices=BulkKind.choices)
    payer = forms.ChoiceField(label=_("Paid by"))
    file = forms.FileField(label=_("File (CSV or Excel)"), allow_empty_file=True)

    def __init__(self, *args: Any, payers: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["payer"]
        choice.choices = payers
        self.has_payers = bool(payers)


class Agree(Sheet):
    """What the maker accepts before it is asked for."""

    leave_out = forms.BooleanField(required=False)
    repeats = forms.BooleanField(required=False)


class Refuse(Sheet):
    """Why it is not allowed."""

    reason = forms.CharField(label=_("Why not?"), max_length=200)


@dataclass(frozen=True, slots=True)
class Desk:
    """A portal's pages of batches: the name space of its addresses, and how it shows a page."""

    space: str
    render: Callable[..., HttpResponse]

    def at(self, name: str, bulk: BulkPayment) -> str:
        """The address of one of a batch's pages."""
        return reverse(f"{self.space}:{name}", args=[bulk.public_id])

    def back(self, request: HttpRequest, bulk: BulkPayment) -> HttpResponse:
        """On to the batch."""
        return go(request, self.at("bulk-one", bulk))


def payers_of(user: User) -> list[tuple[str, str]]:
    """The accounts a person may pay many from: own ones for themselves, and owners' ones for their businesses."""
    found = []
    businesses = BusinessProfile.objects.visible_to(user).with_members().order_by("name")
    for business in businesses:
        roles = {one.user_id: one.role for one in business.present}  # type: ignore[attr-defined]  # by with_members
        if roles.get(user.pk) not in {"OWNER", "SIGNATORY"}:
            continue
        owners = [business.party_id, *(pk for pk, role in roles.items() if role == "OWNER")]
        rows = Account.objects.filter(owner_id__in=owners).open().for_payments().in_order().select_related("owner")
        found += [(f"{business.pk}/{one.pk}", f"{business.name}: {_called(one, user, business)}") for one in rows]
    mine = Account.objects.owned_by(user).open().for_payments().in_order()
    return [*found, *((f"0/{one.pk}", f"{one.name} {one.masked_number}") for one in mine)]


def _called(account: Account, user: User, business: BusinessProfile) -> str:
    """An account as `user` may read of it: what another owner calls theirs is for their own eyes."""
    if account.owner_id in {user.pk, business.party_id}:
        return f"{account.name} {account.masked_number}"
    return f"{account.owner.full_name}, {account.get_account_type_display()} {account.masked_number}"


def bring(request: HttpRequest, form: BringFile, user: User) -> BulkPayment | None:
    """Read the file that was sent; None when it was refused, and the form says why."""
    asked = form.cleaned_data
    business_id, _slash, account_id = asked["payer"].partition("/")
    try:
        require("bulk", caller_of(request), TOO_MANY)
        return operations.bulk.bring(
            from_account=Account.objects.select_related("owner", "product").get(pk=account_id),
            business=BusinessProfile.objects.get(pk=business_id) if business_id != "0" else None,
            kind=asked["kind"],
            name=asked["name"],
            file_name=asked["file"].name,
            content=asked["file"].read(settings.BULK_MOST_BYTES + 1),
            key=f"page/{asked['idempotency_key']}",
            by=user,
            at=now(),
        )
    except DomainError as no:
        form.refuse(no)
        return None


def pill(status: str) -> str:
    """How a status is coloured."""
    return _PILLS.get(status, "warn")


def batch_of(user: User, public_id: uuid.UUID) -> BulkPayment:
    """One that this person may see, or 404."""
    rows = BulkPayment.objects.visible_to(user).select_related(
        "business", "from_account__owner", "made_by", "submitted_by", "decided_by", "approval"
    )
    return get_object_or_404(rows, public_id=public_id)


def one(request: HttpRequest, desk: Desk, public_id: uuid.UUID) -> HttpResponse:
    """A batch: what it pays to whom, what must be accepted, its proof, how far it is. A POST is the proof."""
    user = signed_in(request)
    bulk = batch_of(user, public_id)
    act = act_of(bulk, user)
    step = _step(request, bulk, user) if act else None
    sent = request.method == "POST" and step is not None
    form = steps.Proof(request.POST if sent else None, is_proved=bool(step and step.is_proved))
    if sent and step and form.is_valid():
        try:
            steps.answer(request, step, form, user)
            _do(request, bulk, act, step, user)
        except DomainError as no:
            form.refuse(no)
            bulk = batch_of(user, public_id)
            return show(request, desk, bulk, user, form=form)
        request.session.pop(_slot(bulk), None)
        return desk.back(request, bulk)
    return show(request, desk, bulk, user, form=form)


def _do(request: HttpRequest, bulk: BulkPayment, act: str, step: steps.Step, user: User) -> None:
    challenge = step.challenge.pk if step.challenge else None
    if act == "approve":
        operations.bulk.approve(bulk=bulk, challenge_id=challenge, by=user, at=now())
        return
    kept = _kept(request, bulk)
    agreed = {"leave_out_bad": bool(kept.get("leave_out")), "accept_repeats": bool(kept.get("repeats"))}
    operations.bulk.submit(bulk=bulk, challenge_id=challenge, by=user, at=now(), **agreed)


def act_of(bulk: BulkPayment, user: User) -> str:
    """What this person could prove now: submit, approve, or nothing."""
    if bulk.status == BulkStatus.CHECKED and bulk.good_count and policies.may_act(user, bulk):
        return "submit"
    if bulk.status == BulkStatus.WAITING and not bulk.in_review and policies.may_decide(user, bulk):
        return "approve"
    return ""


def show(request: HttpRequest, desk: Desk, bulk: BulkPayment, user: User, **more: Any) -> HttpResponse:
    """The page of a batch."""
    only_bad = request.GET.get("show") == "bad"
    rows = bulk.rows.select_related("payment").order_by("number")
    if only_bad:
        rows = rows.filter(status__in=[RowStatus.BAD, RowStatus.FAILED])
    counts = dict(bulk.rows.values_list("status").annotate(n=Count("pk")))
    doubles = bulk.rows.filter(is_double=True).count()
    act, kept = act_of(bulk, user), _kept(request, bulk)
    earlier = operations.bulk.earlier_of(bulk) if bulk.status == BulkStatus.CHECKED else None
    must = {"leave_out": bulk.bad_count > 0, "repeats": doubles > 0 or earlier is not None}
    open_questions = act == "submit" and any(needed and not kept.get(name) for name, needed in must.items())
    facts: dict[str, Any] = {
        "bulk": bulk,
        "pill": pill(bulk.status),
        "rows": Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page")),
        "row_pills": _PILLS,
        "only_bad": only_bad,
        "paid": counts.get("PAID", 0),
        "open": counts.get("READY", 0) + counts.get("SENT", 0) if bulk.status == BulkStatus.RUNNING else 0,
        "failed": counts.get("FAILED", 0),
        "doubles": doubles,
        "strange": bulk.rows.filter(status=RowStatus.READY, name_match="DIFFERENT").count(),
        "earlier": earlier,
        "must": must,
        "agree": Agree() if open_questions else None,
        "act": act,
        "step": _step(request, bulk, user) if act and not open_questions else None,
        "may_cancel": not bulk.in_review
        and bulk.status in {BulkStatus.CHECKED, BulkStatus.WAITING}
        and policies.may_act(user, bulk),
        "refuse": Refuse() if act == "approve" else None,
        "eyes": Eyes(bulk.eyes).label if bulk.eyes else "",
        "seconds": LOOK_AGAIN if bulk.status == BulkStatus.RUNNING else 0,
        "pages": {name: desk.at(f"bulk-{name}", bulk) for name in ("one", "agree", "code", "cancel", "reject")},
        "report": desk.at("bulk-report", bulk),
    }
    return desk.render(request, facts | more)


def agree(request: HttpRequest, desk: Desk, public_id: uuid.UUID) -> HttpResponse:
    """Keep what the maker accepts until the proof."""
    bulk = batch_of(signed_in(request), public_id)
    _keep(request, bulk, leave_out="leave_out" in request.POST, repeats="repeats" in request.POST)
    return desk.back(request, bulk)


def code(request: HttpRequest, desk: Desk, public_id: uuid.UUID) -> HttpResponse:
    """Ask for the proof, or for another way of giving it."""
    user = signed_in(request)
    bulk = batch_of(user, public_id)
    act = act_of(bulk, user)
    if not act:
        return desk.back(request, bulk)
    try:
        row = steps.ask(
            request, lambda way: operations.bulk.challenge(bulk=bulk, act=act, by=user, at=now(), method=way)
        )
    except DomainError as no:
        return show(request, desk, bulk, user, form=steps.refused(no))
    _keep(request, bulk, challenge=str(row.pk))
    return desk.back(request, bulk)


def cancel(request: HttpRequest, desk: Desk, public_id: uuid.UUID) -> HttpResponse:
    """Drop it before it runs."""
    user = signed_in(request)
    bulk = batch_of(user, public_id)
    operations.bulk.cancel(bulk=bulk, by=user, at=now())
    return desk.back(request, bulk)


def reject(request: HttpRequest, desk: Desk, public_id: uuid.UUID) -> HttpResponse:
    """Do not allow it."""
    user = signed_in(request)
    bulk, form = batch_of(user, public_id), Refuse(request.POST)
    if form.is_valid():
        operations.bulk.reject(bulk=bulk, reason=form.cleaned_data["reason"], by=user, at=now())
        return desk.back(request, bulk)
    return show(request, desk, bulk, user, form=steps.Proof(None), refuse=form)


def report(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What became of each row, as a file; `only=bad` gives the rows to correct."""
    kind = "xlsx" if request.GET.get("as") == "xlsx" else "csv"
    bulk = batch_of(signed_in(request), public_id)
    return bulk_files.report(bulk, kind, only_bad=request.GET.get("only") == "bad")


def _slot(bulk: BulkPayment) -> str:
    return f"bulk:{bulk.public_id}"


def _kept(request: HttpRequest, bulk: BulkPayment) -> dict[str, Any]:
    return dict(request.session.get(_slot(bulk), {}))


def _keep(request: HttpRequest, bulk: BulkPayment, **facts: Any) -> None:
    request.session[_slot(bulk)] = _kept(request, bulk) | facts


def _step(request: HttpRequest, bulk: BulkPayment, user: User) -> steps.Step:
    return steps.step_of(user, steps.challenge_of(user, _kept(request, bulk).get("challenge")), now())
