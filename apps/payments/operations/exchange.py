"""Exchanging currency between one's own accounts, by a quote that is good for a minute and makes one exchange.

In the books each currency comes to nothing through the bank's position in it: selling the bank 100 dollars makes it
100 dollars long (a credit on `fx:position`), at a price in shillings that stands on `fx:equivalent:USD`. The shillings
between what the customer gave and got, both at mid, are the bank's spread.
"""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import Account, TransactionType
from apps.fx import operations as fx
from apps.fx import rules as rates
from apps.fx.errors import QuoteUsed
from apps.fx.models import Quote
from apps.kernel.errors import NotFound
from apps.kernel.money import CurrencyMismatch
from apps.payments.errors import KeyReused, ToYourself
from apps.payments.models import Payment
from apps.payments.operations.carry import written
from apps.payments.operations.start import account_key, new_reference
from apps.payments.positions import legs_of
from apps.users.models import User


def exchange(
    *, owner: User, from_account: Account, to_account: Account, quote: Quote, key: str, at: datetime
) -> Payment:
    """Give and get what the quote says, at once; once per quote and once per `key`. No proof: it stays one's own.

    Raises NotFound, ToYourself, CurrencyMismatch, KeyReused, QuoteExpired, QuoteUsed, and what posting raises
    (InsufficientFunds, LimitExceeded, AccountNotActive …); then nothing has moved and the quote is not used.
    """
    if {from_account.owner_id, to_account.owner_id, quote.user_id} != {owner.pk}:
        raise NotFound(_("There is no such account, or it is not yours. No money moved."))
    if from_account.pk == to_account.pk:
        raise ToYourself(_("Choose two different accounts. No money moved."))
    if (from_account.currency, to_account.currency) != (quote.give_currency, quote.get_currency):
        raise CurrencyMismatch(
            _("The rate is from %(give)s to %(get)s. No money moved. Choose accounts in these currencies.")
            % {"give": quote.give_currency, "get": quote.get_currency}
        )
    payment = _intent(owner, from_account, to_account, quote, key, at)
    with transaction.atomic():
        try:
            with transaction.atomic():
                payment.save()
        except IntegrityError:
            return _first(payment)
        fx.use_quote(quote=quote, by=owner, at=at)
        _post(payment, quote, at)
    return payment


def _intent(owner: User, from_account: Account, to_account: Account, quote: Quote, key: str, at: datetime) -> Payment:
    return Payment(
        kind=TransactionType.EXCHANGE,
        payer=owner,
        from_account=from_account,
        to_account=to_account,
        payee_name=to_account.name,
        payee_address=to_account.masked_number,
        payee_key=account_key(to_account),
        amount_minor=quote.give_minor,
        currency=quote.give_currency,
        quote=quote,
        key=key[:120],
        reference=new_reference(),
        created_at=at,
        expires_at=quote.expires_at,
    )


def _first(payment: Payment) -> Payment:
    """The payment of the same key, when it meant the same; else the quote was taken by another."""
    rows = Payment.objects.select_related("from_account", "to_account", "quote")
    first = rows.filter(payer=payment.payer, key=payment.key).first()
    if first is None:
        raise QuoteUsed(_("That rate was used already. No more money moved. Look at your accounts, or ask again."))
    same = ("quote_id", "from_account_id", "to_account_id")
    if [getattr(first, name) for name in same] != [getattr(payment, name) for name in same]:
        raise KeyReused(_("This was sent before with other figures. No money moved; start a new payment."))
    return first


def _post(payment: Payment, quote: Quote, at: datetime) -> None:
    lines = accounts.post(
        reference=f"payments/{payment.public_id}",
        kind=payment.kind,
        narrative=f"Exchange {payment.reference}: {quote.give} for {quote.get}",
        movements=_movements(payment, quote),
        legs=legs_of(quote),
        limited=True,
        receipt=payment.reference,
        details={
            "quote": str(quote.public_id),
            "mid_rate": rates.written(quote.mid_rate),
            "rate": rates.written(quote.rate),
            "spread_rate": str(quote.spread_rate),
        },
        at=at,
    )
    written(payment, lines[0].transfer_id, at)


def _movements(payment: Payment, quote: Quote) -> list[accounts.Movement]:
    """What the holder reads on both statements: the other side, and the rate."""
    to: Any = payment.to_account
    with translation.override(payment.payer.language):
        words = {"rate": quote.rate_words}
        out = gettext("For %(other)s at %(rate)s") % {"other": quote.get, **words}
        came = gettext("From %(other)s at %(rate)s") % {"other": quote.give, **words}
    return [
        accounts.out_of(payment.from_account, quote.give, out),
        accounts.into(to, quote.get, came),
    ]
