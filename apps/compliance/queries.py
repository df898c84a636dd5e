"""What a case page asks: the transactions with the rules that named them, the usual pattern, where the money went."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Case as When
from django.db.models import Count, F, Q, Sum, Value
from django.db.models import When as If
from django.db.models.functions import Abs, TruncMonth

from apps.accounts.models import Account, Transaction
from apps.compliance.detectors import home_rates
from apps.compliance.models import LIVE, AlertParty, Case, SuspiciousActivityAlert
from apps.kernel.clock import local_date

MOST = 100


@dataclass(frozen=True, slots=True)
class Shown:
    """A transaction, and the alerts' codes that name it."""

    line: Transaction
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """Money in and out of a month, KES minor units, both positive."""

    begins: date
    came: int
    went: int


@dataclass(frozen=True, slots=True)
class Side:
    """Who money came from or went to: name, minor units of KES, how many payments; `owner_id` for customers."""

    name: str
    minor: int
    times: int
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """Where the money of some transactions came from and went to, the largest first."""

    came: tuple[Side, ...]
    went: tuple[Side, ...]

    @property
    def in_minor(self) -> int:
        """All that came."""
        return sum(side.minor for side in self.came)

    @property
    def out_minor(self) -> int:
        """All that went."""
        return sum(side.minor for side in self.went)


def transactions(alerts: Iterable[SuspiciousActivityAlert]) -> list[Shown]:
    """What the alerts name, newest first, at most a hundred."""
    codes: dict[int, set[str]] = defaultdict(set)
    for alert in alerts:
        for line in alert.lines:
            codes[line].add(alert.code)
    rows = Transaction.objects.filter(pk__in=codes).select_related("account").order_by("-posted_at", "-pk")[:MOST]
    return [Shown(row, tuple(sorted(codes[row.pk]))) for row in rows]


def people_of(case: Case) -> set[int]:
    """Whose transactions a report of this case may name: its subject's, and theirs who passed the same money on."""
    beside = AlertParty.objects.filter(alert__case=case).values_list("person_id", flat=True)
    return {*beside, *([case.subject_id] if case.subject_id else [])}


def months(subject_id: int, *, at: datetime) -> list[Month]:
    """Twelve months of a customer's money, months without any included; fees and own transfers left out."""
    last = local_date(at).replace(day=1)
    begins = [last]
    for _nth in range(11):
        begins.insert(0, (begins[0] - timedelta(days=1)).replace(day=1))
    rows = (
        Transaction.objects.filter(account__owner_id=subject_id, booked_on__gte=begins[0])
        .exclude(txn_type__in=["FEE", "EXCISE_DUTY", "INTERNAL_TRANSFER", "EXCHANGE"])
        .annotate(month=TruncMonth("booked_on"))
        .values("month", "currency")
        .annotate(
            came=Sum("amount_minor", filter=Q(amount_minor__gt=0), default=0),
            went=Sum(Abs("amount_minor"), filter=Q(amount_minor__lt=0), default=0),
        )
    )
    worth = _worth(at)
    found: dict[date, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        sums = found[row["month"]]
        sums[0] += worth(row["came"], row["currency"])
        sums[1] += worth(row["went"], row["currency"])
    return [Month(day, *found[day]) if day in found else Month(day, 0, 0) for day in begins]


def _worth(at: datetime) -> Callable[[int, str], int]:
    """Minor units of a currency in those of the home currency; what has no rate counts as nothing, as the rules do."""
    rates = home_rates(at)
    return lambda minor, currency: round(minor * rates.get(currency, Decimal(0)))


def flow(lines: Sequence[Transaction], subject_id: int, *, at: datetime) -> Flow:
    """Where the money of a subject's own transactions came from and went to; customers by name and id.

    Other currencies count at the newest rates before `at`.
    """
    worth = _worth(at)
    own = [line for line in lines if line.account.owner_id == subject_id]
    others = dict(
        Transaction.objects.filter(transfer_id__in={line.transfer_id for line in own})
        .exclude(account__owner_id=subject_id)
        .values_list("transfer_id", "account__owner_id")
    )
    people = dict(Account.objects.filter(owner_id__in=set(others.values())).values_list("owner_id", "owner__full_name"))
    sums: dict[tuple[bool, str, int | None], list[int]] = defaultdict(lambda: [0, 0])
    for line in own:
        who = others.get(line.transfer_id)
        name = people.get(who) if who else (line.counterparty or line.merchant or str(line.get_txn_type_display()))
        held = sums[(line.amount_minor > 0, str(name), who)]
        held[0] += worth(abs(line.amount_minor), line.currency)
        held[1] += 1
    sides = sorted(((key, held) for key, held in sums.items()), key=lambda pair: -pair[1][0])
    came = tuple(Side(name, held[0], held[1], who) for (into, name, who), held in sides if into)
    went = tuple(Side(name, held[0], held[1], who) for (into, name, who), held in sides if not into)
    return Flow(came, went)


@dataclass(frozen=True, slots=True)
class Quality:
    """How a rule did: its alerts in decided cases, and how many of those were no suspicion."""

    code: str
    alerts: int
    decided: int
    false: int

    @property
    def false_percent(self) -> int | None:
        """Of what was decided, how much was nothing; None before anything was."""
        return round(100 * self.false / self.decided) if self.decided else None


def quality() -> list[Quality]:
    """Each rule and watcher, the noisiest first."""
    rows = SuspiciousActivityAlert.objects.values("code").annotate(
        alerts=Count("pk"),
        false=Count("pk", filter=Q(status="CLOSED")),
        decided=Count("pk", filter=Q(status="CLOSED") | Q(case__decision="REPORT")),
    )
    found = [Quality(row["code"], row["alerts"], row["decided"], row["false"]) for row in rows]
    return sorted(found, key=lambda one: (-(one.false_percent or 0), one.code))


def waiting(user_id: int) -> dict[str, int]:
    """How many cases and alerts wait, those about oneself left out."""
    return {
        "cases": Case.objects.live().not_about(user_id).count(),
        "alerts": SuspiciousActivityAlert.objects.open().not_about(user_id).count(),
    }


def past_cases(case: Case) -> int:
    """How many cases this subject had before."""
    return Case.objects.filter(subject=case.subject_id).exclude(pk=case.pk).exclude(status__in=LIVE).count()


def queue_for(user_id: int) -> "list[Case]":
    """Live cases but one's own, mine first, then by the time that is left."""
    mine = When(If(assigned_to_id=user_id, then=Value(0)), default=Value(1))
    rows = Case.objects.live().not_about(user_id).select_related("assigned_to", "subject")
    ordered = rows.order_by(mine, F("report_due_at").asc(nulls_last=True), "opened_at").prefetch_related("alerts")
    return list(ordered[:MOST])
