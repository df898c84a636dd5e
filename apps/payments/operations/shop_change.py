"""Changing a shop: what it hears of by its own wish; its status and the account it is paid into, by two of the bank."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval
from apps.kernel.money import CurrencyMismatch
from apps.payments import policies
from apps.payments.errors import BadMerchant
from apps.payments.models import Merchant, MerchantStatus, SaleAlerts
from apps.payments.operations.shop import require_can_be_paid
from apps.payments.states import MERCHANT
from apps.users.models import BusinessRole, User
from apps.users.policies import require_unconnected, role_in

CHANGE_MERCHANT = "payments.change_merchant"
RIGHT = "payments.refund_transactions"


@transaction.atomic
def choose_sale_alerts(*, merchant: Merchant, alerts: str, by: User, at: datetime) -> Merchant:
    """Of which sales the shop hears by SMS. Raises NotFound, NotAllowed, BadMerchant."""
    policies.require_may_run_shop(by, merchant)
    if alerts not in SaleAlerts.values:
        raise BadMerchant(_("Choose of which sales you want to hear. Nothing was changed."))
    before = {"alerts": merchant.alerts}
    Merchant.objects.filter(pk=merchant.pk).update(alerts=alerts)
    merchant.alerts = alerts
    after = {"alerts": alerts}
    audit_trail.record("payments.merchant.alerts", on=merchant, by=by, at=at, before=before, after=after)
    return merchant


def ask_merchant_change(
    *, merchant: Merchant, status: str = "", account: Account | None = None, reason: str, by: User, at: datetime
) -> Approval:
    """Ask a second person to stop, reopen or close a shop, or to have it paid into another account of its owner's.

    Raises NotAllowed, BadMerchant, AccountClosed, CurrencyMismatch.
    """
    if not by.is_active or not by.has_perm(RIGHT):
        raise NotAllowed(_("You do not hold the right to change shops."))
    _require_may_become(merchant, status, account)
    before: dict[str, str] = {"shop": merchant.till, "status": merchant.status}
    after: dict[str, str] = {"status": status or merchant.status}
    if account is not None:
        before["paid into"] = merchant.settlement_account.masked_number
        after["paid into"] = account.masked_number
    return approvals.ask(
        kind=CHANGE_MERCHANT,
        subject=f"merchants/{merchant.public_id}",
        payload={"merchant": merchant.pk, "status": status, "account": account and account.pk},
        before=before,
        after=after,
        reason=reason,
        by=by,
        at=at,
    )


def _require_may_become(merchant: Merchant, status: str, account: Account | None) -> None:
    if not status and account is None:
        raise BadMerchant(_("Say what shall change: the state of the shop, or where it is paid. Nothing was changed."))
    if status and not MERCHANT.allows(merchant.status, status):
        raise BadMerchant(_("The shop is in that state already, or closed for good. Nothing was changed."))
    if account is None:
        return
    if not _is_theirs(merchant, account):
        raise BadMerchant(_("That account is not the shop's owner's. Nothing was changed. Choose one of theirs."))
    require_can_be_paid(account)
    if account.currency != merchant.currency:
        raise CurrencyMismatch(_("The shop is paid out in %(currency)s.") % {"currency": merchant.currency})


def _is_theirs(merchant: Merchant, account: Account) -> bool:
    if merchant.business is not None:
        its = merchant.business.party_id
        return account.owner_id == its or role_in(account.owner, merchant.business) == BusinessRole.OWNER
    return account.owner_id == merchant.owner_id


@transaction.atomic
def run_merchant_change(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """What two people agreed on; what waited for an account is paid out with the next settlement.

    Raises NotAllowed for a shop of one's own, Connected, and what `ask_merchant_change` raises, looked at again.
    """
    rows = Merchant.objects.select_for_update(of=("self",)).select_related("business", "settlement_account")
    merchant = rows.get(pk=payload["merchant"])
    if {maker.pk, checker.pk} & set(policies.people_of(merchant)):
        raise NotAllowed(_("No one decides on their own shop."))
    for person in User.objects.filter(pk__in=policies.people_of(merchant)):
        for who in (maker, checker):
            require_unconnected(who, person)
    account = None
    if payload["account"]:
        account = Account.objects.select_related("owner").get(pk=payload["account"])
    status = payload["status"]
    _require_may_become(merchant, status, account)
    before = {"status": merchant.status, "paid into": merchant.settlement_account.masked_number}
    if status:
        MERCHANT.make(merchant, status, closed_at=at if status == MerchantStatus.CLOSED else None)
    if account is not None:
        Merchant.objects.filter(pk=merchant.pk).update(settlement_account=account)
        merchant.settlement_account = account
    after = {"status": merchant.status, "paid into": merchant.settlement_account.masked_number}
    audit_trail.record("payments.merchant.changed", on=merchant, by=checker, at=at, before=before, after=after)
    return {"shop": merchant.till}
