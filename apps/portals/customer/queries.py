"""What the customers' pages ask that needs more than a filter; each answer is one query."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, Sum

from apps.accounts.models import LimitUse, Transaction, TransactionQuerySet, TransactionType
from apps.kernel.known import known_as
from apps.kernel.money import Money
from apps.payments.models import Payee as SavedPayee
from apps.payments.models import Payment, PaymentQuerySet, PaymentStatus
from apps.users.models import User

UNDER_WAY = {PaymentStatus.HELD, PaymentStatus.PENDING, PaymentStatus.CHECKING}
MOST_ON_THEIR_WAY = 5

_AGAIN: dict[str, str] = {  # the page that pays like this
    TransactionType.INTERNAL_TRANSFER: "move",
    TransactionType.EXCHANGE: "exchange",
    TransactionType.MOBILE_MONEY: "mobile",
    TransactionType.BILL_PAYMENT: "bill",
    TransactionType.MERCHANT_PAYMENT: "till",
    TransactionType.AIRTIME: "airtime",
    TransactionType.EXTERNAL_TRANSFER: "bank",
    TransactionType.INTERNATIONAL_REMITTANCE: "abroad",
    TransactionType.CONTRIBUTION: "chama",
}
OWN = [
    TransactionType.INTERNAL_TRANSFER,
    TransactionType.EXCHANGE,
    TransactionType.AUTO_TRANSFER,
]  # what stays with the same person
_PICTURES: dict[str, str] = {
    "mobile": "smartphone",
    "bill": "zap",
    "till": "store",
    "airtime": "smartphone",
    "bank": "banknote",
    "abroad": "send",
    "chama": "users-round",
}


@dataclass(frozen=True, slots=True)
class Payee:
    """Someone the person has paid before or keeps in their book."""

    name: str
    address: str
    query: str  # what tells the page whom to pay
    page: str = "send"
    payee_id: str = ""

    @property
    def view(self) -> str:
        """The name of the page that pays them again."""
        return f"customer:{self.page}"

    @property
    def picture(self) -> str:
        """What stands for it; people at this bank stand for themselves."""
        return _PICTURES.get(self.page, "")


def page_of(payment: Payment) -> str:
    """The page that makes another payment like this one."""
    phone = str(payment.payer.phone or "")
    if payment.kind == TransactionType.MOBILE_MONEY and phone and payment.destination.get("phone") == phone:
        return "withdraw"
    if payment.merchant_id is not None:
        return "scan"
    return _AGAIN.get(payment.kind, "send")


def to_people() -> PaymentQuerySet:
    """Payments that arrived at somebody else at this bank."""
    people = Payment.objects.completed().filter(to_account__isnull=False)
    return people.exclude(kind__in=OWN)


def recent_payees(user: User, limit: int = 6, among: PaymentQuerySet | None = None) -> list[Payee]:
    """Who was paid last, each once, at this bank or outside it; one's own accounts and phone are nobody."""
    paid = Payment.objects.completed().filter(merchant=None).exclude(kind__in=OWN) if among is None else among
    last = paid.owned_by(user).exclude(payee_key="").order_by("payee_key", "-pk").distinct("payee_key")
    if user.phone:
        last = last.exclude(payee_key=known_as(f"mpesa/{user.phone}"))
    newest = Payment.objects.filter(pk__in=last.values("pk")).select_related("payer").order_by("-pk")[:limit]
    return [Payee(row.payee_name, row.payee_address, f"again={row.public_id}", page_of(row)) for row in newest]


def saved_payees(user: User, *, most: int = 6, kinds: Iterable[str] = ()) -> list[Payee]:
    """The recipient book, by what the person calls them; of some kinds of payment, or of all."""
    rows = SavedPayee.objects.owned_by(user).saved()
    if kinds:
        rows = rows.filter(kind__in=list(kinds))
    return [shown_payee(row) for row in rows.order_by("nickname", "pk")[:most]]


def shown_payee(row: SavedPayee) -> Payee:
    """One of the book, as pages show them."""
    return Payee(
        row.nickname, row.payee_address, f"saved={row.public_id}", _AGAIN.get(row.kind, "send"), str(row.public_id)
    )


def day_totals(lines: TransactionQuerySet, days: Iterable[date], currency: str = "KES") -> dict[date, Money]:
    """What came less what left on each of some days, over everything `lines` selects in one currency."""
    sums = (
        lines.filter(booked_on__in=set(days), currency=currency)
        .order_by()
        .values("booked_on")
        .annotate(minor=Sum("amount_minor"))
    )
    return {row["booked_on"]: Money(row["minor"], currency) for row in sums}


@dataclass(frozen=True, slots=True)
class DayFlow:
    """What came in and went out on a day, moves between one's own accounts left out."""

    on: date
    came: Money
    went: Money


def flows(user: User, first: date, last: date, currency: str = "KES") -> list[DayFlow]:
    """Money in and out by day, from `first` to `last`."""
    days = (
        Transaction.objects.owned_by(user)
        .filter(booked_on__range=(first, last), currency=currency)
        .exclude(txn_type__in=OWN)
        .values("booked_on")
        .annotate(
            came=Sum("amount_minor", filter=Q(amount_minor__gt=0)),
            went=Sum("amount_minor", filter=Q(amount_minor__lt=0)),
        )
        .order_by("booked_on")
    )
    return [
        DayFlow(row["booked_on"], Money(row["came"] or 0, currency), Money(-(row["went"] or 0), currency))
        for row in days
    ]


def used_today(user: User, on: date) -> Money:
    """How much of the daily limit is used."""
    used = LimitUse.objects.filter(user=user, on_date=on, currency="KES").values_list("used_minor", flat=True).first()
    return Money(used or 0, "KES")


def on_their_way(user: User) -> list[Payment]:
    """The newest payments that are neither done nor over: their money is set aside and no line tells of them yet."""
    under_way = Payment.objects.owned_by(user).filter(status__in=UNDER_WAY, confirmed_at__isnull=False)
    return list(under_way.order_by("-pk")[:MOST_ON_THEIR_WAY])


def payment_of(line: Transaction) -> Payment | None:
    """The payment a line came from, when it came from one."""
    return Payment.objects.filter(transfer_id=line.transfer_id).select_related("payer", "to_account__owner").first()


def with_it(line: Transaction) -> list[Transaction]:
    """The other lines that one act left in the same account: its fee, the duty on it, or what they were for."""
    same = Transaction.objects.filter(transfer_id=line.transfer_id, account_id=line.account_id)
    return list(same.exclude(pk=line.pk).order_by("pk"))


def line_of(payment: Payment) -> Transaction | None:
    """The payer's own line of a payment that is done."""
    if payment.transfer_id is None:
        return None
    lines = Transaction.objects.filter(transfer_id=payment.transfer_id, account_id=payment.from_account_id)
    return lines.select_related("account").order_by("pk").first()  # the amount comes before its fee
