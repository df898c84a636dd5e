"""What a tier may do on a day, and how far a customer is on the way to one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from apps.kernel.money import Money
from apps.kyc.models import (
    DocumentStatus,
    KycDocument,
    LimitKind,
    ScreeningHit,
    ScreeningStatus,
    TierLimit,
    VerificationWorkflow,
    WatchListKind,
    WorkflowCheck,
)
from apps.kyc.rules import needs


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a tier on a day; None where there is none."""

    single: Money | None
    daily: Money | None
    balance: Money | None
    loan: Money | None  # the most one may borrow, whatever the score


def limits_of(tier: str, *, on: date, currency: str = "KES") -> Limits:
    """What a tier may do on `on`, in one query."""
    return limits_of_all([tier], on=on, currency=currency)[tier]


def limits_of_all(tiers: list[str], *, on: date, currency: str = "KES") -> dict[str, Limits]:
    """The limits of several tiers on a day, in one query."""
    rows = (
        TierLimit.objects.filter(tier__in=tiers, currency=currency, valid_from__lte=on)
        .order_by("tier", "kind", "-valid_from")
        .distinct("tier", "kind")
    )
    return limits_from(((row.tier, row.kind, row.amount_minor) for row in rows), tiers, currency)


def limits_from(
    rows: Iterable[tuple[str, str, int | None]], tiers: Iterable[str], currency: str = "KES"
) -> dict[str, Limits]:
    """The limits of tiers from rows in force: tier, kind and minor units, None where there is no limit."""
    found = {(tier, kind): None if minor is None else Money(minor, currency) for tier, kind, minor in rows}
    kinds = (LimitKind.SINGLE.value, LimitKind.DAILY.value, LimitKind.BALANCE.value, LimitKind.LOAN.value)
    return {tier: Limits(*(found.get((tier, kind)) for kind in kinds)) for tier in tiers}


@dataclass(frozen=True, slots=True)
class PartShown:
    """One part that a tier needs: the picture that is there, or none. `kind` IDENTITY is any identity paper."""

    kind: str
    side: str
    document: KycDocument | None

    @property
    def is_there(self) -> bool:
        """Whether nothing more is wanted of it."""
        return self.document is not None and self.document.status != DocumentStatus.REJECTED


def papers_of(workflow: VerificationWorkflow) -> list[KycDocument]:
    """The parts that count for a verification: its own, and what was checked for an earlier one and still holds."""
    rows = KycDocument.objects.current().filter(user_id=workflow.user_id)
    mine = Q(workflow=workflow) | Q(status=DocumentStatus.VERIFIED)
    found: dict[tuple[str, str], KycDocument] = {}
    for row in rows.filter(mine).order_by("uploaded_at", "pk"):
        there = found.get((row.kind, row.side))
        if there is None or row.workflow_id == workflow.pk or there.workflow_id != workflow.pk:
            found[row.kind, row.side] = row
    return list(found.values())


def parts_of(workflow: VerificationWorkflow) -> list[PartShown]:
    """Every part that the verification needs, in its order, with what is there, and what was brought beside."""
    papers = {(row.kind, row.side): row for row in papers_of(workflow)}
    wanted = needs.missing(workflow.target_tier, set())[1:]
    identity = needs.identity_of(papers)
    first = [(identity, side) for side in needs.IDENTITY[identity]] if identity else [("IDENTITY", "")]
    return [PartShown(kind, side, papers.get((kind, side))) for kind, side in [*first, *wanted]]


def missing_parts(workflow: VerificationWorkflow) -> list[tuple[str, str]]:
    """The parts that are not there, or were not accepted."""
    return [(part.kind, part.side) for part in parts_of(workflow) if not part.is_there]


def open_hits(user_id: int) -> int:
    """How many matches with watch lists stand in the way: undecided ones, and confirmed ones of any list but the
    politically exposed. Nothing else of them is told here.
    """
    hits = ScreeningHit.objects.filter(user_id=user_id)
    confirmed = Q(status=ScreeningStatus.CONFIRMED) & ~Q(watch_list__kind=WatchListKind.PEP)
    return hits.filter(Q(status=ScreeningStatus.OPEN) | confirmed).count()


def is_exposed(user_id: int) -> bool:
    """Whether somebody confirmed that the customer is politically exposed."""
    hits = ScreeningHit.objects.filter(user_id=user_id, status=ScreeningStatus.CONFIRMED)
    return hits.filter(watch_list__kind=WatchListKind.PEP).exists()


def newest_checks(workflow: VerificationWorkflow) -> list[WorkflowCheck]:
    """The last word on each subject in the present round: a person's after the bank's."""
    rows = WorkflowCheck.objects.filter(workflow=workflow, round=workflow.round).select_related("by").order_by("pk")
    return list({row.kind: row for row in rows}.values())
