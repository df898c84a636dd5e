"""Questions about the rules of the screen: how they do, what a proposed version would have said; and about devices."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, OuterRef, Subquery

from apps.fraud import anomaly, rules
from apps.fraud.home import Worth
from apps.fraud.models import DevicePrint, FraudCheck, FraudRule
from apps.kernel.money import Money

DAYS = timedelta(days=90)
MOST_CHECKS = 200_000  # the newest ones: some seconds of work
FEW_CHECKS = 100
TOLD_EACH = 2_000
SAMPLES = 20
HELD_SHARE = Decimal("0.05")

# A rule that holds for all of these holds for anybody, whatever the history of a young bank says.
ORDINARY: tuple[rules.Facts, ...] = tuple(
    {
        "amount": minor,
        "usual": 150_000,
        "usual_of_kind": 150_000,
        "sent_in_a_day": 200_000,
        "sent_in_ten_minutes": 0,
        "repeats_in_a_day": 0,
        "seconds_since_last": 40_000,
        "payments_known": 50,
        "payments_at_this_hour": 12,
        "hour": hour,
        "customer_age_days": 400,
        "is_new_recipient": is_new,
        "device_age_hours": 4_000,
        "is_trusted_device": False,
        "device_print_age_hours": 4_000,
        "device_customers": 1,
        "is_device_of_blocked": False,
        "days_since_sim_change": 90,
        "payee_age_days": 300,
        "payers_in_a_day": 1,
        "payee_passed_on_percent": 0,
        "payee_confirmed_frauds": 0,
        "payee_denials": 0,
        "anomaly": 450,
        "has_open_sanctions_hit": False,
        "has_confirmed_sanctions_hit": False,
        "is_blocked": False,
    }
    for minor, hour, is_new in [(5_000, 8, False), (120_000, 13, False), (300_000, 18, True), (20_000, 20, True)]
)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A version of a rule that somebody thinks of."""

    code: str
    expression: str
    weight: Decimal
    is_active: bool = True

    def rule(self) -> rules.Rule:
        """To be asked. Raises BadExpression."""
        return rules.Rule(self.code, rules.read(self.expression), self.weight)


@dataclass(slots=True)
class Tried:
    """What came of it: actions by the rules of today and with the proposed one, and checks that would change."""

    since: datetime
    until: datetime
    checks: int = 0
    without_facts: int = 0
    hits: int = 0
    today: Counter[str] = field(default_factory=Counter)
    would: Counter[str] = field(default_factory=Counter)
    changed: int = 0
    samples: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def stopped_share(self) -> Decimal:
        """Of all checks, those that would not simply go on."""
        return Decimal(self.would["REVIEW"] + self.would["BLOCK"]) / self.checks if self.checks else Decimal(0)

    @property
    def stopped_percent(self) -> str:
        """The same for people."""
        return f"{self.stopped_share * 100:.1f}"

    @property
    def rows(self) -> list[tuple[str, int, int]]:
        """Each action, how often by the rules of today, and how often with the proposed one."""
        return [(action, self.today[action], self.would[action]) for action in ("ALLOW", "REVIEW", "BLOCK")]


def versions_at(at: datetime) -> list[FraudRule]:
    """The newest version of each rule whose time has come, ended ones as well, in the order rules came to be."""
    rows = FraudRule.objects.filter(valid_from__lte=at).select_related("asked_by", "allowed_by", "back_test")
    newest = list(rows.order_by("code", "-version").distinct("code"))
    first = dict(FraudRule.objects.filter(version=1).values_list("code", "pk"))
    return sorted(newest, key=lambda row: first.get(row.code, row.pk))


RulesAsked = dict[tuple[str, int], FraudRule]


def rules_asked(checks: Sequence[FraudCheck]) -> RulesAsked:
    """The versions of the rules that held for some checks, by code and version: one query, however many checks."""
    codes = {code for check in checks for code in check.reasons}
    return {(row.code, row.version): row for row in FraudRule.objects.filter(code__in=codes)}


def rules_at(at: datetime) -> list[rules.Rule]:
    """The rules that hold at a moment, to be asked."""
    return [
        rules.Rule(row.code, rules.read(row.expression), row.weight, row.version, row.customer_may_answer)
        for row in versions_at(at)
        if row.is_active
    ]


def try_rule(proposed: Proposed, at: datetime, tell: Callable[[int], None] | None = None) -> Tried:
    """Ask the proposed version about every check of the last 90 days, of the newest 200,000. Raises BadExpression.

    `tell` hears how many were looked at. What the model would have said of checks before its time is asked of it now,
    from their own facts, where the rule wants to know.

    The facts are those that were kept with the check, so nothing is known that was not known then. Both sides are
    today's rules, so that only the proposal makes the difference.
    """
    new = proposed.rule()
    held = rules_at(at)
    then = _with(held, new if proposed.is_active else None, proposed.code)
    tried = Tried(at - DAYS, at)
    checks = FraudCheck.objects.filter(checked_at__gt=at - DAYS, checked_at__lte=at).order_by("-pk")
    kept = checks.values_list("pk", "reference", "amount_minor", "currency", "checked_at", "facts")[:MOST_CHECKS]
    worth = Worth(at)
    model = anomaly.to_try() if "anomaly" in proposed.expression else None
    for nth, (pk, reference, minor, currency, checked_at, facts) in enumerate(kept.iterator(chunk_size=TOLD_EACH)):
        if tell and nth % TOLD_EACH == 0:
            tell(nth)
        if not facts:
            tried.without_facts += 1
            continue
        if model and "anomaly" not in facts and (odd := anomaly.score(model, facts)) is not None:
            facts |= {"anomaly": odd}
        asked = worth.of(facts, currency)
        was, would = rules.judge(asked, held), rules.judge(asked, then)
        tried.checks += 1
        tried.hits += new.expression.holds(asked)
        tried.today[was.action] += 1
        tried.would[would.action] += 1
        if was.action != would.action:
            tried.changed += 1
            if len(tried.samples) < SAMPLES:
                sample = {"check": pk, "reference": reference, "amount": str(Money(minor, currency))}
                sample |= {"at": checked_at.isoformat(), "was": was.action, "would": would.action}
                tried.samples.append(sample | {"reasons": list(would.reasons)})
    tried.warnings = _warnings(tried, new, proposed, then)
    return tried


def _with(held: Sequence[rules.Rule], new: rules.Rule | None, code: str) -> list[rules.Rule]:
    """The rules with the proposed one in its place."""
    if new is None:
        return [rule for rule in held if rule.code != code]
    if any(rule.code == code for rule in held):
        return [new if rule.code == code else rule for rule in held]
    return [*held, new]


def _warnings(tried: Tried, new: rules.Rule, proposed: Proposed, then: Sequence[rules.Rule]) -> list[str]:
    found = []
    if proposed.is_active:
        everyone = all(new.expression.holds(facts) for facts in ORDINARY) and tried.hits == tried.checks
        stops_all = everyone and all(rules.judge(facts, then).action != "ALLOW" for facts in ORDINARY)
        more = tried.would["ALLOW"] < tried.today["ALLOW"]
        found += ["STOPS_EVERYONE"] if stops_all else ["HOLDS_FOR_EVERYONE"] if everyone else []
        found += ["STOPS_MANY"] if tried.stopped_share > HELD_SHARE and more else []
    elif tried.would["ALLOW"] > tried.today["ALLOW"]:
        found.append("LETS_GO")
    return [*found, "FEW_CHECKS"] if tried.checks < FEW_CHECKS else found


@dataclass(frozen=True, slots=True)
class SeenDevice:
    """A device a customer paid from; `customers` in all, None where the print is not the device's own."""

    value: str
    names_itself: bool
    first_seen_at: datetime
    last_seen_at: datetime
    customers: int | None


def devices_of(user_id: int) -> list[SeenDevice]:
    """The latest twenty."""
    others = DevicePrint.objects.filter(value=OuterRef("value")).order_by().values("value")
    rows = DevicePrint.objects.filter(user_id=user_id).annotate(
        customers=Subquery(others.annotate(n=Count("pk")).values("n"))
    )
    return [
        SeenDevice(row.value, row.names_itself, row.first_seen_at, row.last_seen_at,
                   row.customers if row.names_itself else None)
        for row in rows.order_by("-last_seen_at")[:20]
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class RuleQuality:
    """What a rule helped to hold in ninety days, what of that was decided, and what was cleared: it was nothing."""

    code: str
    held: int
    decided: int
    cleared: int

    @property
    def false_percent(self) -> int | None:
        """Of what was decided, how much was nothing; None before anything was."""
        return round(100 * self.cleared / self.decided) if self.decided else None


_QUALITY = """
SELECT held.code, count(*), count(*) FILTER (WHERE flag.status <> 'OPEN'),
       count(*) FILTER (WHERE flag.status = 'CLEARED')
  FROM fraud_flaggedtransaction flag
  JOIN fraud_fraudcheck checked ON checked.id = flag.check_made_id
 CROSS JOIN LATERAL jsonb_array_elements_text(checked.reasons) held(code)
 WHERE flag.opened_at > %s
 GROUP BY held.code ORDER BY count(*) DESC, held.code
"""


def quality(at: datetime) -> list[RuleQuality]:
    """Each rule that helped to hold a payment in the last 90 days; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_QUALITY, [at - DAYS])
        return [RuleQuality(*row) for row in cursor.fetchall()]
