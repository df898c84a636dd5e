"""Sending money abroad: a corridor, a rate and a fee that hold, then a payment like any other that leaves the bank."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import fees
from apps.accounts.models import Account, TransactionType
from apps.fx import operations as fx
from apps.fx.errors import QuoteUsed
from apps.kernel.clock import local_date
from apps.kernel.errors import NotFound
from apps.kernel.money import CurrencyMismatch, Money
from apps.ledger.queries import calendar_of
from apps.payments.banks import places
from apps.payments.errors import CorridorNotFound, KeyReused, OutsideBankLimits, TierTooLow
from apps.payments.models import Corridor, OutRail, Payment, RemittanceQuote
from apps.payments.operations.start import first_of, new_reference, tidy
from apps.users.models import User

LIFE = timedelta(minutes=5)  # for the proof; the rate was taken when it began, so the bank bears these minutes
ENOUGH = {"TIER_2", "TIER_3"}
KIND = TransactionType.INTERNATIONAL_REMITTANCE


def quote_remittance(
    *, user: User, account: Account, country: str, currency: str, method: str, amount: Money, at: datetime
) -> RemittanceQuote:
    """What it costs and brings, good for as long as the exchange's quote. `amount` is what is given, in shillings, or
    what shall arrive, in the corridor's currency. Nothing is taken yet.

    Raises TierTooLow, NotFound, CorridorNotFound, CurrencyMismatch, OutsideBankLimits, and what quotes raise.
    """
    require_tier(user)
    if account.owner_id != user.pk:
        raise NotFound(_("There is no such account, or it is not yours. No money moved."))
    corridor = corridor_of(country, currency, method, at)
    if account.currency != "KES" or amount.currency not in {account.currency, corridor.currency}:
        raise CurrencyMismatch(_("Money abroad leaves an account in shillings. No money moved."))
    is_given = amount.currency == account.currency
    other, fixed = (corridor.currency, "GIVE") if is_given else (account.currency, "GET")
    with transaction.atomic():
        found = fx.give_quote(user=user, amount=amount, other=other, fixed=fixed, at=at)
        if not corridor.least <= found.get <= corridor.most:
            words = _("There, from %(least)s to %(most)s can arrive at once. No money moved. Change the amount.")
            raise OutsideBankLimits(words % {"least": corridor.least, "most": corridor.most})
        charge = fees.quote(charged_for=KIND, amount=found.give, product=account.product, on=local_date(at))
        return RemittanceQuote.objects.create(
            user=user,
            corridor=corridor,
            quote=found,
            account=account,
            fee_minor=charge.fee.minor,
            duty_minor=charge.duty.minor,
            currency=found.give.currency,
            arrives_on=arrives_on(corridor, at),
            created_at=at,
        )


def send_abroad(
    *, payer: User, remittance: RemittanceQuote, to: dict[str, Any], key: str, at: datetime, note: str = ""
) -> Payment:
    """Begin a payment by a quote, which it uses up; its rate and fee hold until the payment's own time is over.

    `to`: name, account (an IBAN where the corridor says), bic, town, purpose. The same `key`, the same payment.
    Raises TierTooLow, NotFound, BadBankAccount, QuoteExpired, QuoteUsed, KeyReused.
    """
    require_tier(payer)
    if remittance.user_id != payer.pk:
        raise NotFound(_("There is no such quote, or it is not yours. No money moved."))
    there = places.abroad(corridor=remittance.corridor, asked=to)
    quote = remittance.quote
    payment = Payment(
        kind=KIND,
        payer=payer,
        from_account=remittance.account,
        rail=OutRail.ABROAD,
        destination=there.data | {"arrives_on": remittance.arrives_on.isoformat()},
        payee_name=there.name,
        payee_address=there.address[:40],
        payee_key=there.key[:80],
        amount_minor=quote.give_minor,
        fee_minor=remittance.fee_minor,
        duty_minor=remittance.duty_minor,
        currency=quote.give_currency,
        quote=quote,
        note=tidy(note),
        key=key[:120],
        reference=new_reference(),
        created_at=at,
        expires_at=at + LIFE,
    )
    with transaction.atomic():
        try:
            with transaction.atomic():
                payment.save()
        except IntegrityError:
            if not Payment.objects.filter(payer=payer, key=payment.key).exists():
                raise QuoteUsed(_("That rate was used already. No more money moved. Ask for the rate again.")) from None
            return first_of(payment)
        fx.use_quote(quote=quote, by=payer, at=at)
    return payment


def sent_before(
    *,
    payer: User,
    key: str,
    account: Account,
    country: str,
    currency: str,
    method: str,
    amount: Money,
    to: dict[str, Any],
    at: datetime,
    note: str = "",
) -> Payment | None:
    """The payment that this form began already, whose rate was taken then; None for a form that is new.

    Raises KeyReused for other figures or somebody else, and what reading them raises.
    """
    found = Payment.objects.select_related("from_account", "quote").filter(payer=payer, key=key[:120]).first()
    if found is None:
        return None
    there = places.abroad(corridor=corridor_of(country, currency, method, at), asked=to)
    meant = (KIND, account.pk, there.key[:80], there.data, tidy(note))
    before = {name: value for name, value in found.destination.items() if name != "arrives_on"}
    sides = (found.quote.give, found.quote.get) if found.quote else ()
    if (found.kind, found.from_account_id, found.payee_key, before, found.note) != meant or amount not in sides:
        raise KeyReused(_("This was sent before with other figures. No money moved; start a new payment."))
    return found


def require_tier(user: User) -> None:
    """Checked papers. Raises TierTooLow."""
    if user.kyc_tier not in ENOUGH:
        raise TierTooLow(
            _("Money abroad needs your papers checked (tier 2). No money moved. Send them under Settings, Limits.")
        )


def corridor_of(country: str, currency: str, method: str, at: datetime) -> Corridor:
    """An open way there today. Raises CorridorNotFound."""
    found = Corridor.objects.on(local_date(at)).filter(country=country, currency=currency, method=method).first()
    if found is None:
        raise CorridorNotFound(_("We send no money there in that way. No money moved. Choose another way."))
    return found


def arrives_on(corridor: Corridor, at: datetime) -> date:
    """The day it is there, by Kenya's working days: those of the other country are the partner's to keep."""
    day = local_date(at)
    if not corridor.working_days:
        return day
    calendar = calendar_of(day, day + timedelta(days=4 * corridor.working_days + 14))
    for _nth in range(corridor.working_days):
        day = calendar.working_day_from(day + timedelta(days=1))
    return day
