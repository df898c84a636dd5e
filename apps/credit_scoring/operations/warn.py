"""Early warnings about live loans: raised once for each signal, closed when it has passed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.accounts.queries import holdings
from apps.audit_trail import operations as audit_trail
from apps.credit_scoring import features
from apps.credit_scoring.errors import NothingAgreed
from apps.credit_scoring.events import WarningRaised
from apps.credit_scoring.loan_facts import LoanState, loan_facts
from apps.credit_scoring.models import CreditScore, EarlyWarning
from apps.credit_scoring.operations.predict import predict_default
from apps.credit_scoring.policies import require_may_review
from apps.credit_scoring.rules import watching
from apps.credit_scoring.rules.features import Features
from apps.credit_scoring.states import WARNING, WarningStatus
from apps.kernel import events
from apps.kernel.errors import NotAllowed
from apps.users.models import User
from apps.users.queries import system_user

QUIET = timedelta(days=14)  # after somebody agreed on something, before the same signal is told again


@transaction.atomic
def raise_warning(
    *, user: User, loan_reference: str, signal: str, severity: str, facts: Mapping[str, Any], at: datetime
) -> EarlyWarning:
    """Open a warning; the one that is open already for this loan and signal is answered again."""
    row = EarlyWarning(
        user=user,
        loan_reference=loan_reference,
        signal=signal,
        severity=severity,
        facts=dict(facts),
        raised_at=at,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        live = EarlyWarning.objects.exclude(status=WarningStatus.CLOSED)
        return live.get(loan_reference=loan_reference, signal=signal)
    told = {"signal": signal, "severity": severity, "loan": loan_reference, **facts}
    audit_trail.record("credit_scoring.warning.raised", on=row, by=system_user(), at=at, after=told, customer=user)
    events.publish(
        WarningRaised(
            warning_id=row.pk, user_id=user.pk, loan_reference=loan_reference, signal=signal, severity=severity
        )
    )
    return row


@transaction.atomic
def take_warning(*, warning: EarlyWarning, by: User, at: datetime) -> EarlyWarning:
    """A member of staff works on it. Raises NotAllowed, IllegalMove."""
    require_may_review(by, warning.user)
    WARNING.make(warning, WarningStatus.ACKNOWLEDGED, taken_by=by)
    audit_trail.record("credit_scoring.warning.taken", on=warning, by=by, at=at)
    return warning


@transaction.atomic
def close_warning(*, warning: EarlyWarning, agreed: str, by: User, at: datetime) -> EarlyWarning:
    """Close a warning with what was agreed; the same signal is not raised again for a while (`QUIET`).

    By whoever took it, or anybody while nobody has. Raises NotAllowed, NothingAgreed, IllegalMove.
    """
    require_may_review(by, warning.user)
    if warning.taken_by_id not in (None, by.pk):
        raise NotAllowed(_("Somebody else works on this warning. Nothing was changed."))
    if not agreed.strip():
        raise NothingAgreed(_("Say what was agreed. Nothing was changed."))
    words = " ".join(agreed.split())[:500]
    WARNING.make(warning, WarningStatus.CLOSED, closed_at=at, closed_by=by, agreed=words)
    audit_trail.record("credit_scoring.warning.closed", on=warning, by=by, at=at, after={"agreed": words})
    return warning


@transaction.atomic
def look_for_warnings(*, at: datetime) -> int:
    """Look at every live loan once: raise what is noticed, with a new prediction, and close what has passed.

    Returns how many were raised.
    """
    loans = list(loan_facts().live(at=at))
    noticed = _noticed(loans, at)
    live = EarlyWarning.objects.exclude(status=WarningStatus.CLOSED)
    known = {(row.loan_reference, row.signal): row for row in live}
    settled = EarlyWarning.objects.filter(closed_at__gt=at - QUIET).exclude(closed_by=None)
    agreed = set(settled.values_list("loan_reference", "signal"))
    people = User.objects.in_bulk({loan.user_id for loan in loans})
    raised = 0
    for loan in loans:
        new = {
            signal: told
            for signal, told in noticed[loan.reference].items()
            if (loan.reference, signal) not in known and (loan.reference, signal) not in agreed
        }
        for signal, (severity, facts) in new.items():
            person = people[loan.user_id]
            raise_warning(
                user=person, loan_reference=loan.reference, signal=signal, severity=severity, facts=facts, at=at
            )
        if new:
            predict_default(loan_reference=loan.reference, at=at, by=system_user())
        raised += len(new)
    passed = [row.pk for (reference, signal), row in known.items() if signal not in noticed.get(reference, {})]
    EarlyWarning.objects.filter(pk__in=passed).update(status=WarningStatus.CLOSED, closed_at=at)
    return raised


def _noticed(loans: Sequence[LoanState], at: datetime) -> dict[str, dict[str, tuple[str, dict[str, int | str]]]]:
    ids = sorted({loan.user_id for loan in loans})
    seen = {row.user_id: row.features for row in features.observe(list(User.objects.filter(pk__in=ids)), at=at)}
    newest = CreditScore.objects.filter(user_id__in=ids, computed_at__lte=at).order_by("user_id", "-pk")
    chances = {row.user_id: row.probability_of_default for row in newest.distinct("user_id")}
    available = _available(ids)
    return {
        loan.reference: watching.signals(
            _watched(loan, seen[loan.user_id], available.get(loan.user_id, 0), chances.get(loan.user_id), at)
        )
        for loan in loans
    }


def _watched(loan: LoanState, seen: Features, available: int, chance: Any, at: datetime) -> watching.Watched:
    return watching.Watched(
        days_late=loan.days_late,
        missed=loan.missed,
        money_in_30d_minor=seen.money_in_30d_minor,
        money_in_90d_minor=seen.money_in_90d_minor,
        available_minor=available,
        next_due_minor=loan.next_due_minor,
        days_to_next=None if loan.next_due_at is None else (loan.next_due_at - at).days,
        probability=chance,
        probability_at_decision=loan.probability_at_decision,
    )


def _available(ids: Sequence[int]) -> dict[int, int]:
    """What each may spend on all home-currency accounts together."""
    found: dict[int, int] = {}
    for row in holdings(Account.objects.filter(owner_id__in=ids, currency=settings.HOME_CURRENCY).open()):
        found[row.account.owner_id] = found.get(row.account.owner_id, 0) + row.available.minor
    return found
