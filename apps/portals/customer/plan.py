"""Saving for something: goals alone or together, what is still missing, and what a month reaches it."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts import goals, operations
from apps.accounts.models import Account, AutoTransferRule, GoalPicture, MemberStatus, SavingsGoal
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import AmountField, PhoneField, Sheet
from apps.portals.customer.pages import done, show
from apps.portals.customer.pay import TOO_MANY, OwnAccount, fresh_key
from apps.users.doors import signed_in
from apps.users.models import User

PICTURES = {
    GoalPicture.SAVINGS: "piggy-bank",
    GoalPicture.HOME: "house",
    GoalPicture.SCHOOL: "notebook-pen",
    GoalPicture.TRANSPORT: "car",
    GoalPicture.SHOP: "store",
    GoalPicture.PHONE: "smartphone",
    GoalPicture.FAMILY: "users-round",
    GoalPicture.RAINY_DAY: "shield-check",
}
_DATE = {"type": "date"}
_WRONG_DAY = {"invalid": _("Write the date like 2026-12-05.")}


class GoalSheet(Sheet):
    """What for, how much, by when."""

    where = {"bad_amount": "target"}
    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("What you save for"),
        max_length=40,
        error_messages={"required": _("Give the goal a name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    target = AmountField(label=_("How much you need"))
    by_date = forms.DateField(
        label=_("By when (you may leave it out)"),
        required=False,
        error_messages=_WRONG_DAY,
        widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d"),
    )
    picture = forms.ChoiceField(label=_("Picture"), choices=GoalPicture.choices, initial=GoalPicture.SAVINGS)
    locked_until = forms.DateField(
        label=_("Lock until (you may leave it out)"),
        required=False,
        error_messages=_WRONG_DAY,
        widget=forms.DateInput(attrs=_DATE, format="%Y-%m-%d"),
    )


class GoalMoney(Sheet):
    """Between a goal and one's own account."""

    where = {
        "bad_amount": "amount",
        "insufficient_funds": "amount",
        "more_than_your_share": "amount",
        "account_not_active": "account",
    }
    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    amount = AmountField(label=_("Amount"))
    account = OwnAccount(label=_("Account"))
    break_lock = forms.BooleanField(
        label=_("Break the lock: I lose the interest that was not paid yet"), required=False
    )

    def __init__(self, *args: Any, user: User, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own: Any = self.fields["account"]
        own.queryset = Account.objects.owned_by(user).to_pay_from().filter(currency=currency).in_order()


class EndSheet(GoalMoney):
    """Where one's share goes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["amount"]


class Invite(Sheet):
    """Whom to ask along."""

    phone = PhoneField(label=_("Their phone number"), autocomplete="off")


def picture_of(goal: SavingsGoal) -> str:
    """The icon that stands for a goal."""
    return PICTURES[GoalPicture(goal.picture)]


@require_GET
@customer_page
def plan(request: HttpRequest) -> HttpResponse:
    """All goals with how far they are, invitations, and what saves by itself."""
    user = signed_in(request)
    rows = SavingsGoal.objects.seen_by(user).open().select_related("account", "owner").order_by("pk")
    found = goals.shown(rows, local_date(now()))
    return show(
        request,
        "plan/plan",
        goals=[(one, picture_of(one.row)) for one in found],
        invitations=goals.invitations(user),
        rules=AutoTransferRule.objects.owned_by(user).live().count(),
    )


@require_http_methods(["GET", "POST"])
@customer_page
def new(request: HttpRequest) -> HttpResponse:
    """Begin a goal."""
    user = signed_in(request)
    form = GoalSheet(request.POST if request.method == "POST" else None, initial={"idempotency_key": fresh_key()})
    if form.is_bound and form.is_valid():
        asked = dict(form.cleaned_data)
        key = f"page/{asked.pop('idempotency_key')}"
        try:
            goal = operations.make_goal(owner=user, key=key, at=now(), **asked)
        except DomainError as no:
            form.refuse(no)
        else:
            messages.success(request, gettext("Your goal is set. Put the first money in."))
            return done(request, "goal", goal.public_id)
    return show(request, "plan/new", form)


def _own(user: User, public_id: uuid.UUID) -> SavingsGoal:
    """One's own, or that one has joined, or 404."""
    rows = SavingsGoal.objects.seen_by(user).select_related("account", "owner")
    return get_object_or_404(rows, public_id=public_id)


@require_GET
@customer_page
def goal(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One goal."""
    user = signed_in(request)
    return _page(request, _own(user, public_id), user)


def _page(request: HttpRequest, row: SavingsGoal, user: User, form: Sheet | None = None) -> HttpResponse:
    """The page, with what a form on it was refused for."""
    found, names = goals.one(row, local_date(now())), goals.names(row)
    fresh: dict[str, Any] = {"user": user, "currency": row.currency, "initial": {"idempotency_key": fresh_key()}}
    begin = {"name": row.name, "target": row.target, "by_date": row.by_date, "picture": row.picture}
    change = GoalSheet(initial=begin | {"locked_until": row.locked_until, "idempotency_key": fresh_key()})
    locked = row.locked_until is not None and row.locked_until > local_date(now())
    return show(
        request,
        "plan/goal",
        form,
        goal=found,
        picture=picture_of(row),
        is_mine=row.owner_id == user.pk,
        is_locked=locked,
        my_share=found.share_of(user),
        shares=[(names.get(person, ""), share, person == user.pk) for person, share in sorted(found.shares.items())],
        members=row.members.filter(status__in=[MemberStatus.ACTIVE, MemberStatus.INVITED]).select_related("user"),
        moves=row.moves.select_related("user").order_by("-pk")[:24],
        pay_in=form if isinstance(form, GoalMoney) and form.prefix == "in" else GoalMoney(prefix="in", **fresh),
        take_out=form if isinstance(form, GoalMoney) and form.prefix == "out" else GoalMoney(prefix="out", **fresh),
        end=form if isinstance(form, EndSheet) else EndSheet(prefix="end", **fresh),
        change=form if isinstance(form, GoalSheet) else change,
        invite=form if isinstance(form, Invite) else Invite(prefix="invite"),
    )


@require_POST
@customer_page
def act(request: HttpRequest, public_id: uuid.UUID, act: str) -> HttpResponse:
    """Put money in, take it out, change, invite, leave, or close."""
    user = signed_in(request)
    row = _own(user, public_id)
    form = _form(request, act, row, user)
    if not form.is_valid():
        return _page(request, row, user, form)
    try:
        require("money", caller_of(request), TOO_MANY)
        words = _done(act, row, form.cleaned_data, user)
    except DomainError as no:
        form.refuse(no)
        return _page(request, row, user, form)
    messages.success(request, words)
    return done(request, "plan") if act in ("leave", "close") else done(request, "goal", row.public_id)


def _form(request: HttpRequest, act: str, row: SavingsGoal, user: User) -> Sheet:
    if act == "invite":
        return Invite(request.POST, prefix="invite")
    if act == "change":
        return GoalSheet(request.POST)
    kind, prefix = {"pay-in": (GoalMoney, "in"), "take-out": (GoalMoney, "out")}.get(act, (EndSheet, "end"))
    return kind(request.POST, prefix=prefix, user=user, currency=row.currency)


def _done(act: str, row: SavingsGoal, asked: dict[str, Any], user: User) -> str:
    """Do it; what to say. Raises what the operations raise."""
    at, key = now(), f"page/{asked.get('idempotency_key', '')}"
    if act == "pay-in":
        operations.pay_into_goal(goal=row, account=asked["account"], amount=asked["amount"], key=key, by=user, at=at)
        return gettext("The money is in your goal.")
    if act == "take-out":
        common = {"goal": row, "account": asked["account"], "amount": asked["amount"], "by": user}
        operations.take_out(**common, key=key, at=at, breaking=asked["break_lock"])
        return gettext("The money is on your account.")
    if act == "invite":
        operations.invite(goal=row, phone=asked["phone"], by=user, at=at)
        return gettext("If that phone banks here, they see your invitation.")
    if act == "change":
        asked.pop("idempotency_key")
        operations.change_goal(goal=row, by=user, at=at, **asked)
        return gettext("Your goal is changed.")
    if act == "leave":
        operations.leave_goal(goal=row, account=asked["account"], by=user, at=at)
        return gettext("You left, and your share is on your account.")
    operations.close_goal(goal=row, account=asked["account"], by=user, at=at, breaking=asked["break_lock"])
    return gettext("The goal is closed, and everybody has their share.")


@require_POST
@customer_page
def answer(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Say yes or no to an invitation."""
    user = signed_in(request)
    asked_of = SavingsGoal.objects.filter(members__user=user, members__status=MemberStatus.INVITED)
    row, joins = get_object_or_404(asked_of, public_id=public_id), "join" in request.POST
    operations.answer_invitation(goal=row, joins=joins, by=user, at=now())
    messages.success(request, gettext("You save along now.") if joins else gettext("You said no."))
    return done(request, "goal", row.public_id) if joins else done(request, "plan")
