"""Scoring many customers at once, in statements over a thousand of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from apps.audit_trail import operations as audit_trail
from apps.credit_scoring import features, queries
from apps.credit_scoring.champion import Champion, champion
from apps.credit_scoring.events import ScoreChanged
from apps.credit_scoring.loan_facts import loan_facts
from apps.credit_scoring.models import CreditScore, FeatureSnapshot
from apps.credit_scoring.operations.score import inputs_of, of_features
from apps.credit_scoring.queries import Figures
from apps.kernel import consents, events
from apps.kernel.clock import local_date
from apps.users.models import User
from apps.users.queries import system_user

OLD = timedelta(days=30)


def rescore(*, at: datetime) -> int:
    """Score anew whose last score is a month old or older, and who may be; returns how many. Safe to run twice.

    Nobody asked for these scores: who owes the bank is looked at because the contract needs it, others only while they
    agree to `PROFILING` (Data Protection Act 2019, s. 30, s. 35). Who asks for a loan is scored then, by `score`.
    """
    newest = CreditScore.objects.order_by("user_id", "-pk").distinct("user_id")
    old = [row.user_id for row in newest.only("user_id", "computed_at") if at - row.computed_at >= OLD]
    agree, owe = consents.among(old, consents.PROFILING), _borrowers(old, at)
    return score_many(user_ids=[pk for pk in old if pk in agree or pk in owe], at=at)


def _borrowers(user_ids: Sequence[int], at: datetime) -> set[int]:
    owe: set[int] = set()
    for start in range(0, len(user_ids), features.BATCH):
        known = loan_facts().facts(user_ids[start : start + features.BATCH], at=at)
        owe |= {pk for pk, facts in known.items() if facts.active_loans}
    return owe


def score_many(*, user_ids: Sequence[int], at: datetime) -> int:
    """Score all of these people as of `at`, by the bank itself; returns how many."""
    figures = queries.figures_on(local_date(at), currency=settings.HOME_CURRENCY)
    found = champion()
    for start in range(0, len(user_ids), features.BATCH):
        _score_batch(user_ids[start : start + features.BATCH], found, figures, at)
    return len(user_ids)


@transaction.atomic
def _score_batch(ids: Sequence[int], found: Champion, figures: Figures, at: datetime) -> None:
    people = list(User.objects.filter(pk__in=ids).order_by("pk"))
    before = CreditScore.objects.filter(user_id__in=ids).select_related("snapshot").order_by("user_id", "-pk")
    last = {row.user_id: row for row in before.distinct("user_id")}
    declared = {pk: row.snapshot.declared for pk, row in last.items()}
    told = {pk: inputs_of(said) for pk, said in declared.items()}
    seen = features.observe_told(people, at=at, told=told)
    snapshots = FeatureSnapshot.objects.bulk_create(
        FeatureSnapshot(
            user=person,
            as_of=at,
            measured=row.features.payload(),
            declared=declared.get(person.pk, {}),
            newest_line_id=row.newest_line_id,
        )
        for person, row in zip(people, seen, strict=True)
    )
    rows = []
    for person, row, snapshot in zip(people, seen, snapshots, strict=True):
        made = of_features(row.features, user=person, at=at, champion=found, figures=figures)
        made.snapshot = snapshot
        made.notes = [*made.notes, *(["BUREAU_NOT_ASKED"] if row.features.bureau_score is None else [])]
        rows.append(made)
    CreditScore.objects.bulk_create(rows)
    facts = {"scores": len(rows), "model": found.version.name if found.version else ""}
    audit_trail.record("credit_scoring.customers.rescored", on="credit_scoring", by=system_user(), at=at, after=facts)
    for made in rows:
        was = last[made.user_id].score if made.user_id in last else 0
        if made.score != was:
            events.publish(
                ScoreChanged(
                    score_id=made.pk, user_id=made.user_id, before=was, score=made.score, risk_level=made.risk_level
                )
            )
