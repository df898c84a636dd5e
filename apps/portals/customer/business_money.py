"""The accounts of a business: opening one, who signs for what, and payments that wait for signatures."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts import mandates, queries, signing
from apps.accounts import operations as accounts
from apps.accounts.models import Account, AccountStatus, Mandate, Needs, Product
from apps.accounts.signing import Band
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import caller_of, require
from apps.payments import operations
from apps.payments.models import HeldBecause, JointOrder, JointPayment, JointStatus, Payment, PaymentStatus
from apps.payments.queries import gone_back, signatures_needed, signatures_of
from apps.portals.customer import step_up as steps
from apps.portals.customer.business_kyc import own_business, owns
from apps.portals.customer.confirm import is_late
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import AmountField, Sheet
from apps.portals.customer.pages import done, show
from apps.portals.customer.pay import TOO_MANY, OwnAccount, fresh_key
from apps.users.doors import signed_in
from apps.users.models import BusinessMember, BusinessProfile, User
from apps.users.policies import may_sign_for

MOST = 30


class Propose(Sheet):
    """Who signs, and how many: up to an amount any one, above it so many."""

    who = forms.MultipleChoiceField(
        label=_("Who signs"), widget=forms.CheckboxSelectMultiple, error_messages={"required": _("Name who signs.")}
    )
    alone = AmountField(label=_("Up to this amount one alone (empty: never)"), required=False)
    needs = forms.ChoiceField(label=_("Above it"), choices=Needs.choices, initial=Needs.ALL)
    count = forms.IntegerField(
        label=_("How many of them"), required=False, min_value=1, max_value=50,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip

    def bands(self) -> list[Band]:
        """As the operation takes them."""
        asked = self.cleaned_data
        above = Band(None, asked["needs"], asked["count"] or 0)
        return [Band(asked["alone"].minor, signing.ANY), above] if asked["alone"] else [above]


class Pay(Sheet):
    """To whom, how much, and what for."""

    where = {"payee_not_found": "to", "payment_to_self": "to", "payee_cannot_receive": "to", "bad_amount": "amount"}
    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    to = forms.CharField(
        label=_("Phone or account number"), max_length=600,
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "off", "enterkeyhint": "next"}),
    )  # fmt: skip
    amount = AmountField(label=_("Amount"))
    from_account = OwnAccount(label=_("From"))
    note = forms.CharField(
        label=_("Note (you may leave it out)"), max_length=80, required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@customer_page
def money(request: HttpRequest, pk: int) -> HttpResponse:
    """Its accounts, its mandate, what waits for signatures. POST opens an account."""
    user = signed_in(request)
    row = own_business(user, pk)
    refused = ""
    if request.method == "POST":
        product = get_object_or_404(Product, code="BUSINESS", is_active=True)
        try:
            accounts.open_business_account(business=row, product=product, by=user, at=now())
        except DomainError as no:
            refused = str(no)
        else:
            messages.success(request, gettext("Your new account is open."))
            return done(request, "business-money", pk)
    by = mandates.signing_of(row)
    paid = JointPayment.objects.whole().filter(business=row).order_by("-created_at", "-pk")[:MOST]
    payments = [(joint, signatures_needed(joint, by), len(joint.signatures.all())) for joint in paid]
    arranged = JointOrder.objects.whole().filter(business=row).order_by("-pk")[:MOST]
    orders = [(joint, signatures_of(joint, by, joint.total)) for joint in arranged]
    return show(
        request,
        "settings/business/money",
        status=409 if refused else 200,
        row=row,
        owns=owns(user, row),
        signs=may_sign_for(user, row),
        holdings=queries.holdings(Account.objects.filter(owner=row.party_id).select_related("product").in_order()),
        mandate=by.mandate if by else None,
        waiting=mandates.waiting(row),
        payments=payments,
        orders=orders,
        mine=_to_sign(user, by, payments, orders),
        refused=refused,
    )


def _to_sign(user: User, by: mandates.Signing | None, payments: list[Any], orders: list[Any]) -> int:
    """How many of the payments and standing orders wait for this person's signature."""
    if by is None or user not in by.signers:
        return 0
    waiting = [joint for joint, needed, _given in payments if needed]
    lacking = [joint for joint, it in orders if (joint.status == "WAITING" or joint.is_in_force) and not it.are_enough]
    return sum(all(one.user_id != user.pk for one in joint.signatures.all()) for joint in [*waiting, *lacking])


@require_http_methods(["GET", "POST"])
@customer_page
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a mandate down; it is in force once it is signed."""
    user = signed_in(request)
    row = own_business(user, pk)
    form = Propose(request.POST if request.method == "POST" else None)
    choice: Any = form.fields["who"]
    members = BusinessMember.objects.filter(business=row, left_at=None, role__in=["OWNER", "SIGNATORY"])
    choice.choices = [(str(one.user_id), one.user.full_name) for one in members.select_related("user").order_by("pk")]
    if form.is_bound and form.is_valid():
        who = [int(one) for one in form.cleaned_data["who"]]
        try:
            accounts.propose_mandate(business=row, signatories=who, bands=form.bands(), by=user, at=now())
        except DomainError as no:
            form.refuse(no, {"count": "count", "nobody": "who"}.get(str(no.facts.get("because"))))
        else:
            return done(request, "business-mandate", pk)
    return show(request, "settings/business/propose", form, row=row)


def _mandate_proof(request: HttpRequest, user: User, row: Mandate) -> steps.Bound:
    def begin(way: str) -> Any:
        return accounts.challenge_mandate(mandate=row, by=user, at=now(), method=way)

    return steps.Bound(request, user, f"mandate:{row.public_id}", begin)


def _waiting(business: BusinessProfile) -> Mandate:
    row = mandates.waiting(business)
    return row or get_object_or_404(Mandate.objects.none())


@require_http_methods(["GET", "POST"])
@customer_page
def mandate(request: HttpRequest, pk: int) -> HttpResponse:
    """The one that waits: what it says, whom it waits for, one's own signature. POST signs, or turns it down."""
    user = signed_in(request)
    business = own_business(user, pk)
    row = _waiting(business)
    if "drop" in request.POST:
        accounts.drop_mandate(mandate=row, by=user, at=now())
        messages.success(request, gettext("Turned down. What was in force stays so."))
        return done(request, "business-money", pk)
    proof = _mandate_proof(request, user, row)
    step, form, made = proof.given(
        lambda challenge_id: accounts.sign_mandate(mandate=row, challenge_id=challenge_id, by=user, at=now())
    )
    if made:
        messages.success(request, gettext("Signed."))
        return done(request, "business-money", pk)
    return _mandate_page(request, business, row, user, step, form)


def _mandate_page(
    request: HttpRequest, business: BusinessProfile, row: Mandate, user: User, step: steps.Step, form: steps.Proof
) -> HttpResponse:
    signed = {one.user_id for one in row.signatures.all()}
    facts = {"row": business, "mandate": row, "waits": mandates.waits_for(row), "signed": user.pk in signed}
    return show(request, "settings/business/mandate", form, step=step, signs=may_sign_for(user, business), **facts)


@require_POST
@customer_page
def mandate_code(request: HttpRequest, pk: int) -> HttpResponse:
    """A code, or another way of proving it."""
    user = signed_in(request)
    business = own_business(user, pk)
    row = _waiting(business)
    proof = _mandate_proof(request, user, row)
    try:
        proof.ask()
    except DomainError as no:
        return _mandate_page(request, business, row, user, proof.step(), steps.refused(no))
    return done(request, "business-mandate", pk)


@require_http_methods(["GET", "POST"])
@customer_page
def pay(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a payment down; nothing moves before it is signed."""
    user = signed_in(request)
    row = own_business(user, pk)
    form = Pay(request.POST if request.method == "POST" else None, initial={"idempotency_key": fresh_key()})
    sources: Any = form.fields["from_account"]
    active = Account.objects.filter(owner=row.party_id, status=AccountStatus.ACTIVE).select_related("owner", "product")
    sources.queryset = active.in_order()
    if form.is_bound and form.is_valid():
        asked = dict(form.cleaned_data)
        try:
            require("money", caller_of(request), TOO_MANY)
            key = f"page/{asked.pop('idempotency_key')}"
            joint = operations.ask_joint(key=key, by=user, at=now(), **asked)
        except DomainError as no:
            form.refuse(no)
        else:
            return done(request, "business-payment", pk, joint.payment.public_id)
    return show(request, "settings/business/pay", form, row=row, currency="KES")


def _joint(row: BusinessProfile, public_id: uuid.UUID) -> JointPayment:
    return get_object_or_404(JointPayment.objects.whole().filter(business=row), payment__public_id=public_id)


def _payment_proof(request: HttpRequest, user: User, joint: JointPayment) -> steps.Bound:
    def begin(way: str) -> Any:
        return operations.challenge_joint(joint=joint, by=user, at=now(), method=way)

    return steps.Bound(request, user, f"joint:{joint.payment.public_id}", begin)


@require_http_methods(["GET", "POST"])
@customer_page
def payment(request: HttpRequest, pk: int, public_id: uuid.UUID) -> HttpResponse:
    """One payment: who is paid, what leaves, who signed; one's own signature."""
    user = signed_in(request)
    row = own_business(user, pk)
    joint = _joint(row, public_id)
    proof = _payment_proof(request, user, joint)
    step, form, made = proof.given(
        lambda challenge_id: operations.sign_joint(joint=joint, challenge_id=challenge_id, by=user, at=now())
    )
    if made:
        messages.success(request, _said(made))
        return done(request, "business-payment", pk, public_id)
    return _payment_page(request, row, joint, user, step, form)


def _said(made: JointPayment) -> str:
    """What became of it with this signature."""
    if made.status != JointStatus.SIGNED:
        return gettext("Signed. It waits for others.")
    if made.payment.status == PaymentStatus.HELD:
        return gettext("Signed. It has not gone yet: why stands below.")
    return gettext("Signed, and sent.")


def _waits(payment: Payment) -> bool:
    """Whether it is on its way or the bank looks at it; one held for a moment says so where it can be stopped."""
    if payment.status == PaymentStatus.HELD:
        return bool(payment.held_because == HeldBecause.REVIEW)
    return payment.status in {PaymentStatus.PENDING, PaymentStatus.CHECKING}


def _payment_page(
    request: HttpRequest, row: BusinessProfile, joint: JointPayment, user: User, step: steps.Step, form: steps.Proof
) -> HttpResponse:
    by = mandates.signing_of(row)
    given = joint.signatures.all()
    return show(
        request,
        "settings/business/payment",
        form,
        row=row,
        joint=joint,
        payment=joint.payment,
        back=gone_back(joint.payment),
        waits=_waits(joint.payment),
        is_late=is_late(joint.payment),
        needed=signatures_needed(joint, by),
        given=given,
        may_sign=by is not None and user in by.signers and user.pk not in {one.user_id for one in given},
        may_end=operations.may_end_joint(joint=joint, by=user),
        is_maker=joint.made_by_id == user.pk,
        step=step,
    )


@require_POST
@customer_page
def payment_code(request: HttpRequest, pk: int, public_id: uuid.UUID) -> HttpResponse:
    """A code, or another way of proving it."""
    user = signed_in(request)
    row = own_business(user, pk)
    joint = _joint(row, public_id)
    proof = _payment_proof(request, user, joint)
    try:
        proof.ask()
    except DomainError as no:
        return _payment_page(request, row, joint, user, proof.step(), steps.refused(no))
    return done(request, "business-payment", pk, public_id)


@require_POST
@customer_page
def payment_end(request: HttpRequest, pk: int, public_id: uuid.UUID) -> HttpResponse:
    """Taken back by its maker, or turned down with a reason."""
    user = signed_in(request)
    row = own_business(user, pk)
    joint = _joint(row, public_id)
    try:
        operations.end_joint(joint=joint, by=user, at=now(), reason=request.POST.get("reason", "")[:200])
    except DomainError as no:
        step = _payment_proof(request, user, joint).step()
        return _payment_page(request, row, joint, user, step, steps.refused(no))
    messages.success(request, gettext("It will not be paid. No money moved."))
    return done(request, "business-money", pk)
