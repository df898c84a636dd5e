"""Scoring one customer: what was seen, how likely they fail, on both scales, with limit, rate and reasons."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.credit_scoring import features, queries
from apps.credit_scoring.champion import Champion, champion
from apps.credit_scoring.errors import BadInputs
from apps.credit_scoring.events import ScoreChanged
from apps.credit_scoring.models import BureauReport, BureauStatus, CreditScore, FeatureSnapshot
from apps.credit_scoring.operations.analyse import analyse_payment_history
from apps.credit_scoring.policies import require_may_score
from apps.credit_scoring.queries import Figures
from apps.credit_scoring.rules import factors, pricing, scale
from apps.credit_scoring.rules.factors import Judged
from apps.credit_scoring.rules.features import Features, ScoreInputs, vector
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.users.models import User

FRESH_FOR = timedelta(hours=24)
ADULT = 18
ONE_AT_A_TIME = 4_207_001


@transaction.atomic
def score(*, user: User, at: datetime, by: User, inputs: ScoreInputs | None = None, fresh: bool = False) -> CreditScore:
    """How likely `user` is not to repay within a year, as of `at`. Moves no money, asks nobody outside.

    A score younger than 24 hours is answered again unless money moved on the customer's accounts since, their tier
    changed, they told something new, or `fresh` asks for another. Where `inputs` are None the latest that were told
    count. What they tell of age, work and income counts little, a bureau score only when staff bring it.
    Raises NotAllowed, BadInputs.
    """
    require_may_score(by, user)
    told = _believable(inputs, user, by)
    _one_at_a_time(user)
    before = CreditScore.objects.filter(user=user, computed_at__lte=at).select_related("snapshot").order_by("-pk")
    last = before.first()
    declared = told.payload() if told else (last.snapshot.declared if last else {})
    if last and not fresh and _holds(last, user, declared, at):
        return last
    return _written(user, declared, last, by, at)


def _believable(inputs: ScoreInputs | None, user: User, by: User) -> ScoreInputs | None:
    if inputs is None:
        return None
    if inputs.age is not None and not ADULT <= inputs.age <= 120:
        raise BadInputs(_("We lend from 18 years of age. No score was made. Check the age."))
    if inputs.monthly_income_minor is not None and inputs.monthly_income_minor < 0:
        raise BadInputs(_("A monthly income is not below nothing. No score was made. Check the income."))
    brought = inputs.credit_bureau_score
    if brought is not None and not 300 <= brought <= 850:
        raise BadInputs(_("A bureau score lies between 300 and 850. No score was made. Check the score."))
    if brought is None or (by.is_staff and by.pk != user.pk):
        return inputs
    return ScoreInputs(
        age=inputs.age,
        employment_status=inputs.employment_status,
        monthly_income_minor=inputs.monthly_income_minor,
        told={**(inputs.told or {}), "credit_bureau_score": brought},
    )


def _one_at_a_time(user: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [ONE_AT_A_TIME, user.pk % 2**31])


def _holds(last: CreditScore, user: User, declared: object, at: datetime) -> bool:
    seen = last.snapshot
    return (
        at - last.computed_at < FRESH_FOR
        and seen.declared == declared
        and seen.measured.get("kyc_tier") == user.kyc_tier
        and seen.newest_line_id == features.newest_line_of(user, at=at)
        and not BureauReport.objects.filter(user=user, asked_at__gt=last.computed_at, asked_at__lte=at).exists()
    )


def _written(user: User, declared: dict[str, object], last: CreditScore | None, by: User, at: datetime) -> CreditScore:
    found = features.observe([user], at=at, told=inputs_of(declared))[0]
    snapshot = FeatureSnapshot.objects.create(
        user=user,
        as_of=at,
        measured=found.features.payload(),
        declared=declared,
        newest_line_id=found.newest_line_id,
    )
    figures = queries.figures_on(local_date(at), currency=settings.HOME_CURRENCY)
    row = of_features(found.features, user=user, at=at, champion=champion(), figures=figures)
    row.snapshot, row.notes = snapshot, [*row.notes, *_bureau_note(user, at)]
    row.save()
    told = {"score": row.score, "risk_level": row.risk_level, "model_version": row.model_version, "notes": row.notes}
    audit_trail.record("credit_scoring.score.made", on=row, by=by, at=at, after=told, customer=user)
    if found.features.existing_loans:
        analyse_payment_history(user=user, at=at, by=by)
    if last is None or last.score != row.score:
        was = last.score if last else 0
        events.publish(
            ScoreChanged(score_id=row.pk, user_id=user.pk, before=was, score=row.score, risk_level=row.risk_level)
        )
    return row


def inputs_of(declared: dict[str, object]) -> ScoreInputs:
    """What was told, from its record."""
    return ScoreInputs(**declared)  # type: ignore[arg-type]  # written by ScoreInputs.payload


def of_features(seen: Features, *, user: User, at: datetime, champion: Champion, figures: Figures) -> CreditScore:
    """The score of features, not saved: the champion's where enough is known, else the five factors'."""
    judged, version, notes = _judged(seen, champion, figures)
    told = scale.published(judged.probability)
    deposit = Money(seen.deposit_average_90d_minor, settings.HOME_CURRENCY) if seen.has_history else None
    limit = pricing.largest_loan(
        deposit, share=figures.deposit_share, first_loan=figures.first_loan, cap=figures.caps.get(user.kyc_tier)
    )
    rate = pricing.price(told.probability_of_default, figures.price)
    return CreditScore(
        user=user,
        model=champion.version if version else None,
        model_version=version or factors.VERSION,
        probability_of_default=min(max(told.probability_of_default, Decimal("0.000001")), Decimal("0.999999")),
        decision_score=told.decision_score,
        score=told.score,
        without_age=min(max(judged.without_age, 0), scale.HIGHEST),
        risk_level=told.risk_level,
        max_loan_amount_minor=limit.minor,
        currency=limit.currency,
        recommended_interest_rate=rate.rate,
        factors=[row.payload() for row in judged.reasons],
        notes=[*notes, *(["PRICE_CAPPED"] if rate.is_capped else [])],
        is_thin_file=seen.is_thin,
        computed_at=at,
        valid_until=at + FRESH_FOR,
    )


def _judged(seen: Features, found: Champion, figures: Figures) -> tuple[Judged, str, list[str]]:
    if seen.is_thin or found.card is None:
        notes = [found.note] if found.card is None else []
        return factors.judge(seen, figures.weights), "", notes
    name = found.version.name if found.version else ""
    return found.card.judge(vector(seen)), name, [found.note] if found.note else []


def _bureau_note(user: User, at: datetime) -> list[str]:
    """What a reader must know of the bureau's part in a score."""
    asked = BureauReport.objects.filter(user=user, asked_at__lte=at, asked_at__gt=at - features.BUREAU_HOLDS)
    last = asked.order_by("-asked_at", "-pk").first()
    if last is None:
        return ["BUREAU_NOT_ASKED"]
    if last.status == BureauStatus.ANSWERED:
        return []
    return ["BUREAU_NO_FILE" if last.status == BureauStatus.NO_FILE else "BUREAU_UNREACHABLE"]
