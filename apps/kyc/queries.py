"""What a tier may do on a day, and how far a customer is on the way to one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.kernel.written import Written
from apps.kyc.models import (
    BusinessPerson,
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
from apps.kyc.rules import needs, owners
from apps.users.models import BusinessProfile, Party, User
from apps.users.queries import business_of

OWN_TIER = "OWN_TIER"  # the part of a named person who banks here: their own verification


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
    person: BusinessPerson | None = None  # whose it is, of those a business named

    @property
    def is_there(self) -> bool:
        """Whether nothing more is wanted of it."""
        if self.kind == OWN_TIER:
            return self.person is not None and self.person.who.kyc_tier >= needs.LEAST_TIER
        return self.document is not None and self.document.status != DocumentStatus.REJECTED

    @property
    def code(self) -> tuple[str, ...]:
        """How it is named to programs: kind, side, and the number of the person it is of."""
        return (self.kind, self.side, str(self.person.pk)) if self.person else (self.kind, self.side)


def papers_of(workflow: VerificationWorkflow) -> list[KycDocument]:
    """The parts that count for a verification: its own, and what was checked for an earlier one and still holds. When
    one's own tier is proven anew, an identity paper near its end does not hold.
    """
    rows = KycDocument.objects.current().filter(user_id=workflow.user_id).select_related("person__who")
    if workflow.user.kind == Party.PERSON and workflow.target_tier == workflow.user.kyc_tier:
        old = near_their_end(workflow.user, on=local_date(workflow.started_at)).exclude(workflow=workflow)
        rows = rows.exclude(workflow__in=old.values("workflow"), kind__in=needs.IDENTITY)
    mine = Q(workflow=workflow) | Q(status=DocumentStatus.VERIFIED)
    theirs = Q(person=None) | Q(person__removed_at=None)
    found: dict[tuple[int | None, str, str], KycDocument] = {}
    for row in rows.filter(mine, theirs).order_by("uploaded_at", "pk"):
        there = found.get((row.person_id, row.kind, row.side))
        if there is None or row.workflow_id == workflow.pk or there.workflow_id != workflow.pk:
            found[row.person_id, row.kind, row.side] = row
    return list(found.values())


def near_their_end(user: User, *, on: date) -> QuerySet[KycDocument]:
    """A customer's checked identity papers that expire within 30 days of a day."""
    rows = KycDocument.objects.current().owned_by(user).filter(person=None, status=DocumentStatus.VERIFIED)
    return rows.filter(kind__in=needs.IDENTITY, expires_on__lte=on + timedelta(days=needs.RENEW_DAYS))


def is_to_be_renewed(user: User, *, on: date) -> bool:
    """Whether a customer would lose their tier within 30 days, and no paper of a later end is there."""
    later = Q(expires_on=None) | Q(expires_on__gt=on + timedelta(days=needs.RENEW_DAYS))
    sides = {(kind, names[0]) for kind, names in needs.IDENTITY.items()}
    checked = KycDocument.objects.current().owned_by(user).filter(person=None, status=DocumentStatus.VERIFIED)
    holding = checked.filter(later, kind__in=needs.IDENTITY).values_list("kind", "side")
    return near_their_end(user, on=on).exists() and not sides & set(holding)


def parts_of(workflow: VerificationWorkflow) -> list[PartShown]:
    """Every part that the verification needs, in its order, with what is there, and what was brought beside."""
    if business := business_of(workflow.user):
        return _parts_of_business(workflow, business)
    papers = {(row.kind, row.side): row for row in papers_of(workflow)}
    wanted = needs.missing(workflow.target_tier, set())[1:]
    identity = needs.identity_of(papers)
    first = [(identity, side) for side in needs.IDENTITY[identity]] if identity else [("IDENTITY", "")]
    return [PartShown(kind, side, papers.get((kind, side))) for kind, side in [*first, *wanted]]


def _parts_of_business(workflow: VerificationWorkflow, business: BusinessProfile) -> list[PartShown]:
    """Its own papers, then of everybody it named: their paper, or as a customer their own tier."""
    papers = {(row.person_id, row.kind, row.side): row for row in papers_of(workflow)}
    parts = [
        PartShown(kind, side, papers.get((None, kind, side)))
        for kind in needs.OF_BUSINESS[business.kind]
        for side in needs.SIDES[kind]
    ]
    for person in people_of(business):
        if person.banks_here:
            parts.append(PartShown(OWN_TIER, "", None, person))
        else:
            sides = needs.IDENTITY[person.id_kind]
            own = (
                PartShown(person.id_kind, side, papers.get((person.pk, person.id_kind, side)), person) for side in sides
            )
            parts.extend(own)
    return parts


def people_of(business: BusinessProfile) -> list[BusinessPerson]:
    """Whom a business names now: directors, partners, officials and owners, in the order they were named."""
    return list(BusinessPerson.objects.present().filter(business=business).select_related("who").order_by("pk"))


def lacking_of(business: BusinessProfile, *, says_complete: bool) -> list[str]:
    """What is wrong with whom it named; see `rules.owners.lacking`."""
    named = (
        owners.Named(one.is_director, one.is_owner, one.share_bp, bool(one.control)) for one in people_of(business)
    )
    return owners.lacking(business.kind, named, says_complete=says_complete)


def missing_parts(workflow: VerificationWorkflow) -> list[tuple[str, ...]]:
    """The parts that are not there, or were not accepted."""
    return [part.code for part in parts_of(workflow) if not part.is_there]


def screened_with(user: User) -> list[int]:
    """Whose matches with watch lists stand in a customer's way: their own, and for a business of all it named."""
    named = BusinessPerson.objects.present().filter(business__party=user).values_list("who_id", flat=True)
    return [user.pk, *named] if user.kind == Party.BUSINESS else [user.pk]


def in_the_way(user: User) -> int:
    """How many matches of a customer, or of a business and all it named, stand in the way; see `open_hits`."""
    return sum(map(open_hits, screened_with(user)))


def open_hits(user_id: int) -> int:
    """How many matches with watch lists stand in the way: undecided ones, and confirmed ones of any list but the
    politically exposed. Nothing else of them is told here.
    """
    return len(_IN_THE_WAY.rows(user=user_id))


def _standing(user: int) -> QuerySet[ScreeningHit]:
    confirmed = Q(status=ScreeningStatus.CONFIRMED) & ~Q(watch_list__kind=WatchListKind.PEP)
    return ScreeningHit.objects.filter(Q(status=ScreeningStatus.OPEN) | confirmed, user_id=user).only("pk")


_IN_THE_WAY = Written(_standing, user=-1)


def is_exposed(user_id: int) -> bool:
    """Whether somebody confirmed that the customer is politically exposed."""
    hits = ScreeningHit.objects.filter(user_id=user_id, status=ScreeningStatus.CONFIRMED)
    return hits.filter(watch_list__kind=WatchListKind.PEP).exists()


def newest_checks(workflow: VerificationWorkflow) -> list[WorkflowCheck]:
    """The last word on each subject in the present round: a person's after the bank's."""
    rows = WorkflowCheck.objects.filter(workflow=workflow, round=workflow.round).select_related("by").order_by("pk")
    return list({row.kind: row for row in rows}.values())
