"""What an alert says, in a sentence with its figures, and what a case is called."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.models import Transaction, TransactionType
from apps.compliance.models import Severity, SuspiciousActivityAlert
from apps.kernel.money import Money
from apps.users.models import User

_ORDER = {Severity.HIGH: 0, Severity.MEDIUM: 1, Severity.LOW: 2}


def names() -> dict[str, str]:
    """What each rule and watcher is called."""
    return {
        "STRUCTURING": _("Deposits kept below the cash report"),
        "RAPID_IN_OUT": _("Money in, and out again fast"),
        "DORMANT_ACTIVE": _("A quiet account wakes"),
        "ROUND_TRIP": _("Money that comes back through others"),
        "ROUND_AMOUNTS": _("Many round amounts"),
        "VELOCITY": _("Far more payments than usual"),
        "CASH_OVER": _("Cash over the reporting threshold"),
        "MANY_TO_ONE": _("Many senders, one receiver"),
        "ONE_TO_MANY": _("One sender, many receivers"),
        "DRAIN": _("An account emptied in hours"),
        "CORRIDOR": _("Money to a high-risk country"),
        "CHAMA_THROUGH": _("Money passed through a group of savers"),
        "FRAUD": _("Held or stopped by the screen of payments"),
        "SCREENING": _("A match with a watch list"),
        "CHAIN": _("The audit trail is broken"),
    }


def name(code: str) -> str:
    """What one is called."""
    return names().get(code, code)


def sentence(alert: SuspiciousActivityAlert) -> str:
    """What was seen, with its figures."""
    facts = alert.facts
    told: dict[str, Any] = {
        **facts,
        "actual": alert.actual,
        "amount": kes(alert.amount_minor),
        "paid": facts.get("paid") or kes(alert.amount_minor),
        "share": _share(alert.actual),
        "minutes": _long(facts.get("minutes", 0)),
    }
    patterns = {
        "STRUCTURING": _("%(count)s deposits below the cash report make %(amount)s within %(days)s days"),
        "RAPID_IN_OUT": _("%(share)s of new money left within %(minutes)s"),
        "DORMANT_ACTIVE": _("%(amount)s moved after %(quiet_days)s quiet days"),
        "ROUND_TRIP": _("%(share)s of %(amount)s came back through %(others)s others within %(days)s days"),
        "ROUND_AMOUNTS": _("%(count)s round amounts within %(days)s days, %(amount)s in all"),
        "VELOCITY": _("%(count)s payments out in one day"),
        "CASH_OVER": _("%(amount)s in cash in one day"),
        "MANY_TO_ONE": _("%(parties)s senders within %(minutes)s, %(amount)s in all"),
        "ONE_TO_MANY": _("%(parties)s receivers within %(minutes)s, %(amount)s in all"),
        "DRAIN": _("%(share)s of the balance left within %(hours)s hours, %(amount)s in all"),
        "CORRIDOR": _("%(amount)s sent to %(countries)s"),
        "CHAMA_THROUGH": _("%(amount)s taken out of %(group)s, %(share)s of what others paid in within %(days)s days"),
        "FRAUD": _("The screen held or stopped a payment of %(paid)s"),
        "SCREENING": _("May be %(listed)s of %(list)s"),
        "CHAIN": _("A record is not as it was sealed: %(first_break)s"),
    }
    if alert.code == "SCREENING" and facts.get("transfer"):
        return _("Who sent %(transfer)s from another bank may be %(listed)s of %(list)s; the money is frozen") % told
    if alert.code == "SCREENING" and facts.get("confirmed"):
        return _("Is %(listed)s of %(list)s: confirmed by a person") % told
    return patterns[alert.code] % told


def others(alert: SuspiciousActivityAlert) -> list[User]:
    """Whom the rule saw on the way of the same money besides, in the order of time."""
    parties = sorted(alert.parties.all(), key=lambda party: (party.first_at, party.pk))
    people = {party.person_id: party.person for party in parties if party.person_id != alert.subject_id}
    return list(people.values())


def measure(alert: SuspiciousActivityAlert) -> str:
    """Where the rule begins, and what is usual for this customer; nothing for other watchers."""
    if alert.threshold is None:
        return ""
    begins = _("The rule fires at %(threshold)s.") % {"threshold": in_unit(alert.code, alert.threshold)}
    if alert.usual is None:
        return begins
    if alert.code == "VELOCITY":
        return f"{begins} {_('Usual for this customer: %(usual)s a day.') % {'usual': alert.usual}}"
    monthly = _("Usual for this customer: %(usual)s a month in.")
    if alert.code == "CHAMA_THROUGH":
        monthly = _("Usual for this group: %(usual)s a month in.")
    return f"{begins} {monthly % {'usual': kes(alert.usual)}}"


def way(line: Transaction) -> str:
    """What kind of movement a line is, as it stands on this side: what a payer calls sent, the paid call received."""
    came = {
        TransactionType.EXTERNAL_TRANSFER: _("From another bank"),
        TransactionType.P2P_TRANSFER: _("From a person"),
        TransactionType.INTERNATIONAL_REMITTANCE: _("From abroad"),
    }
    given = came.get(TransactionType(line.txn_type)) if line.amount_minor > 0 else None
    return given or str(line.get_txn_type_display())


def in_unit(code: str, figure: int) -> str:
    """A figure in its rule's unit."""
    if code in {"STRUCTURING", "CASH_OVER", "CORRIDOR"}:
        return kes(figure)
    if code in {"RAPID_IN_OUT", "ROUND_TRIP", "DRAIN", "CHAMA_THROUGH"}:
        return _share(figure)
    if code == "DORMANT_ACTIVE":
        return ngettext("%(n)s quiet day", "%(n)s quiet days", figure) % {"n": figure}
    return str(figure)


def title(alerts: Sequence[SuspiciousActivityAlert]) -> str:
    """Why a case is here, in one sentence: its weightiest alert, and how many more there are."""
    if not alerts:
        return _("A case without alerts")
    first = min(alerts, key=lambda alert: (_ORDER[Severity(alert.severity)], -alert.amount_minor, alert.pk))
    more = len(alerts) - 1
    if not more:
        return sentence(first)
    return ngettext("%(first)s, and %(n)s more sign", "%(first)s, and %(n)s more signs", more) % {
        "first": sentence(first), "n": more,
    }  # fmt: skip


def kes(minor: int) -> str:
    """An amount of the home currency."""
    amount = Money(abs(minor), "KES").amount
    return f"{'−' if minor < 0 else ''}KES\u00a0{amount:,.2f}"


def _share(thousandths: int | None) -> str:
    return f"{(thousandths or 0) / 10:g}%"


def _long(minutes: Any) -> str:
    whole = int(float(minutes or 0))
    if whole >= 120:
        return ngettext("%(n)s hour", "%(n)s hours", whole // 60) % {"n": whole // 60}
    return ngettext("%(n)s minute", "%(n)s minutes", whole) % {"n": whole}
