"""What payments are asked that needs more than a filter."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Min, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from apps.accounts import fees, mandates
from apps.accounts.models import AccountStatus, MandateStatus
from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.ledger.queries import Calendar, calendar_of
from apps.payments.models import (
    DayOff,
    JointOrder,
    JointPayment,
    JointStatus,
    Merchant,
    Payee,
    Payment,
    PaymentQuerySet,
    PaymentReturn,
    PaymentStatus,
    Refund,
    SaleAlertFloor,
    SaleAlerts,
    Settlement,
    StandingOrder,
)
from apps.users.models import BusinessProfile, User


def has_paid(user_id: int, payee_key: str) -> bool:
    """Whether a payment of this person to this payee was ever completed."""
    paid = Payment.objects.filter(payer_id=user_id, payee_key=payee_key)
    return paid.filter(status=PaymentStatus.COMPLETED).exists()


def gone_back(payment: Payment) -> Money:
    """What of a payment went back to its payer: refunds, what another bank returned, or all, undone in the books."""
    refunds = payment.refunds.filter(status=Refund.Status.DONE).aggregate(minor=Sum("amount_minor"))["minor"] or 0
    returned = PaymentReturn.objects.filter(payment=payment).values_list("given_minor", flat=True).first() or 0
    back = Money(refunds + returned, payment.currency)
    return payment.amount if payment.status == PaymentStatus.REVERSED and not back else back


def signatures_needed(joint: JointPayment, by: mandates.Signing | None) -> int | None:
    """How many must sign a payment of a business by its mandate as it is now; None when it is over or too few can."""
    if joint.status != JointStatus.WAITING or by is None:
        return None
    needed = by.needed(joint.payment.total)
    return needed if needed <= len(by.signers) else None


@dataclass(frozen=True, slots=True)
class ToSign:
    """How many payments and standing orders of a business wait for somebody's signature."""

    business_id: int
    name: str
    count: int


def to_sign(user: User, at: datetime) -> list[ToSign]:
    """What businesses wait for this person to sign by the mandate in force, one query; by name."""
    named = BusinessProfile.objects.signed_by(user).filter(
        mandates__status=MandateStatus.IN_FORCE, mandates__signatories__user=user
    )
    payments, orders = (
        rows.filter(status="WAITING", expires_at__gt=at, business__in=named)
        .exclude(signatures__user=user)
        .values_list("business__name", "business_id")
        for rows in (JointPayment.objects, JointOrder.objects)
    )
    counts = Counter(payments.union(orders, all=True))
    return [ToSign(business, name, count) for (name, business), count in sorted(counts.items())]


@dataclass(frozen=True, slots=True)
class Signatures:
    """Of a standing order of a business, by the mandate as it is now: how many must sign (None: too few are left who
    can), how many of those given count, and who may sign still.
    """

    needed: int | None
    count: int
    missing: tuple[User, ...]

    @property
    def are_enough(self) -> bool:
        """Whether its next date would be paid as far as signatures go."""
        return self.needed is not None and self.count >= self.needed


def each_takes(order: StandingOrder, on: date) -> Money:
    """What a date of an order takes from its account on a day: amount, fee and duty. Raises NotOffered."""
    amount: Money = order.amount
    product = order.from_account.product
    return amount + fees.quote(charged_for=order.kind, amount=amount, product=product, on=on).total


def signatures_of(joint: JointOrder, by: mandates.Signing | None, total: Money) -> Signatures:
    """Who signed a standing order of a business, for what each of its dates takes. Raises RatesStale."""
    signers = by.signers if by else ()
    signed = {one.user_id for one in joint.signatures.all()}
    needed = by.needed(total) if by else None
    if needed is not None and needed > len(signers):
        needed = None
    count = sum(one.pk in signed for one in signers)
    return Signatures(needed, count, tuple(one for one in signers if one.pk not in signed))


def saved_payee(user: Any, payee_key: str) -> Payee | None:
    """The payee of a person's book that a payment went to."""
    return Payee.objects.owned_by(user).saved().filter(payee_key=payee_key).first()


def pay_from(order: StandingOrder, due_on: date, calendar: Calendar) -> date | None:
    """The first day on which an occurrence is paid, days off looked at; None when it is left out."""
    if order.day_off == DayOff.SAME_DAY or calendar.is_working_day(due_on):
        return due_on
    return None if order.day_off == DayOff.SKIP else calendar.working_day_from(due_on)


@dataclass(frozen=True, slots=True)
class Coming:
    """An occurrence to come: its date, and the day it is paid on; None when it is left out."""

    due_on: date
    pay_on: date | None


def coming(order: StandingOrder, calendar: Calendar, most: int = 3) -> list[Coming]:
    """The next dates of an order that is not over; without a query."""
    if order.next_due_on is None:
        return []
    dues = (order.schedule.due_on(order.nth + ahead) for ahead in range(most))
    return [Coming(due, pay_from(order, due, calendar)) for due in dues if due is not None]


def calendar_ahead(today: date) -> Calendar:
    """The calendar that the next dates of any order need, in one query."""
    return calendar_of(today, today + timedelta(days=800))


@dataclass(frozen=True, slots=True)
class Taking:
    """One payment to a shop, as the shop sees it."""

    payment: Payment
    refunded: Money

    @property
    def at(self) -> datetime:
        """When it was paid."""
        return self.payment.completed_at or self.payment.created_at

    @property
    def reference(self) -> str:
        """What both sides quote."""
        return self.payment.reference

    @property
    def payer(self) -> str:
        """Their name, half; of a business all of it."""
        return self.payment.payer.public_name

    @property
    def note(self) -> str:
        """What the sale was for, or what the payer wrote."""
        return self.payment.sale.note if self.payment.sale else self.payment.note

    @property
    def amount(self) -> Money:
        """What was paid."""
        return Money(self.payment.amount_minor, self.payment.currency)

    @property
    def left(self) -> Money:
        """What may still be given back."""
        return self.amount - self.refunded


def takings(merchant: Merchant) -> PaymentQuerySet:
    """What a shop was paid, the newest first, with what was given back of each."""
    return with_refunds(Payment.objects.filter(merchant=merchant)).order_by("-completed_at", "-pk")


def with_refunds(rows: PaymentQuerySet) -> PaymentQuerySet:
    """Payments that were made, with `refunded_minor`: what went back of them or waits to."""
    back = Refund.objects.filter(payment=OuterRef("pk")).exclude(status=Refund.Status.RETURNED)
    sums = back.values("payment").annotate(minor=Sum("amount_minor")).values("minor")
    made = rows.filter(status__in=[PaymentStatus.COMPLETED, PaymentStatus.REVERSED])
    return made.select_related("payer", "sale").annotate(refunded_minor=Coalesce(Subquery(sums), 0))


def as_takings(rows: Iterable[Any]) -> list[Taking]:
    """Rows of `with_refunds` as a shop reads them."""
    return [Taking(row, Money(row.refunded_minor, row.currency)) for row in rows]


def takings_of(settlement: Settlement) -> list[Taking]:
    """What one settlement paid out, in the order it was paid; only what was given back before it counts here."""
    before = Refund.objects.filter(payment=OuterRef("pk"), from_takings=True)
    sums = before.values("payment").annotate(minor=Sum("amount_minor")).values("minor")
    rows = settlement.takings.select_related("payer", "sale").annotate(refunded_minor=Coalesce(Subquery(sums), 0))
    return as_takings(rows.order_by("completed_at", "pk"))


@dataclass(frozen=True, slots=True)
class Till:
    """What a shop took and was not paid out yet."""

    count: int
    taken: Money
    refunded: Money

    @property
    def rest(self) -> Money:
        """What the next settlement begins with."""
        return self.taken - self.refunded


def in_till(merchant: Merchant) -> Till:
    """What waits for the shop's next settlement."""
    open_rows = Payment.objects.filter(
        merchant=merchant, settlement=None, status__in=[PaymentStatus.COMPLETED, PaymentStatus.REVERSED]
    )
    taken = open_rows.aggregate(n=Count("pk"), minor=Sum("amount_minor"))
    back = Refund.objects.filter(payment__in=open_rows, from_takings=True).aggregate(minor=Sum("amount_minor"))
    currency = merchant.currency
    return Till(taken["n"], Money(taken["minor"] or 0, currency), Money(back["minor"] or 0, currency))


def large_sale(currency: str, at: datetime) -> Money | None:
    """From which amount on a sale is large, on a day; None where no row says so."""
    rows = SaleAlertFloor.objects.filter(currency=currency, valid_from__lte=local_date(at)).order_by("-valid_from")
    minor = rows.values_list("amount_minor", flat=True).first()
    return None if minor is None else Money(minor, currency)


def hears_of(merchant: Merchant, amount: Money, at: datetime) -> bool:
    """Whether a shop is told of a sale of this amount."""
    if merchant.alerts != SaleAlerts.LARGE:
        return bool(merchant.alerts == SaleAlerts.EVERY)
    floor = large_sale(amount.currency, at)
    return floor is not None and amount >= floor


@dataclass(frozen=True, slots=True)
class HeldTakings:
    """A shop whose money cannot be paid out, because its account is closed: how much, and since when."""

    merchant: Merchant
    amount: Money
    since: datetime


def held_takings() -> list[HeldTakings]:
    """What the bank owes shops with a closed account: set aside in its payable, the longest first; one query."""
    closed = Merchant.objects.filter(settlement_account__status=AccountStatus.CLOSED)
    taken = Q(takings__settlement=None, takings__status__in=[PaymentStatus.COMPLETED, PaymentStatus.REVERSED])
    back = Refund.objects.filter(payment__merchant=OuterRef("pk"), payment__settlement=None, from_takings=True)
    sums = back.order_by().values("payment__merchant").annotate(minor=Sum("amount_minor")).values("minor")
    rows = closed.annotate(
        taken=Sum("takings__amount_minor", filter=taken),
        since=Min("takings__completed_at", filter=taken),
        back=Coalesce(Subquery(sums), 0),
    ).filter(taken__gt=F("back"))
    rows = rows.select_related("settlement_account__owner", "business", "owner").order_by("since")
    return [HeldTakings(row, Money(row.taken - row.back, row.currency), row.since) for row in rows]
