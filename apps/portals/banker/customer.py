"""Customer 360: everything the bank knows of one person, on one page, and what staff may do about it."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.accounts import mandates
from apps.accounts import operations as accounts
from apps.accounts.models import Account, Mandate, Transaction
from apps.accounts.queries import holdings
from apps.chamas.queries import desk
from apps.kernel.clock import local_date, now
from apps.kernel.errors import Conflict, DomainError
from apps.kernel.models import Approval
from apps.kernel.records import record
from apps.kyc import operations as kyc
from apps.kyc.queries import limits_of
from apps.lending.models import CollectionCase, Loan
from apps.notifications.models import Message
from apps.payments.models import StandingOrder
from apps.portals.banker.door import page, staff_page
from apps.portals.banker.unpaid import unpaid_dates
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import go
from apps.users import operations, queries
from apps.users.doors import signed_in
from apps.users.models import CustomerNote, CustomerView, Tier, User

LOOK_LASTS = timedelta(minutes=15)
REASONS = [
    ("counter", _("The customer is at the counter")),
    ("call", _("The customer is on the phone")),
    ("complaint", _("A complaint or a dispute")),
    ("check", _("A check the bank must make")),
]

RIGHTS = {
    "suspend": "users.edit_users",
    "restore": "users.edit_users",
    "tier": "kyc.approve_kyc",
    "mandate": "kyc.approve_kyc",
}


class Look(Sheet):
    """Why a customer's page is opened; the customer can be told."""

    reason = forms.ChoiceField(label=_("Why do you open this page?"), choices=REASONS, widget=forms.RadioSelect)


class Note(Sheet):
    """A note, corrected by adding."""

    text = forms.CharField(label=_("Write a note"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))


class Reason(Sheet):
    """Why; the record keeps it."""

    reason = forms.CharField(label=_("Reason"), max_length=200)
    tier = forms.ChoiceField(label=_("Tier"), choices=Tier.choices, required=False)


@staff_page()
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    """The page, once a reason was given; the look is recorded before anything is shown. Who broke the glass sees it
    whole, whatever their role.
    """
    staff = signed_in(request)
    if not staff.has_perm("users.view_users") and not operations.sees_whole(staff, User(pk=pk), now()):
        raise PermissionDenied
    person = get_object_or_404(User.objects.customers(), pk=pk)
    if not _has_reason(staff, person):
        form = Look(request.POST if request.method == "POST" else None)
        if not form.is_bound or not form.is_valid():
            return page(request, "look", status=form.status, place="customers", form=form, person=person)
        reason = str(dict(REASONS)[form.cleaned_data["reason"]])
        operations.look_at(customer=person, by=staff, reason=reason, at=now())
        return go(request, reverse("admin:customer", args=[pk]))
    return _shown(request, person, staff, Note())


def _has_reason(staff: User, person: User) -> bool:
    return CustomerView.objects.filter(viewer=staff, customer=person, at__gt=now() - LOOK_LASTS).exists()


def record_look(staff: User, person: User, reason: str) -> None:
    """A look that one's own work asks for, written down once in a while."""
    if not _has_reason(staff, person):
        operations.look_at(customer=person, by=staff, reason=reason, at=now())


def record_counter(staff: User, row: Account | Loan) -> None:
    """That a slip for somebody's account or loan was seen, with what is on it. It is no reason to open their page."""
    record("kernel.row.viewed", on=row, by=staff, at=now(), reason=_now("Cash at the counter"))


def _shown(request: HttpRequest, person: User, staff: User, note: Note) -> HttpResponse:
    at = now()
    lines = Transaction.objects.owned_by(person).select_related("account").order_by("-pk")
    glass = operations.sees_whole(staff, person, at)
    sees_money = glass or staff.has_perm("accounts.view_transactions")
    month = lines.filter(booked_on__gte=local_date(at) - timedelta(days=30), amount_minor__lt=0)
    facts: dict[str, Any] = {
        "person": person,
        "limits": limits_of(person.kyc_tier, on=local_date(at)),
        "holdings": holdings(Account.objects.owned_by(person).select_related("product").in_order())
        if sees_money
        else [],
        "lines": list(lines[:10]) if sees_money else [],
        "outs": list(month.order_by("amount_minor")[:5]) if sees_money else [],
        "orders": list(
            StandingOrder.objects.owned_by(person).proven().filter(ended_at=None).order_by("next_due_on")[:10]
        )
        if sees_money
        else [],
        "unpaid": list(unpaid_dates(at).filter(order__owner=person)[:5]) if sees_money else [],
        "notes": CustomerNote.objects.filter(customer=person).select_related("author").order_by("-pk")[:10],
        "looks": CustomerView.objects.filter(customer=person)
        .seen_by(staff)
        .select_related("viewer")
        .order_by("-pk")[:8],
        "sessions": queries.live_sessions(person)[:6],
        "said": Message.objects.owned_by(person).order_by("-pk")[:6],
        "form": note,
        "cases": CollectionCase.objects.open().shown().filter(loan__borrower=person)
        if staff.has_perm("lending.collect_loans") and staff.pk != person.pk
        else [],
        "sees_money": sees_money,
        "glass": glass,
        "mandate": _stuck(person),
        "groups": desk.groups_of(person) if staff.has_perm("chamas.view_groups") else [],
    }
    return page(request, "customer", status=note.status, place="customers", **facts)


def _stuck(person: User) -> Mandate | None:
    """A mandate of a business that too few are left to sign: two officers may put it in force."""
    business = queries.business_of(person)
    waiting = mandates.waiting(business) if business else None
    return waiting if waiting and mandates.waits_for(waiting).is_stuck else None


@staff_page("users.view_users")
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Write a note, suspend, restore, or set the tier; each with its own confirm page, after a look with a reason."""
    person, staff = get_object_or_404(User.objects.customers(), pk=pk), signed_in(request)
    if act in RIGHTS and not staff.has_perm(RIGHTS[act]):
        raise PermissionDenied
    if not _has_reason(staff, person):
        return go(request, reverse("admin:customer", args=[pk]))
    if act == "note" and request.method == "POST":
        form = Note(request.POST)
        if not form.is_valid():
            return _shown(request, person, staff, form)
        operations.add_note(customer=person, text=form.cleaned_data["text"], by=staff, at=now())
        messages.success(request, _now("The note is kept."))
        return go(request, reverse("admin:customer", args=[pk]))
    acts = {
        "suspend": (_("Suspend this profile"), _("They are signed out everywhere and cannot sign in. Accounts stay.")),
        "restore": (_("Restore this profile"), _("They can sign in again, once another officer allows it.")),
        "tier": (
            _("Set the tier"),
            _("Say which papers you saw. A higher tier takes a second officer."),
        ),
        "mandate": (
            _("Put the mandate in force"),
            _("Too few are left to sign it. Say which resolution you saw; another officer must allow it."),
        ),
    }
    if act not in acts:
        raise Http404
    return _confirmed(request, person, acts[act], lambda facts: _run(act, person, staff, facts), tier=act == "tier")


def _run(act: str, person: User, staff: User, facts: dict[str, Any]) -> Approval | None:
    """Do it; what waits for a second person is answered."""
    if act == "mandate":
        waiting = _stuck(person)
        if waiting is None:
            raise Conflict(_("No mandate waits for that. Nothing was changed."))
        return accounts.ask_bank_for_mandate(mandate=waiting, reason=facts["reason"], by=staff, at=now())
    if act == "tier":
        return kyc.ask_tier(person=person, tier=facts["tier"], reason=facts["reason"], by=staff, at=now())
    status = "SUSPENDED" if act == "suspend" else "ACTIVE"
    return operations.ask_status(person=person, status=status, reason=facts["reason"], by=staff, at=now())


@staff_page("accounts.freeze_account")
def account_act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Freeze or unfreeze a customer's account, with a reason, after a look."""
    account = get_object_or_404(Account.objects.select_related("owner"), pk=pk, owner__in=User.objects.customers())
    staff = signed_in(request)
    if not _has_reason(staff, account.owner):
        return go(request, reverse("admin:customer", args=[account.owner_id]))
    acts: dict[str, tuple[Any, Any, Any]] = {
        "freeze": (
            _("Freeze this account"),
            _("Money can come in; none can leave until it is unfrozen."),
            accounts.freeze,
        ),
        "unfreeze": (
            _("Unfreeze this account"),
            _("Money can leave again, once another officer allows it."),
            accounts.ask_unfreeze,
        ),
    }
    if act not in acts:
        raise Http404
    title, words, run = acts[act]
    return _confirmed(
        request,
        account.owner,
        (title, f"{account.name} {account.masked_number}. {words}"),
        lambda facts: run(account=account, by=staff, at=now(), reason=facts["reason"]),
    )


def _confirmed(
    request: HttpRequest, person: User, words: tuple[Any, Any], run: Any, *, tier: bool = False
) -> HttpResponse:
    form = Reason(request.POST if request.method == "POST" else None)
    if not tier:
        del form.fields["tier"]
    if form.is_bound and form.is_valid():
        try:
            done = run(form.cleaned_data)
        except DomainError as no:
            form.refuse(no)
        else:
            waits = isinstance(done, Approval)
            said = _now("Asked. Another officer must allow it; nothing has changed yet.") if waits else None
            messages.success(request, said or _now("Done, and recorded with your reason."))
            return go(request, reverse("admin:customer", args=[person.pk]))
    facts = {"form": form, "person": person, "title": words[0], "words": words[1]}
    return page(request, "confirm", status=form.status, place="customers", **facts)
