"""Trying a version of a rule on the checks of the last ninety days: at once where there are few, else by itself.

A back-test that runs by itself is a row that says how far it is; it holds no transaction while it looks.
"""

import re
from collections import Counter
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.fraud import wake
from apps.fraud.errors import BadRule, NotTriedYet
from apps.fraud.models import BackTest, BackTestJob, FraudCheck, JobStatus
from apps.fraud.models.rule import CODE
from apps.fraud.queries import DAYS, MOST_CHECKS, Proposed, Tried, try_rule
from apps.fraud.rules import BadExpression
from apps.fraud.states import JOB
from apps.users.models import User
from apps.users.policies import require_right

RIGHT = "fraud.manage_rules"
FEW = 2_000  # checks that a request may wait for: some tenths of a second
GOOD_FOR = timedelta(days=1)
STUCK_AFTER = timedelta(minutes=15)


def require_rule(proposed: Proposed) -> None:
    """Raises BadRule when code, weight or expression are none; the sentence says where."""
    if not re.fullmatch(CODE, proposed.code) or len(proposed.code) > 30:
        raise BadRule(_("A rule's code is capital letters and _, at most 30. Nothing was changed."))
    if not 0 <= proposed.weight <= 1:
        raise BadRule(_("A weight is between 0 and 1. Nothing was changed."))
    try:
        proposed.rule()
    except BadExpression as no:
        raise refused(no) from no


def refused(no: BadExpression) -> BadRule:
    why = gettext(no.message) % no.words
    return BadRule(_("This is not a rule: %(why)s Nothing was changed.") % {"why": why})


def back_test(*, proposed: Proposed, by: User, at: datetime) -> Tried:
    """What a version would have done; writes nothing. Raises NotAllowed, BadRule, NotTriedYet when it takes long."""
    require_right(by, RIGHT)
    require_rule(proposed)
    return figures_of(proposed=proposed, by=by, at=at)[0]


def figures_of(*, proposed: Proposed, by: User, at: datetime) -> tuple[Tried, BackTest | None]:
    """The figures, worked out here where there are few checks, else those of the job that ran, with its row.

    Raises NotAllowed, BadRule, NotTriedYet.
    """
    require_right(by, RIGHT)
    require_rule(proposed)
    job = jobs_of(proposed, at).filter(status=JobStatus.DONE).select_related("back_test").order_by("-pk").first()
    if job is not None and job.back_test is not None:
        return _read(job.back_test), job.back_test
    if _checks(at)[: FEW + 1].count() > FEW:
        raise NotTriedYet(_("There are many payments to try it on. Have it tried first; it takes a minute or so."))
    return try_rule(proposed, at), None


def _checks(at: datetime) -> "QuerySet[FraudCheck]":
    return FraudCheck.objects.filter(checked_at__gt=at - DAYS, checked_at__lte=at)


def _read(row: BackTest) -> Tried:
    return Tried(
        row.since, row.until, row.checks, row.without_facts, row.hits, Counter(row.today), Counter(row.would),
        samples=row.samples, warnings=row.warnings,
    )  # fmt: skip


def jobs_of(proposed: Proposed, at: datetime) -> "QuerySet[BackTestJob]":
    """The jobs of the last day that ask exactly this and did not fail."""
    return BackTestJob.objects.filter(
        code=proposed.code,
        expression=proposed.expression,
        weight=proposed.weight,
        is_active=proposed.is_active,
        asked_at__gt=at - GOOD_FOR,
    ).exclude(status=JobStatus.FAILED)


@transaction.atomic
def ask_back_test(*, proposed: Proposed, by: User, at: datetime) -> BackTestJob:
    """Put a back-test into the line; the same question asked again within a day is the same job.

    Raises NotAllowed, BadRule.
    """
    require_right(by, RIGHT)
    require_rule(proposed)
    earlier: BackTestJob | None = jobs_of(proposed, at).order_by("-pk").first()
    if earlier is not None:
        return earlier
    job = BackTestJob.objects.create(
        code=proposed.code,
        expression=proposed.expression,
        weight=proposed.weight,
        is_active=proposed.is_active,
        total=_checks(at)[:MOST_CHECKS].count(),
        asked_by=by,
        asked_at=at,
    )
    transaction.on_commit(partial(wake.run_back_test, job.pk), robust=True)
    return job


def run_back_test(*, job_id: int, at: datetime) -> None:
    """Work one job off; whoever begins it first does it. What is known is that of the moment it was asked."""
    mine = BackTestJob.objects.filter(pk=job_id, status=JobStatus.WAITING)
    if not mine.update(status=JobStatus.RUNNING, begun_at=at, done=0):
        return
    job = BackTestJob.objects.select_related("asked_by").get(pk=job_id)
    proposed = Proposed(job.code, job.expression, job.weight, job.is_active)

    def tell(done: int) -> None:
        BackTestJob.objects.filter(pk=job_id).update(done=min(done, job.total))

    try:
        tried = try_rule(proposed, job.asked_at, tell=tell)
    except BadExpression as no:  # the language became stricter since it was asked
        JOB.make(job, JobStatus.FAILED, ended_at=at, why=str(refused(no))[:300])
        return
    with transaction.atomic():
        row = as_row(proposed, tried, job.asked_by, job.asked_at)
        row.save()
        JOB.make(job, JobStatus.DONE, ended_at=at, back_test=row, done=job.total)


def run_waiting(*, at: datetime) -> int:
    """Every job that waits, and those whose worker was gone for a quarter of an hour; returns how many ran."""
    BackTestJob.objects.filter(status=JobStatus.RUNNING, begun_at__lt=at - STUCK_AFTER).update(status=JobStatus.WAITING)
    waiting = list(BackTestJob.objects.filter(status=JobStatus.WAITING).order_by("pk").values_list("pk", flat=True))
    for job_id in waiting:
        run_back_test(job_id=job_id, at=at)
    return len(waiting)


def as_row(proposed: Proposed, tried: Tried, by: User, at: datetime) -> BackTest:
    """A back-test as it is kept; not saved."""
    return BackTest(
        code=proposed.code,
        expression=proposed.expression,
        weight=proposed.weight,
        is_active=proposed.is_active,
        since=tried.since,
        until=tried.until,
        checks=tried.checks,
        without_facts=tried.without_facts,
        hits=tried.hits,
        today=dict(tried.today),
        would=dict(tried.would),
        samples=tried.samples,
        warnings=tried.warnings,
        made_by=by,
        made_at=at,
    )
