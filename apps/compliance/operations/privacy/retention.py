"""How long data is kept: dated rules that two people change, carried out each night, with what each run did."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.compliance.errors import BadParameters, ReasonNeeded
from apps.compliance.models import RetentionRule, RetentionRun
from apps.compliance.operations.privacy.hold import held_people
from apps.compliance.policies import KEEP
from apps.kernel import approvals, personal
from apps.kernel.clock import day_start, local_date
from apps.kernel.errors import IllegalMove, NotFound
from apps.kernel.models import Approval
from apps.users.models import User
from apps.users.policies import require_right
from apps.users.queries import system_user

CHANGE_RETENTION = "privacy.change_retention"
LONGEST = 36525  # a hundred years of days


def in_force() -> dict[str, RetentionRule]:
    """The newest version of each rule."""
    return {row.code: row for row in RetentionRule.objects.order_by("code", "-version").distinct("code")}


def export_life() -> timedelta:
    """How long a copy of somebody's data can be downloaded."""
    return timedelta(days=in_force()["EXPORTS"].keep_days)


def run_retention(*, at: datetime) -> dict[str, int]:
    """Carry out every rule, once a day each; returns rows by rule; what has another job is left out."""
    acts = personal.retained()
    return {
        code: done
        for code, rule in in_force().items()
        if code in acts
        if (done := _run(rule, acts[code], at)) is not None
    }


def _run(rule: RetentionRule, act: personal.Retain, at: datetime) -> int | None:
    """One rule in a transaction of its own; None when it ran today already: the unique row decides."""
    today = local_date(at)
    before = day_start(today) - timedelta(days=rule.keep_days)
    if RetentionRun.objects.filter(code=rule.code, on_day=today).exists():
        return None
    try:
        with transaction.atomic():
            swept = act(before, held_people(today))
            row = RetentionRun.objects.create(
                rule=rule, on_day=today, code=rule.code, before=before, affected=swept.affected,
                held_back=swept.held_back, at=at,
            )  # fmt: skip
            if swept.affected:
                facts = {"rule": rule.code, "rows": swept.affected, "held_back": swept.held_back}
                audit_trail.record(
                    "privacy.retention.run", on=f"retention/{row.pk}", by=system_user(), at=at, after=facts
                )
    except IntegrityError:
        if not RetentionRun.objects.filter(code=rule.code, on_day=today).exists():
            raise
        return None  # another worker was first; what this one did is undone
    return swept.affected


@transaction.atomic
def ask_change(*, code: str, keep_days: int, law: str, reason: str, by: User, at: datetime) -> Approval:
    """Ask for another length; a second person must allow it, because what goes does not come back.

    Raises NotAllowed, NotFound, BadParameters, ReasonNeeded.
    """
    require_right(by, KEEP)
    held = in_force().get(code)
    if held is None:
        raise NotFound(_("There is no such rule. Nothing was changed."))
    if not 1 <= keep_days <= LONGEST or not law.strip():
        words = _("Write a number of days from 1 to 36,525, and the law it rests on.")
        raise BadParameters(words, errors={"keep_days": [words]})
    if not reason.strip():
        raise ReasonNeeded(_("Say why: the person who approves it reads your reason."))
    return approvals.ask(
        kind=CHANGE_RETENTION,
        subject=f"retention/{code}",
        payload={"code": code, "version": held.version, "keep_days": keep_days, "law": law.strip()[:200]},
        before={"keep_days": held.keep_days, "law": held.law},
        after={"keep_days": keep_days, "law": law.strip()[:200]},
        reason=reason,
        by=by,
        at=at,
    )


@transaction.atomic
def run_change(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """What an approved request does. Raises IllegalMove when another version came between."""
    held = in_force()[payload["code"]]
    if held.version != payload["version"]:
        raise IllegalMove(_("The rule has another version by now. Ask again with its figures. Nothing was changed."))
    row = RetentionRule.objects.create(
        code=held.code, version=held.version + 1, what_en=held.what_en, what_sw=held.what_sw, action=held.action,
        keep_days=payload["keep_days"], law=payload["law"], maker=maker, checker=checker, since=at,
    )  # fmt: skip
    audit_trail.record(
        "privacy.retention.changed", on=f"retention/{row.code}", by=checker, at=at,
        before={"keep_days": held.keep_days}, after={"keep_days": row.keep_days},
    )  # fmt: skip
    return {"version": row.version}
