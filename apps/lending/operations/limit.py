"""What one person may borrow, set by staff: asked by one officer, decided by another within their own limit."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals, events
from apps.kernel.clock import local_date
from apps.kernel.errors import Conflict, NotFound
from apps.kernel.models import Approval, ApprovalStatus
from apps.kernel.money import BadAmount, CurrencyMismatch, Money
from apps.lending import policies
from apps.lending.errors import BadTerm
from apps.lending.events import LimitChanged
from apps.lending.models import CreditLimit, LoanProduct
from apps.users.models import User

SET_LIMIT = "lending.set_limit"
LONGEST = timedelta(days=366)


@transaction.atomic
def ask_limit(
    *, user: User, product: LoanProduct, amount: Money | None, until: date, reason: str, by: User, at: datetime
) -> Approval:
    """Ask that a person may borrow up to `amount` by a product until a day, more or less than worked out; None takes
    a limit back. The customer reads the reason. Another officer decides, within their own approval limit.

    Raises NotAllowed, NotFound, BadAmount, CurrencyMismatch, BadTerm, Conflict.
    """
    policies.require_may_set_limit(by, user)
    reason = " ".join(reason.split())
    _require_sound(product, amount, until, reason, at)
    _locked(user.pk)
    before = CreditLimit.objects.filter(user=user, product=product).order_by("-pk").first()
    if amount is None and (before is None or before.amount_minor is None):
        raise NotFound(_("Nobody set a limit of this product for this person. Nothing was changed."))
    subject = f"users/{user.pk}/limits/{product.code}"
    if Approval.objects.filter(kind=SET_LIMIT, subject=subject, status=ApprovalStatus.PENDING).exists():
        raise Conflict(_("A request about this limit waits for a second person already. Nothing was changed."))
    return approvals.ask(
        kind=SET_LIMIT,
        subject=subject,
        payload={
            "user": user.pk,
            "product": product.pk,
            "minor": None if amount is None else amount.minor,
            "until": until.isoformat(),
            "reason": reason,
            "based_on": before.pk if before else None,
        },
        reason=reason,
        by=by,
        at=at,
        amount=amount,
        before={"limit": str(before.amount or "") if before else "", "until": str(before.until) if before else ""},
        after={"limit": "" if amount is None else str(amount), "until": until.isoformat()},
    )


def may_decide(who: Any, approval: Approval) -> None:
    """Not on one's own limit, nor above what one may approve. Raises NotAllowed, AboveOwnLimit."""
    payload = approval.payload
    policies.require_may_set_limit(who, User.objects.get(pk=payload["user"]))
    product = LoanProduct.objects.get(pk=payload["product"])
    policies.require_within_limit(who, Money(payload["minor"] or 0, product.currency))


@transaction.atomic
def run_limit(*, payload: dict[str, Any], maker: Any, checker: Any, at: datetime) -> dict[str, Any]:
    """What an approved request does. Raises Conflict when the limit was changed meanwhile, BadTerm when its last day
    has passed.
    """
    user = _locked(payload["user"])
    product = LoanProduct.objects.get(pk=payload["product"])
    until = date.fromisoformat(payload["until"])
    amount = None if payload["minor"] is None else Money(payload["minor"], product.currency)
    _require_sound(product, amount, until, payload["reason"], at)
    last = CreditLimit.objects.filter(user=user, product=product).order_by("-pk").first()
    if (last.pk if last else None) != payload["based_on"]:
        raise Conflict(_("This limit was changed meanwhile. Nothing was changed; look at it and ask anew."))
    subject = f"users/{user.pk}/limits/{product.code}"
    approval = Approval.objects.filter(kind=SET_LIMIT, subject=subject, maker=maker).latest("pk")
    row = CreditLimit.objects.create(
        user=user,
        product=product,
        amount_minor=payload["minor"],
        currency=product.currency,
        until=until,
        reason=payload["reason"],
        approval_id=approval.pk,
        asked_by=maker,
        decided_by=checker,
        made_at=at,
    )
    facts = {"product": product.code, "limit": "" if amount is None else str(amount), "until": payload["until"]}
    audit_trail.record("lending.limit.changed", on=row, by=checker, at=at, customer=user, after=facts)
    events.publish(LimitChanged(limit_id=row.pk, user_id=user.pk, product_id=product.pk, minor=row.amount_minor))
    return facts


def _locked(pk: int) -> User:
    """The person, as applying locks them: a limit and an application are one after the other."""
    user: User = User.objects.select_for_update(no_key=True).get(pk=pk)
    return user


def _require_sound(product: LoanProduct, amount: Money | None, until: date, reason: str, at: datetime) -> None:
    today = local_date(at)
    if not today <= until <= today + LONGEST:
        raise BadTerm(
            _("A limit holds from today up to a year. Nothing was changed."),
            errors={"until": [_("From today up to a year from now.")]},
        )
    if not reason or len(reason) > 300:
        raise BadTerm(
            _("Say why, in up to 300 characters: the customer reads it. Nothing was changed."),
            errors={"reason": [_("Say why: the customer reads it.")]},
        )
    if amount is None:
        return
    if amount.currency != product.currency:
        raise CurrencyMismatch(_("This loan is in %(currency)s.") % {"currency": product.currency})
    if amount.minor < 0:
        raise BadAmount(_("A limit is not below nothing. Nothing was changed."))
