"""A new version of a rule: tried on the last ninety days first, asked for by one, allowed by another."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.compliance import rules
from apps.compliance.detectors import Seen, seen
from apps.compliance.errors import BadParameters
from apps.compliance.models import AmlRule
from apps.kernel import approvals
from apps.kernel.errors import IllegalMove
from apps.kernel.models import Approval
from apps.users.models import User
from apps.users.policies import require_right

CHANGE = "compliance.change_rule"
RIGHT = "compliance.manage_rules"
TRIED_ON = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Tried:
    """What a version would have raised in the last ninety days, beside what the one in force raises there."""

    alerts: int
    customers: int
    alerts_now: int
    customers_now: int
    both: int

    @property
    def new(self) -> int:
        """Customers it would find that the one in force does not."""
        return self.customers - self.both

    @property
    def lost(self) -> int:
        """Customers it would no longer find."""
        return self.customers_now - self.both


def in_force() -> dict[str, AmlRule]:
    """The highest version of each rule, active or not."""
    rows = AmlRule.objects.order_by("code", "-version").distinct("code")
    return {row.code: row for row in rows}


def read(code: str, given: dict[str, Any]) -> dict[str, Any]:
    """The figures as they are kept. Raises BadParameters with the bounds of each that is wrong."""
    kept, wrong = rules.read_parameters(code, given)
    if wrong:
        named = {name: [f"{name}: {bounds}"] for name, bounds in wrong.items()}
        raise BadParameters(_("Some figures are outside their bounds. Nothing was asked for."), errors=named)
    return kept


def back_test(*, code: str, parameters: dict[str, Any], at: datetime) -> Tried:
    """Try figures on the last ninety days; nothing is raised. Raises BadParameters."""
    figures, now_held = read(code, parameters), in_force()[code]
    window = {"since": at - TRIED_ON, "until": at}
    then: list[Seen] = seen(code, figures, **window)
    today = seen(code, now_held.parameters, **window) if now_held.is_active else []
    people, people_now = {one.subject_id for one in then}, {one.subject_id for one in today}
    return Tried(len(then), len(people), len(today), len(people_now), len(people & people_now))


@transaction.atomic
def ask_change(
    *, code: str, parameters: dict[str, Any], is_active: bool, severity: str, reason: str, by: User, at: datetime
) -> Approval:
    """Ask for a new version; what it would have done stands in the request. Raises NotAllowed, BadParameters."""
    require_right(by, RIGHT)
    held, figures = in_force()[code], read(code, parameters)
    tried = back_test(code=code, parameters=figures, at=at)
    return approvals.ask(
        kind=CHANGE,
        subject=f"aml-rule/{code}",
        payload={
            "code": code, "parameters": figures, "is_active": is_active, "severity": severity,
            "version": held.version, "reason": reason.strip()[:200],
        },
        before={**held.parameters, "severity": held.severity, "is_active": held.is_active},
        after={**figures, "severity": severity, "is_active": is_active, "back_test_90_days": asdict(tried)},
        reason=reason,
        by=by,
        at=at,
    )  # fmt: skip


@transaction.atomic
def run_change(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """What an approved request does. Raises IllegalMove when another version came between."""
    held = in_force()[payload["code"]]
    moved_on = IllegalMove(_("The rule has another version by now. Ask again with its figures. Nothing was changed."))
    if held.version != payload["version"]:
        raise moved_on
    written = {name: payload[name] for name in ("code", "parameters", "severity", "is_active")}
    row = AmlRule(version=held.version + 1, source=payload["reason"], maker=maker, checker=checker, since=at, **written)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as no:  # two were allowed at this moment, and the other was first
        raise moved_on from no
    audit_trail.record(
        "compliance.rule.changed", on=row, by=checker, at=at, before=held.parameters, after=row.parameters
    )
    return {"version": row.version}
