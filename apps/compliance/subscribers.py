"""What compliance hears of other watchers: each becomes an alert, once."""

from apps.audit_trail.events import ChainBroken
from apps.compliance import operations
from apps.fraud.events import TransactionBlocked, TransactionFlagged
from apps.fraud.models import FraudCheck
from apps.fx import queries as fx
from apps.fx.errors import RatesStale
from apps.kernel.clock import now
from apps.kernel.events import subscribe
from apps.kernel.money import Money
from apps.kyc.events import ScreeningConfirmed, ScreeningHitFound
from apps.kyc.models import ScreeningHit
from apps.kyc.operations.screening import check_name
from apps.payments.events import TransferWaits
from apps.payments.models import IncomingTransfer
from apps.payments.operations.banks.receiving import LISTED
from apps.users.events import GlassBroken


@subscribe(TransactionFlagged)
def hear_of_held_payments(event: TransactionFlagged) -> None:
    """The screen held a payment."""
    _of_fraud(event.reference, event.user_id)


@subscribe(TransactionBlocked)
def hear_of_blocked_payments(event: TransactionBlocked) -> None:
    """The screen, or a person, stopped one; when it was held before, that is known."""
    _of_fraud(event.reference, event.user_id)


@subscribe(ScreeningHitFound)
def hear_of_hits(event: ScreeningHitFound) -> None:
    """A customer may be on a watch list."""
    _of_screening(event.hit_id, event.user_id, is_confirmed=False)


@subscribe(ScreeningConfirmed)
def hear_of_confirmed_hits(event: ScreeningConfirmed) -> None:
    """A customer is on a watch list."""
    _of_screening(event.hit_id, event.user_id, is_confirmed=True)


@subscribe(TransferWaits)
def hear_of_frozen_transfers(event: TransferWaits) -> None:
    """Another bank's customer who may be on a sanctions list sent money to one of ours: it is frozen."""
    if event.reason != LISTED:
        return
    row = IncomingTransfer.objects.select_related("account").get(pk=event.incoming_id)
    listed = next(iter(check_name(row.payer_name)), None)
    if listed is None or row.account is None:
        return
    facts: dict[str, object] = {"listed": listed.listed_name, "list": listed.party.watch_list.name}
    facts["transfer"] = row.reference
    operations.raise_alert(
        source="SCREENING", subject_id=row.account.owner_id, key=f"incoming/{row.pk}", facts=facts,
        amount_minor=_worth(row.amount), at=now(),
    )  # fmt: skip


@subscribe(ChainBroken)
def hear_of_broken_chains(event: ChainBroken) -> None:
    """The audit trail is not as it was sealed: a case of the bank itself."""
    operations.raise_alert(
        source="CHAIN", subject_id=None, key=f"check/{event.check_id}", facts={"first_break": event.first_break},
        at=now(),
    )  # fmt: skip


@subscribe(GlassBroken)
def hear_of_broken_glass(event: GlassBroken) -> None:
    """A member of staff sees a customer beyond their role: asked about at once."""
    operations.hear_of_glass(glass_id=event.glass_id, staff_id=event.viewer_id, at=now())


def _worth(amount: Money) -> int:
    """In home minor units, as alerts are weighed; nothing without a rate: an alert is not lost for want of one."""
    try:
        return fx.in_home(amount, now()).minor
    except RatesStale:
        return 0


def _of_fraud(reference: str, user_id: int) -> None:
    check = FraudCheck.objects.filter(reference=reference).order_by("-pk").first()
    facts: dict[str, object] = {"reference": reference, "reasons": check.reasons if check else []}
    if check is not None:
        facts["paid"] = str(Money(check.amount_minor, check.currency))
    amount = _worth(Money(check.amount_minor, check.currency)) if check else 0
    operations.raise_alert(
        source="FRAUD", subject_id=user_id, key=reference[:120], facts=facts, amount_minor=amount, at=now()
    )


def _of_screening(hit_id: int, user_id: int, *, is_confirmed: bool) -> None:
    hit = ScreeningHit.objects.select_related("watch_list").get(pk=hit_id)
    facts = {"hit": hit_id, "listed": hit.listed_name, "list": hit.watch_list.name, "confirmed": is_confirmed}
    key = f"hit/{hit_id}/{hit.found_at:%Y%m%d%H%M%S}" + ("/confirmed" if is_confirmed else "")
    operations.raise_alert(source="SCREENING", subject_id=user_id, key=key, facts=facts, at=now())
