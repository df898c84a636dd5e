"""An app lodges what it will ask a customer for; nobody has agreed to anything yet."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel.money import Money
from apps.notifications import operations as notifications
from apps.open_banking import policies
from apps.open_banking.errors import BadAccess, BadValidity, ValidityTooLong
from apps.open_banking.models import (
    Actor,
    Consent,
    ConsentEvent,
    ConsentType,
    PaymentTerms,
    SandboxTerms,
    ThirdPartyApp,
)
from apps.open_banking.states import ConsentStatus
from apps.payments.operations.start import tidy
from apps.users.models import User

TO_AUTHORISE = timedelta(hours=24)
TO_PAY = timedelta(minutes=30)
ONE_PAYMENT = timedelta(hours=24)  # what was allowed once is not made weeks later
LONGEST_PURPOSE = 140


class Payable(Protocol):
    """Somebody who can be paid: of the bank and its rails, or of the sandbox."""

    @property
    def words(self) -> str:
        """As the customer is shown it, and proves it."""

    def where(self) -> dict[str, Any]:
        """The columns of a consent's terms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What an app asks for. `amount`, `creditor` and `note` for payments alone: one of that amount, or recurring ones
    of at most that amount each, with the limits of a calendar month.
    """

    consent_type: str
    accounts: bool = False
    balances: bool = False
    transactions: bool = False
    valid_until: datetime | None = None
    is_recurring: bool = True
    frequency_per_day: int | None = None
    purpose: str = ""
    transactions_from: date | None = None
    amount: Money | None = None
    creditor: Payable | None = None
    note: str = ""
    monthly: Money | None = None
    monthly_count: int | None = None
    yearly: Money | None = None
    yearly_count: int | None = None


@transaction.atomic
def lodge(*, app: ThirdPartyApp, wish: Wish, at: datetime) -> Consent:
    """Write down what an app will ask for. Nobody is told and nothing can be read by it.

    A consent lasts 90 days at most (OPEN_BANKING_MOST_DAYS), for one payment a day, and waits a day for its customer,
    half an hour for a payment. Raises BadValidity, ValidityTooLong, BadAccess.
    """
    if wish.consent_type != ConsentType.IDENTITY:
        policies.require_scope(app, wish.consent_type)
    _require_sense(wish)
    is_payment = wish.consent_type == ConsentType.PIS
    most = ONE_PAYMENT if is_payment and not wish.is_recurring else timedelta(days=settings.OPEN_BANKING_MOST_DAYS)
    until = wish.valid_until or at + most
    if until <= at:
        raise BadValidity(_("It would end before it begins. Nothing was asked for."))
    if until > at + most + timedelta(minutes=5):  # clocks differ
        words = _("A consent lasts %(days)s days at most. Nothing was asked for.")
        raise ValidityTooLong(words % {"days": most.days})
    row = Consent.objects.create(
        app=app,
        is_sandbox=_in_sandbox(app),
        consent_type=wish.consent_type,
        accounts_access=wish.accounts,
        balances_access=wish.balances,
        transactions_access=wish.transactions,
        payment_initiation=is_payment,
        is_recurring=wish.is_recurring,
        frequency_per_day=_frequency(wish),
        purpose=wish.purpose.strip()[:LONGEST_PURPOSE],
        transactions_from=wish.transactions_from,
        amount_minor=wish.amount.minor if wish.amount else None,
        currency=wish.amount.currency if wish.amount else "",
        payee=wish.creditor.words if wish.creditor else None,
        created_at=at,
        authorise_before=at + (TO_PAY if is_payment else TO_AUTHORISE),
        valid_from=at,
        valid_until=until,
    )
    if wish.creditor is not None:
        terms = SandboxTerms if row.is_sandbox else PaymentTerms
        terms.objects.create(
            consent=row,
            note=tidy(wish.note),
            monthly_minor=wish.monthly.minor if wish.monthly else None,
            monthly_count=wish.monthly_count,
            yearly_minor=wish.yearly.minor if wish.yearly else None,
            yearly_count=wish.yearly_count,
            **wish.creditor.where(),
        )
    ConsentEvent.objects.create(consent=row, was="", became=ConsentStatus.RECEIVED, actor=Actor.TPP, at=at)
    audit_trail.record("open_banking.consent.lodged", on=row, by=None, at=at, after={"app": str(app.public_id)})
    return row


def _in_sandbox(app: ThirdPartyApp) -> bool:
    """Where the app is now, and stays until the consent is written: it may be let go live meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT is_sandbox FROM open_banking_thirdpartyapp WHERE id = %s FOR SHARE", [app.pk])
        return bool(cursor.fetchone()[0])


def _require_sense(wish: Wish) -> None:
    reads = wish.accounts or wish.balances or wish.transactions
    is_payment = wish.consent_type == ConsentType.PIS
    if (wish.consent_type == ConsentType.AIS) != reads or is_payment != (
        wish.amount is not None and wish.creditor is not None
    ):
        raise BadAccess(_("Say what is asked for, and only what this kind of consent can have. Nothing was asked for."))
    if wish.amount is not None:
        _require_limits(wish, wish.amount)


def _require_limits(wish: Wish, amount: Money) -> None:
    """One payment has none; recurring ones have both, of one currency, and the month holds at least one payment."""
    if amount.minor <= 0:
        raise BadAccess(_("A payment has an amount of more than zero. Nothing was asked for."))
    if not wish.is_recurring and (wish.monthly or wish.monthly_count or wish.yearly or wish.yearly_count):
        raise BadAccess(_("One payment has no limits of a month. Nothing was asked for."))
    if wish.is_recurring and not (wish.monthly and wish.monthly_count):
        raise BadAccess(_("Payments that recur say how much and how often in a month at most. Nothing was asked for."))
    if wish.monthly and (wish.monthly.currency != amount.currency or wish.monthly < amount):
        raise BadAccess(_("A month holds at least one payment, in the same currency. Nothing was asked for."))
    if wish.yearly and wish.monthly and (wish.yearly.currency != amount.currency or wish.yearly < amount):
        raise BadAccess(_("A year holds at least one payment, in the same currency. Nothing was asked for."))


def _frequency(wish: Wish) -> int:
    if not wish.is_recurring:
        if wish.frequency_per_day not in (None, 1):
            raise BadAccess(_("What is read once has a frequency of 1. Nothing was asked for."))
        return 1
    most: int = settings.OPEN_BANKING_READS_A_DAY
    if wish.frequency_per_day is not None and wish.frequency_per_day < 1:
        raise BadAccess(_("A frequency is 1 or more. Nothing was asked for."))
    return min(wish.frequency_per_day or most, most)


@transaction.atomic
def claim(*, consent: Consent, by: User, at: datetime) -> Consent:
    """A customer came to decide: from now on it is theirs alone, and they are told that an app asks. Once.

    In the sandbox that is the app's developer, whom nobody messages.

    Raises NotFound when it is somebody else's, ConsentEnded, AppNotLive.
    """
    policies.require_waiting(consent, by, at)
    if consent.is_sandbox:
        policies.require_sandbox(consent, by)
    else:
        policies.require_live(consent.app)
    if consent.user_id is None:
        Consent.objects.filter(pk=consent.pk, user=None).update(user=by)
        consent.refresh_from_db(fields=["user"])
        policies.require_waiting(consent, by, at)
        audit_trail.record("open_banking.consent.claimed", on=consent, by=by, at=at, customer=by)
        if not consent.is_sandbox:
            facts, key = {"app": consent.app.name}, f"open_banking/{consent.pk}/asked"
            notifications.send("open_banking.asked", to=by, context=facts, at=at, key=key)
    return consent
