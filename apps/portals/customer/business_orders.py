"""What a business pays by itself: set up, signed by as many as its mandate asks, its dates, skipped, stopped."""

import uuid
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts import mandates
from apps.accounts.errors import NotOffered
from apps.accounts.fees import Charge
from apps.accounts.models import Account, AccountStatus, TransactionType
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.payments import operations
from apps.payments import queries as payments
from apps.payments.models import JointOrder, JointOrderStatus, StandingOrder
from apps.payments.operations.book import place_of
from apps.portals.customer import step_up as steps
from apps.portals.customer.business_kyc import own_business
from apps.portals.customer.door import customer_page
from apps.portals.customer.pages import done, show
from apps.portals.customer.pay import TOO_MANY, fresh_key
from apps.portals.customer.scheduled import RUNS_SHOWN, Terms
from apps.users.doors import signed_in
from apps.users.models import BusinessProfile, User

HERE, MPESA = "HERE", "MPESA"


class Arrange(Terms):
    """To whom, how much, from which account, and when. `old` is the order that this one replaces: left empty, the same
    payee is paid.
    """

    where = Terms.where | {
        "payee_not_found": "to",
        "payment_to_self": "to",
        "payee_cannot_receive": "to",
        "bad_phone": "to",
    }
    instead = forms.UUIDField(required=False, widget=forms.HiddenInput)
    to = forms.CharField(
        label=_("Phone or account number"), max_length=40, required=False,
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "off", "enterkeyhint": "next"}),
    )  # fmt: skip
    reach = forms.ChoiceField(
        label=_("Where they are paid"), choices=[(HERE, _("At KitBank")), (MPESA, _("On M-Pesa"))], initial=HERE
    )

    def __init__(self, *args: Any, business: BusinessProfile, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.business, self.old = business, self._replaced(business)
        sources: Any = self.fields["from_account"]
        active = Account.objects.filter(owner=business.party_id, status=AccountStatus.ACTIVE)
        sources.queryset = active.select_related("owner", "product").in_order()
        if self.old is not None and not self.is_bound:
            for name in ("amount", "from_account", "cadence", "day", "times", "until", "day_off", "note"):
                self.initial[name] = getattr(self.old.order, name)

    def _replaced(self, business: BusinessProfile) -> JointOrder | None:
        asked = self.data.get("instead") if self.is_bound else self.initial.get("instead")
        try:
            public_id = uuid.UUID(str(asked))
        except ValueError:
            return None
        return get_object_or_404(
            JointOrder.objects.whole().filter(business=business, status=JointOrderStatus.SIGNED),
            order__public_id=public_id,
        )

    def clean(self) -> dict[str, Any]:
        """Somebody is paid."""
        if self.old is None and not self.cleaned_data.get("to"):
            self.add_error("to", _("Write their phone or account number."))
        return super().clean()

    def found(self) -> dict[str, Any]:
        """Where it goes. Outside any transaction: a rail may ask its provider."""
        to, amount = self.cleaned_data["to"], self.cleaned_data["amount"]
        if not to and self.old is not None:
            return place_of(self.old.order)
        if self.cleaned_data["reach"] == HERE:
            return operations.place_here(to=to, owner=self.business.party, at=now())
        kind = TransactionType.MOBILE_MONEY.value
        return operations.place_outside(rail="mpesa", kind=kind, asked={"phone": to}, amount=amount, at=now())


@require_http_methods(["GET", "POST"])
@customer_page
def arrange(request: HttpRequest, pk: int) -> HttpResponse:
    """Write it down; it pays nothing before it is signed."""
    user = signed_in(request)
    row = own_business(user, pk)
    begin = {"idempotency_key": fresh_key(), "starts_on": local_date(now()), "instead": request.GET.get("instead", "")}
    form = Arrange(request.POST if request.method == "POST" else None, business=row, initial=begin)
    if form.is_bound and form.is_valid():
        try:
            require("money", caller_of(request), TOO_MANY)
            joint = _set_up(form, user)
        except DomainError as no:
            form.refuse(no)
        else:
            return done(request, "business-order", pk, joint.order.public_id)
    return show(request, "settings/business/arrange", form, row=row, old=form.old, currency="KES")


def _set_up(form: Arrange, user: User) -> JointOrder:
    asked = form.cleaned_data
    return operations.ask_joint_order(
        from_account=asked["from_account"],
        where=form.found(),
        amount=asked["amount"],
        schedule=form.schedule,
        day_off=asked["day_off"],
        note=asked["note"],
        instead_of=form.old,
        key=f"page/{asked['idempotency_key']}",
        by=user,
        at=now(),
    )


def _joint(row: BusinessProfile, public_id: uuid.UUID) -> JointOrder:
    return get_object_or_404(JointOrder.objects.whole().filter(business=row), order__public_id=public_id)


def _proof(request: HttpRequest, user: User, joint: JointOrder) -> steps.Bound:
    def begin(way: str) -> Any:
        return operations.challenge_joint_order(joint=joint, by=user, at=now(), method=way)

    return steps.Bound(request, user, f"joint-order:{joint.order.public_id}", begin)


@require_http_methods(["GET", "POST"])
@customer_page
def order(request: HttpRequest, pk: int, public_id: uuid.UUID) -> HttpResponse:
    """Every term of it, who signed and who may yet, its dates; one's own signature."""
    user = signed_in(request)
    row = own_business(user, pk)
    joint = _joint(row, public_id)
    proof = _proof(request, user, joint)
    step, form, made = proof.given(
        lambda challenge_id: operations.sign_joint_order(joint=joint, challenge_id=challenge_id, by=user, at=now())
    )
    if made:
        runs, signed = gettext("Signed. It pays by itself from now on."), gettext("Signed. It waits for others.")
        messages.success(request, runs if made.status == JointOrderStatus.SIGNED else signed)
        return done(request, "business-order", pk, public_id)
    return _page(request, row, joint, user, step, form)


def _page(
    request: HttpRequest, row: BusinessProfile, joint: JointOrder, user: User, step: steps.Step, form: steps.Proof
) -> HttpResponse:
    by, it = mandates.signing_of(row), joint.order
    is_open = joint.status == JointOrderStatus.WAITING or joint.is_in_force
    charge = _charge(it) if is_open else None
    total = it.amount + charge.total if charge else joint.total
    signed = payments.signatures_of(joint, by, total) if is_open else None
    signers = by.signers if by else ()
    return show(
        request,
        "settings/business/order",
        form,
        row=row,
        joint=joint,
        order=it,
        first=it.schedule.due_on(0),
        last=it.schedule.due_on(it.times - 1) if it.times else None,
        coming=payments.coming(it, payments.calendar_ahead(local_date(now()))) if is_open else [],
        charge=charge,
        total=total,
        signed=signed,
        given=[(one, one.user in signers) for one in joint.signatures.all()],
        may_sign=signed is not None and not signed.are_enough and user in signed.missing,
        may_end=operations.may_end_joint_order(joint=joint, by=user),
        may_skip=joint.is_in_force and user in signers,
        is_maker=joint.made_by_id == user.pk,
        runs=it.runs.select_related("payment").order_by("-due_on")[:RUNS_SHOWN],
        step=step,
    )


def _charge(it: StandingOrder) -> Charge | None:
    """What each date costs today; None when it would be refused, so that the order is seen and stopped all the same."""
    try:
        return operations.quote(kind=it.kind, account=it.from_account, amount=it.amount, at=now())
    except NotOffered:
        return None


@require_POST
@customer_page
def order_code(request: HttpRequest, pk: int, public_id: uuid.UUID) -> HttpResponse:
    """A code, or another way of proving it."""
    user = signed_in(request)
    row = own_business(user, pk)
    joint = _joint(row, public_id)
    proof = _proof(request, user, joint)
    try:
        proof.ask()
    except DomainError as no:
        return _page(request, row, joint, user, proof.step(), steps.refused(no))
    return done(request, "business-order", pk, public_id)


@require_POST
@customer_page
def order_end(request: HttpRequest, pk: int, public_id: uuid.UUID) -> HttpResponse:
    """Taken back by its maker, turned down with a reason, or in force stopped by any one who signs."""
    user = signed_in(request)
    row = own_business(user, pk)
    joint = _joint(row, public_id)
    try:
        operations.end_joint_order(joint=joint, by=user, at=now(), reason=request.POST.get("reason", "")[:200])
    except DomainError as no:
        return _page(request, row, joint, user, _proof(request, user, joint).step(), steps.refused(no))
    messages.success(request, gettext("It pays nothing more. What was paid stays paid."))
    return done(request, "business-money", pk)


@require_POST
@customer_page
def order_skip(request: HttpRequest, pk: int, public_id: uuid.UUID) -> HttpResponse:
    """The next date is left out."""
    user = signed_in(request)
    row = own_business(user, pk)
    joint = _joint(row, public_id)
    try:
        due_on = date.fromisoformat(request.POST.get("due_on", ""))
    except ValueError:
        due_on = date.min
    try:
        operations.skip_joint_order(joint=joint, due_on=due_on, by=user, at=now())
    except DomainError as no:
        return _page(request, row, joint, user, _proof(request, user, joint).step(), steps.refused(no))
    messages.success(request, gettext("That date is left out. The next one stands below."))
    return done(request, "business-order", pk, public_id)
