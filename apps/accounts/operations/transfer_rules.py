"""Automatic transfers as their owner arranges them: set up, changed, paused, one left out, ended.

No proof is asked: the money stays with the same person, as when they move it between their accounts by hand.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.errors import BadRule, RuleReused, TooManyRules
from apps.accounts.models import (
    POTS,
    Account,
    AccountStatus,
    AccountType,
    AutoTransferRule,
    RuleCadence,
    RuleKind,
    Transaction,
)
from apps.accounts.rules.transfers import next_due
from apps.audit_trail import operations as audit_trail
from apps.kernel.clock import local_date
from apps.kernel.errors import IllegalMove, NotFound
from apps.kernel.money import Money
from apps.users.models import User

MOST = 20  # rules of one person
FURTHEST = timedelta(days=366)  # how long a rule can be paused


@dataclass(frozen=True, slots=True)
class RuleTerms:
    """What a rule says; which members it needs depends on its kind. Money is in the currency of both accounts."""

    kind: str
    from_account: Account
    to_account: Account | None = None
    amount: Money | None = None
    rate: Decimal | None = None
    threshold: Money | None = None
    floor: Money | None = None
    cadence: str = ""
    day: int | None = None
    priority: int = 0


def terms_of(rule: AutoTransferRule) -> RuleTerms:
    """A rule's terms as they stand."""
    return RuleTerms(
        kind=rule.kind,
        from_account=rule.from_account,
        to_account=rule.to_account,
        amount=rule.amount,
        rate=rule.rate,
        threshold=rule.threshold,
        floor=rule.floor,
        cadence=rule.cadence,
        day=rule.day,
        priority=rule.priority,
    )


@transaction.atomic
def make_rule(*, owner: User, terms: RuleTerms, key: str, by: User, at: datetime) -> AutoTransferRule:
    """Set a rule up; it looks at money from now on. The same `key`, the same rule.

    Raises NotFound, BadRule, TooManyRules, RuleReused.
    """
    _require_theirs(owner, by, terms)
    columns = _columns(terms, at)
    User.objects.select_for_update().get(pk=owner.pk)
    kept = AutoTransferRule.objects.owned_by(owner).kept()
    rule = AutoTransferRule(
        owner=owner, key=key[:120], created_at=at, seen_seq=newest_seq(terms.from_account), **columns
    )
    if kept.count() >= MOST and not kept.filter(key=rule.key).exists():
        raise TooManyRules(_("You have %(most)s rules, which is the most. End one first.") % {"most": MOST})
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError:
        first = AutoTransferRule.objects.select_related("from_account", "to_account").get(owner=owner, key=rule.key)
        if _meant(first) != _meant(rule):
            raise RuleReused(_("This was sent before with other figures. Nothing was changed; start anew.")) from None
        return first
    _record("made", rule, by, at)
    return rule


@transaction.atomic
def change_rule(*, rule: AutoTransferRule, by: User, at: datetime, **changes: Any) -> AutoTransferRule:
    """Other amounts, dates or accounts (members of RuleTerms, but not its kind). Raises NotFound, BadRule."""
    rule = locked_rule(rule, by)
    terms = replace(terms_of(rule), **changes)
    _require_theirs(rule.owner, by, terms)
    columns = _columns(terms, at)
    if (terms.cadence, terms.day) == (rule.cadence, rule.day):
        columns["next_due_on"] = rule.next_due_on
    if terms.from_account.pk != rule.from_account_id:
        columns["seen_seq"] = newest_seq(terms.from_account)
    for name, value in columns.items():
        setattr(rule, name, value)
    rule.save(update_fields=list(columns))
    _record("changed", rule, by, at)
    return rule


@transaction.atomic
def pause_rule(*, rule: AutoTransferRule, until: date | None, by: User, at: datetime) -> AutoTransferRule:
    """Move nothing until a day, or until it is resumed; what goes by meanwhile is not made up for. Raises BadRule."""
    rule = locked_rule(rule, by)
    today = local_date(at)
    if until is not None and not today < until <= today + FURTHEST:
        raise BadRule(_("Pause until a day after today, within a year. Nothing was changed."))
    rule.is_active, rule.paused_until = until is not None, until
    rule.save(update_fields=["is_active", "paused_until"])
    _record("paused", rule, by, at)
    return rule


@transaction.atomic
def resume_rule(*, rule: AutoTransferRule, by: User, at: datetime) -> AutoTransferRule:
    """At work again from now on. Raises NotFound."""
    rule = locked_rule(rule, by)
    today = local_date(at)
    rule.is_active, rule.paused_until, rule.seen_seq = True, None, newest_seq(rule.from_account)
    if rule.next_due_on is not None and rule.next_due_on < today:
        rule.next_due_on = next_due(rule.cadence, rule.day, today - timedelta(days=1))
    rule.save(update_fields=["is_active", "paused_until", "seen_seq", "next_due_on"])
    _record("resumed", rule, by, at)
    return rule


@transaction.atomic
def skip_rule(*, rule: AutoTransferRule, skip: bool, by: User, at: datetime) -> AutoTransferRule:
    """Leave the next transfer out, or do not after all. Raises NotFound."""
    rule = locked_rule(rule, by)
    rule.skip_next = skip
    rule.save(update_fields=["skip_next"])
    _record("skip", rule, by, at)
    return rule


@transaction.atomic
def end_rule(*, rule: AutoTransferRule, by: User, at: datetime) -> AutoTransferRule:
    """End it for good; what it moved stays where it is. Ended again, it stays as it is. Raises NotFound."""
    rule = _locked(rule, by)
    if rule.ended_at is None:
        rule.is_active, rule.ended_at = False, at
        rule.save(update_fields=["is_active", "ended_at"])
        _record("ended", rule, by, at)
    return rule


def end_rules_of(account: Account, at: datetime) -> None:
    """End every rule that takes from an account or gives to it, within the caller's transaction and lock of it."""
    rules = AutoTransferRule.objects.kept().filter(Q(from_account=account) | Q(to_account=account))
    rules.update(is_active=False, ended_at=at)


def newest_seq(account: Account) -> int:
    """The number of an account's newest line."""
    return int(Transaction.objects.filter(account=account).aggregate(seq=Max("seq"))["seq"] or 0)


def locked_rule(rule: AutoTransferRule, who: User) -> AutoTransferRule:
    """One's own rule that has not ended, under its lock. Raises NotFound, IllegalMove."""
    found = _locked(rule, who)
    if found.ended_at is not None:
        raise IllegalMove(_("This rule has ended. Nothing was changed. Make a new one."))
    return found


def _locked(rule: AutoTransferRule, who: User) -> AutoTransferRule:
    """One's own rule under its lock, its accounts locked before it. Raises NotFound."""
    if rule.owner_id != who.pk or not who.is_active:
        raise NotFound(_("There is no such rule, or it is not yours."))
    among = [pk for pk in (rule.from_account_id, rule.to_account_id) if pk]
    list(Account.objects.select_for_update(no_key=True).filter(pk__in=among).order_by("pk").values_list("pk"))
    rows = AutoTransferRule.objects.select_for_update(of=("self",)).select_related(
        "owner", "from_account", "to_account"
    )
    return rows.get(pk=rule.pk)


def _require_theirs(owner: User, by: User, terms: RuleTerms) -> None:
    accounts = [one for one in (terms.from_account, terms.to_account) if one is not None]
    if owner.pk != by.pk or not by.is_active or any(one.owner_id != owner.pk for one in accounts):
        raise NotFound(_("There is no such account, or it is not yours. Nothing was set up."))


def _columns(terms: RuleTerms, at: datetime) -> dict[str, Any]:
    """The terms as they are kept. Raises BadRule for what does not hold together."""
    _require_accounts(terms)
    currency = terms.from_account.currency
    money = {"amount": terms.amount, "threshold": terms.threshold, "floor": terms.floor}
    if any(one is not None and (one.currency != currency or one.minor < 0) for one in money.values()):
        raise BadRule(_("Write amounts in %(currency)s, not below zero. Nothing was set up.") % {"currency": currency})
    _require_figures(terms)
    fixed = terms.kind == RuleKind.FIXED
    return {
        "kind": terms.kind,
        "from_account": terms.from_account,
        "to_account": None if terms.kind == RuleKind.LOAN_DUES else terms.to_account,
        "currency": currency,
        "amount_minor": terms.amount.minor if terms.amount else None,
        "rate": terms.rate if terms.kind == RuleKind.PERCENTAGE else None,
        "threshold_minor": terms.threshold.minor if terms.threshold else None,
        "floor_minor": terms.floor.minor if terms.floor else 0,
        "cadence": terms.cadence if fixed else "",
        "day": terms.day if fixed and terms.cadence != RuleCadence.DAILY else None,
        "next_due_on": next_due(terms.cadence, terms.day, local_date(at)) if fixed else None,
        "priority": terms.priority,
    }


def _require_accounts(terms: RuleTerms) -> None:
    source, to = terms.from_account, terms.to_account
    if source.status != AccountStatus.ACTIVE or source.account_type in POTS:
        raise BadRule(_("Money cannot leave that account by itself. Choose another. Nothing was set up."))
    if terms.kind == RuleKind.LOAN_DUES:
        return
    if to is None or to.pk == source.pk:
        raise BadRule(_("Choose two different accounts. Nothing was set up."))
    if to.status == AccountStatus.CLOSED or to.account_type == AccountType.FIXED_DEPOSIT:
        raise BadRule(_("That account takes no money. Choose another. Nothing was set up."))
    if to.currency != source.currency:
        raise BadRule(_("Both accounts must be in the same currency. Nothing was set up."))


def _require_figures(terms: RuleTerms) -> None:
    floor = terms.floor.minor if terms.floor else 0
    if terms.kind in (RuleKind.FIXED, RuleKind.ROUND_UP) and not terms.amount:
        raise BadRule(_("Write an amount of more than zero. Nothing was set up."))
    if terms.kind == RuleKind.FIXED and (
        terms.cadence not in RuleCadence.values or not 1 <= (terms.day or 1) <= (7 if terms.cadence == "WEEKLY" else 31)
    ):
        raise BadRule(_("Choose how often, and the day: of the week 1 to 7, of the month 1 to 31."))
    if terms.kind == RuleKind.PERCENTAGE and not (terms.rate and 0 < terms.rate <= 1):
        raise BadRule(_("The share is more than 0 and at most 100 per cent. Nothing was set up."))
    if terms.kind == RuleKind.SWEEP_ABOVE and (terms.threshold is None or terms.threshold.minor < floor):
        raise BadRule(_("The amount to leave is at least the floor. Nothing was set up."))
    if terms.kind == RuleKind.TOP_UP_BELOW and not terms.threshold:
        raise BadRule(_("Write the amount to fill up to. Nothing was set up."))
    if terms.kind not in RuleKind.values:
        raise BadRule(_("There is no such rule. Nothing was set up."))


def _meant(rule: AutoTransferRule) -> tuple[Any, ...]:
    names = ("kind", "from_account_id", "to_account_id", "amount_minor", "rate", "threshold_minor", "floor_minor",
             "cadence", "day")  # fmt: skip
    return tuple(getattr(rule, name) for name in names)


def _record(verb: str, rule: AutoTransferRule, by: User, at: datetime) -> None:
    names = ("kind", "amount_minor", "rate", "threshold_minor", "floor_minor", "cadence", "day", "is_active")
    facts = {name: str(getattr(rule, name)) for name in names if getattr(rule, name) not in (None, "")}
    audit_trail.record(f"accounts.transfer_rule.{verb}", on=rule, by=by, at=at, after=facts)
