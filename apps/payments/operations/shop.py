"""Becoming a shop, its counters, and closing it."""

import re
import secrets
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.errors import AccountClosed
from apps.accounts.models import POTS, Account, AccountStatus
from apps.audit_trail import operations as audit_trail
from apps.kernel.errors import NotFound
from apps.kernel.money import CurrencyMismatch
from apps.payments import policies
from apps.payments.errors import BadMerchant, KeyReused, ShopOpen
from apps.payments.models import Merchant, MerchantStatus, PosTerminal, Trade
from apps.payments.rules.tills import SERIALS, till_number
from apps.payments.states import MERCHANT
from apps.users.models import BusinessProfile, User

CURRENCY = "KES"
_TRIES = 20
_PRINTABLE = re.compile("[ -~]+")


@transaction.atomic
def become_merchant(
    *,
    trading_name: str,
    trade: str,
    town: str,
    account: Account,
    business: BusinessProfile | None = None,
    key: str,
    by: User,
    at: datetime,
) -> Merchant:
    """A shop of `by`, or of a business they sign for, paid out into `account`. The same `key`, the same shop.

    Raises NotFound, NotAllowed, BadMerchant, AccountClosed, CurrencyMismatch, KeyReused.
    """
    policies.require_may_open_shop(by, business=business, account=account)
    name, place = _read(trading_name, 25, "trading_name"), _read(town, 15, "town")
    if trade not in Trade.values:
        raise BadMerchant(_("Choose what the shop sells."), errors={"trade": [_("Choose what the shop sells.")]})
    if account.currency != CURRENCY:
        raise CurrencyMismatch(
            _("Shops are paid out in %(currency)s. Choose such an account.") % {"currency": CURRENCY}
        )
    require_can_be_paid(account)
    row = Merchant(
        owner=None if business else by,
        business=business,
        trading_name=name,
        mcc=trade,
        town=place,
        settlement_account=account,
        currency=account.currency,
        key=key[:120],
        created_by=by,
        created_at=at,
    )
    first = Merchant.objects.filter(created_by=by, key=row.key).first()
    if first is not None:
        return _same(first, row)
    return _opened(row, by, at)


def require_can_be_paid(account: Account) -> None:
    """An open account for payments: money leaves goals and deposits by their own acts, so nothing could be given back.

    Raises AccountClosed, BadMerchant.
    """
    if account.status == AccountStatus.CLOSED:
        raise AccountClosed(_("That account is closed, so it cannot be paid."))
    if account.account_type in POTS:
        raise BadMerchant(
            _("A shop is not paid into a goal or a deposit. Nothing was changed. Choose another account.")
        )


def _read(text: str, longest: int, field: str) -> str:
    """What a code can hold and every scanner can show (EMVCo tags 59 and 60)."""
    kept = " ".join(text.split())
    if not _PRINTABLE.fullmatch(kept) or len(kept) > longest:
        words = _("Write it in 1 to %(longest)s plain letters, digits and signs.") % {"longest": longest}
        raise BadMerchant(words, errors={field: [words]})
    return kept


def _opened(row: Merchant, by: User, at: datetime) -> Merchant:
    for _nth in range(_TRIES):
        row.till = till_number(secrets.randbelow(SERIALS))
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            first = Merchant.objects.filter(created_by=by, key=row.key).first()
            if first is not None:
                return _same(first, row)
            row.pk = None
            continue
        facts = {"name": row.trading_name, "till": row.till, "mcc": row.mcc}
        audit_trail.record("payments.merchant.opened", on=row, by=by, at=at, after=facts)
        return row
    raise BadMerchant(_("No number is free just now. Nothing was made. Try once more."))


def _same(first: Merchant, row: Merchant) -> Merchant:
    meant = [(one.trading_name, one.mcc, one.town, one.settlement_account_id, one.business_id) for one in (first, row)]
    if meant[0] != meant[1]:
        raise KeyReused(_("This was sent before with other words. Nothing was made; start a new one."))
    return first


@transaction.atomic
def add_terminal(*, merchant: Merchant, label: str, code: str, by: User, at: datetime) -> PosTerminal:
    """A counter of a shop; its code stands in the codes it shows. Raises NotFound, NotAllowed, BadMerchant."""
    policies.require_may_run_shop(by, merchant)
    kept, sign = " ".join(label.split())[:40], code.strip().upper()
    if not kept or not re.fullmatch("[A-Z0-9]{1,8}", sign):
        raise BadMerchant(_("A counter has a name, and a code of 1 to 8 letters and digits."))
    if merchant.status != MerchantStatus.ACTIVE:
        raise BadMerchant(_("This shop is closed. Nothing was changed."))
    row, is_new = PosTerminal.objects.get_or_create(
        merchant=merchant, code=sign, defaults={"label": kept, "created_by": by, "created_at": at}
    )
    if not is_new and row.label != kept:
        raise BadMerchant(_("Another counter has that code already. Choose another."))
    if is_new:
        audit_trail.record("payments.terminal.added", on=row, by=by, at=at, after={"code": sign, "label": kept})
    return row


@transaction.atomic
def close_merchant(*, merchant: Merchant, by: User, at: datetime) -> Merchant:
    """No more payments to it; what it took is still paid out, and may still be given back.

    Raises NotFound, NotAllowed, IllegalMove.
    """
    policies.require_may_run_shop(by, merchant)
    MERCHANT.make(merchant, MerchantStatus.CLOSED, closed_at=at)
    audit_trail.record("payments.merchant.closed", on=merchant, by=by, at=at)
    return merchant


def require_no_shop(party: User, by: User, at: datetime) -> None:
    """What stands against closing a profile for good: a shop of theirs that is not closed. Raises ShopOpen."""
    theirs = Merchant.objects.filter(Q(owner=party) | Q(business__party=party))
    if theirs.exclude(status=MerchantStatus.CLOSED).exists():
        raise ShopOpen(_("There is a shop that is not closed. Close it first. Nothing was done."))


def merchant_called(till: str) -> Merchant:
    """The shop of this number. Raises NotFound."""
    row = Merchant.objects.select_related("owner", "business").filter(till=till.replace(" ", "")).first()
    if row is None:
        raise NotFound(_("No shop has that number. No money moved. Check it with them."))
    return row
