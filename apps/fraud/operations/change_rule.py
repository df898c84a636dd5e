"""Changing a rule of the screen: tried on the last 90 days, asked by one, allowed by another; old versions stay."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.fraud.errors import RuleMovedOn, RuleTooBroad
from apps.fraud.events import RuleChanged
from apps.fraud.models import FraudRule
from apps.fraud.operations.back_tests import as_row, figures_of, refused
from apps.fraud.queries import Proposed
from apps.fraud.rules import BadExpression, sentences
from apps.kernel import approvals, events
from apps.kernel.models import Approval
from apps.users.models import User

CHANGE_RULE = "fraud.change_rule"
BROAD = {"STOPS_MANY", "STOPS_EVERYONE", "HOLDS_FOR_EVERYONE"}


@transaction.atomic
def ask_rule_change(
    *,
    proposed: Proposed,
    sentence_en: str,
    sentence_sw: str,
    customer_may_answer: bool,
    reason: str,
    by: User,
    at: datetime,
    despite: str = "",
) -> Approval:
    """Ask for another version of a rule, or a new rule; it counts once a second person has allowed it.

    The back-test is made here where there are few checks, else it is the one that ran (`ask_back_test`); it is kept
    with the request. A version that would stop more than one payment in twenty,
    or holds for everyone, is refused unless `despite` is the rule's code.
    Raises NotAllowed, BadRule, RuleTooBroad, NotTriedYet.
    """
    tried, kept = figures_of(proposed=proposed, by=by, at=at)
    try:
        sentences.check(sentence_en)
        sentences.check(sentence_sw)
    except BadExpression as no:
        raise refused(no) from no
    if BROAD & set(tried.warnings) and despite != proposed.code:
        raise RuleTooBroad(
            _("This would stop %(percent)s %% of payments. Nothing was changed. Write its code too if you mean it.")
            % {"percent": tried.stopped_percent},
            warnings=tried.warnings,
        )
    newest = _newest(proposed.code)
    if kept is None:
        kept = as_row(proposed, tried, by, at)
        kept.save()
    after = _facts(proposed) | {"customer may answer": customer_may_answer}
    after |= {"in English": sentence_en, "in Kiswahili": sentence_sw}
    counts = {action: f"{was} → {would}" for action, was, would in tried.rows}
    after |= {"back-test": f"{tried.checks}: {counts}", "warnings": ", ".join(tried.warnings) or "-"}
    return approvals.ask(
        kind=CHANGE_RULE,
        subject=f"fraud/rules/{proposed.code}",
        payload={
            "code": proposed.code,
            "expression": proposed.expression,
            "weight": str(proposed.weight),
            "is_active": proposed.is_active,
            "customer_may_answer": customer_may_answer,
            "sentence_en": sentence_en.strip(),
            "sentence_sw": sentence_sw.strip(),
            "follows": newest.version if newest else 0,
            "back_test": kept.pk,
        },
        before=_facts(newest) if newest else {},
        after=after,
        reason=reason,
        by=by,
        at=at,
    )


def _newest(code: str) -> FraudRule | None:
    return FraudRule.objects.filter(code=code).order_by("-version").first()


def _facts(of: Proposed | FraudRule) -> dict[str, Any]:
    return {"rule": of.expression, "weight": f"{of.weight:.3f}", "on": of.is_active}


@transaction.atomic
def run_rule_change(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The approved version, from now on. Raises RuleMovedOn when another one was allowed meanwhile."""
    moved_on = RuleMovedOn(_("This rule was changed after the request. Try the change again. Nothing was changed."))
    newest = _newest(payload["code"])
    if (newest.version if newest else 0) != payload["follows"]:
        raise moved_on
    written = ("code", "expression", "is_active", "customer_may_answer", "sentence_en", "sentence_sw")
    row = FraudRule(
        version=payload["follows"] + 1,
        weight=Decimal(payload["weight"]),
        valid_from=at,
        back_test_id=payload["back_test"],
        asked_by=maker,
        allowed_by=checker,
        **{name: payload[name] for name in written},
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as no:
        raise moved_on from no
    facts = {"code": row.code, "version": row.version, "expression": row.expression, "weight": payload["weight"]}
    audit_trail.record("fraud.rule.changed", on=row, by=checker, at=at, after=facts | {"is_active": row.is_active})
    events.publish(RuleChanged(code=row.code, version=row.version, by_id=checker.pk))
    return {"rule": row.pk, "version": row.version}
