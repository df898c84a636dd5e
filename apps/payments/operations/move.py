"""Moving money between one's own accounts: no proof is asked, because it stays with the same person."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account, TransactionType
from apps.kernel.errors import NotFound
from apps.kernel.money import BadAmount, CurrencyMismatch, Money
from apps.payments.errors import ToYourself
from apps.payments.models import Payment
from apps.payments.operations.carry import complete
from apps.payments.operations.start import LIFE, account_key, first_of, new_reference
from apps.users.models import User


def move_between_own(
    *, owner: User, from_account: Account, to_account: Account, amount: Money, key: str, at: datetime
) -> Payment:
    """From one of a person's accounts to another, at once and once per `key`.

    Raises NotFound, ToYourself for the same account, BadAmount, CurrencyMismatch, KeyReused, and what posting raises.
    """
    if {from_account.owner_id, to_account.owner_id} != {owner.pk}:
        raise NotFound(_("There is no such account, or it is not yours. No money moved."))
    if from_account.pk == to_account.pk:
        raise ToYourself(_("Choose two different accounts. No money moved."))
    if amount.minor <= 0:
        raise BadAmount(_("Write an amount of more than zero."))
    if {from_account.currency, to_account.currency} != {amount.currency}:
        raise CurrencyMismatch(
            _("Both accounts must be in %(currency)s. No money moved.") % {"currency": amount.currency}
        )
    payment = Payment(
        kind=TransactionType.INTERNAL_TRANSFER,
        payer=owner,
        from_account=from_account,
        to_account=to_account,
        payee_name=to_account.name,
        payee_address=to_account.masked_number,
        payee_key=account_key(to_account),
        amount_minor=amount.minor,
        currency=amount.currency,
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
            return first_of(payment)
        complete(payment, at=at)
    return payment
