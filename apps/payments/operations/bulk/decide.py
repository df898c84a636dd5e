"""Asking for a batch and allowing it: proof by whoever asks, proof by whoever allows, and never the same person."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from apps.accounts import operations as accounts
from apps.audit_trail import operations as audit_trail
from apps.fraud.errors import PaymentBlocked
from apps.fx import queries as fx
from apps.kernel import approvals, events
from apps.kernel.errors import DomainError, IllegalMove, NotAllowed
from apps.kernel.money import Money
from apps.ledger.errors import BooksBusy
from apps.payments import policies
from apps.payments.errors import (
    BadRowsLeft,
    BatchTooLarge,
    NothingToPay,
    PaymentExpired,
    RepeatsNotMeant,
    RowsChanged,
)
from apps.payments.events import BulkSubmitted
from apps.payments.models import BulkPayment, BulkSignature, BulkStatus, Eyes, RowStatus
from apps.payments.operations.bulk.check import check
from apps.payments.operations.bulk.run import begin, run_off
from apps.payments.operations.bulk.uninvolved import require_for_others
from apps.payments.states import BULK
from apps.users import operations as people
from apps.users.models import StepUpChallenge, User
from apps.users.operations.businesses import locked as locked_business
from apps.users.queries import system_user

BULK_APPROVAL = "payments.bulk_payment"
GOOD_FOR = timedelta(days=7)  # a batch that waited longer is brought again: people leave and accounts close
TAKEN_BACK = gettext_noop("Taken back by its maker.")
SENT_BACK = gettext_noop("Sent back to its maker.")
_LIVE = [BulkStatus.WAITING, BulkStatus.RUNNING, BulkStatus.DONE, BulkStatus.PARTLY_FAILED]


def bound_to(bulk: BulkPayment, act: str) -> dict[str, Any]:
    """What a proof is bound to: the act, the batch, what leaves the account, and the seal of who gets what."""
    return {
        "operation": f"payments.bulk.{act}",
        "subject": f"bulk/{bulk.public_id}",
        "amount": bulk.needed,
        "payee": f"{bulk.name}, {bulk.good_count} x [{bulk.rows_hash[:8]}]",
    }


def challenge(*, bulk: BulkPayment, act: str, by: User, at: datetime, method: str = "") -> StepUpChallenge:
    """Ask for proof of `act`: submit or approve; of what would begin it, only when its account could pay it now.

    Raises NotFound, NotAllowed, IllegalMove, SecondPersonNeeded, TooSoon, AccountClosed, AccountNotActive,
    InsufficientFunds, LimitExceeded: then no code was sent.
    """
    if act == "approve":
        policies.require_may_decide(by, bulk)
        _require(bulk, BulkStatus.WAITING)
        begins = not policies.is_of_business(bulk) or policies.has_enough(bulk, also=by)
    else:
        policies.require_may_submit(by, bulk)
        _require(bulk, BulkStatus.CHECKED)
        begins = policies.eyes_of(bulk, by) == Eyes.OWN
    if begins:
        _require_could_begin(bulk, is_own=act != "approve", at=at)
    return people.challenge(user=by, at=at, method=method, **bound_to(bulk, act))


def _require_could_begin(bulk: BulkPayment, *, is_own: bool, at: datetime) -> None:
    """Whether its account could pay what can be paid of it; taking the money asks again under its locks."""
    rows = bulk.rows.filter(status=RowStatus.READY).values_list("amount_minor", flat=True)
    amounts = [Money(minor or 0, bulk.currency) for minor in rows]
    if amounts:
        accounts.require_could_leave(
            account=bulk.from_account, amounts=amounts, cost=bulk.fee + bulk.duty, limited=is_own, at=at
        )


def submit(
    *,
    bulk: BulkPayment,
    challenge_id: Any,
    by: User,
    at: datetime,
    leave_out_bad: bool = False,
    accept_repeats: bool = False,
) -> BulkPayment:
    """Ask for it to be paid. It then waits for a second person, or begins at once where it is one's own money.

    Everything is checked once more first; when that changes what would be paid, nothing is asked for. Raises NotFound,
    NotAllowed, IllegalMove, RowsChanged, BadRowsLeft, RepeatsNotMeant, NothingToPay, BatchTooLarge,
    SecondPersonNeeded, StepUpRequired; and where it begins at once, what beginning raises. Then nothing moved.
    """
    policies.require_may_submit(by, bulk)
    _require(bulk, BulkStatus.CHECKED)
    seen = bulk.rows_hash
    bulk = check(bulk=bulk, at=at)
    if bulk.rows_hash != seen:
        raise RowsChanged(_("Something changed since this was checked. No money moved. Look at it again."))
    with transaction.atomic():
        bulk = _locked_with_members(bulk)
        policies.require_may_submit(by, bulk)
        _require_payable(bulk, at, leave_out_bad=leave_out_bad, accept_repeats=accept_repeats)
        eyes = policies.eyes_of(bulk, by)
        people.use(challenge_id=challenge_id, user=by, at=at, **bound_to(bulk, "submit"))
        BULK.make(
            bulk,
            BulkStatus.WAITING,
            eyes=eyes.value,
            submitted_by=by,
            submitted_at=at,
            leaves_out_bad=leave_out_bad,
            accepts_repeats=accept_repeats,
        )
        audit_trail.record("payments.bulk.submitted", on=bulk, by=by, at=at, after=facts(bulk), customer=_holder(bulk))
        events.publish(BulkSubmitted(bulk_id=bulk.pk, minor=bulk.needed.minor, currency=bulk.currency))
        if eyes == Eyes.BANK:
            _ask_the_bank(bulk, by, at)
        said = begin(bulk, decided_by=None, at=at) if eyes == Eyes.OWN else ""
    _tell_when_blocked(said, bulk)
    return bulk


def _require_payable(bulk: BulkPayment, at: datetime, *, leave_out_bad: bool, accept_repeats: bool) -> None:
    """Under the lock of the batch."""
    _require(bulk, BulkStatus.CHECKED)
    if not bulk.good_count:
        raise NothingToPay(_("None of the rows can be paid. No money moved. Correct the file and bring it again."))
    if bulk.bad_count and not leave_out_bad:
        words = _("%(n)s rows cannot be paid. No money moved. Correct them, or say that they are left out.")
        raise BadRowsLeft(words % {"n": bulk.bad_count}, bad=bulk.bad_count)
    if not accept_repeats and (bulk.rows.filter(is_double=True).exists() or earlier_of(bulk)):
        raise RepeatsNotMeant(
            _("Somebody is paid twice, or this file was brought before. No money moved. Say that it is meant.")
        )
    most = Money(settings.BULK_MOST_TOTAL_MINOR, settings.HOME_CURRENCY)
    if fx.in_home(bulk.needed, at) > most:
        raise BatchTooLarge(_("One batch can be at most %(most)s. No money moved. Split it.") % {"most": most})


def earlier_of(bulk: BulkPayment) -> BulkPayment | None:
    """A batch of the same account with the very same file that is paid or about to be."""
    same = BulkPayment.objects.filter(from_account=bulk.from_account_id, file_sha256=bulk.file_sha256)
    return same.filter(status__in=_LIVE).exclude(pk=bulk.pk).order_by("-pk").first()


def _ask_the_bank(bulk: BulkPayment, by: User, at: datetime) -> None:
    approval = approvals.ask(
        kind=BULK_APPROVAL,
        subject=f"bulk/{bulk.public_id}",
        payload={"bulk": bulk.pk, "rows_hash": bulk.rows_hash},
        after=facts(bulk),
        amount=bulk.needed,
        reason=bulk.name,
        by=by,
        at=at,
    )
    BulkPayment.objects.filter(pk=bulk.pk).update(approval=approval)
    bulk.approval = approval


def approve(*, bulk: BulkPayment, challenge_id: Any, by: User, at: datetime) -> BulkPayment:
    """Allow a business's batch, and begin it: what was shown is what runs. Approved before, it is answered as it is.
    Where the mandate of its account asks for more than two, it begins with the last signature.

    Raises NotFound, NotAllowed, IllegalMove, StepUpRequired, RowsChanged, PaymentExpired, PaymentBlocked, and what
    taking the money raises (InsufficientFunds, AccountNotActive …); then nothing moved and it goes on waiting.
    """
    policies.require_may_decide(by, bulk)
    with transaction.atomic():
        bulk = _locked_with_members(bulk)
        policies.require_may_decide(by, bulk)
        if bulk.decided_by_id == by.pk and bulk.status != BulkStatus.REJECTED:
            return bulk
        _require(bulk, BulkStatus.WAITING)
        _require_undecided(bulk)
        _require_fresh(bulk, at)
        people.use(challenge_id=challenge_id, user=by, at=at, **bound_to(bulk, "approve"))
        if not _is_last_signature(bulk, by, at):
            return bulk
        said = begin(bulk, decided_by=by, at=at)
        audit_trail.record("payments.bulk.approved", on=bulk, by=by, at=at, after=facts(bulk), customer=_holder(bulk))
    _tell_when_blocked(said, bulk)
    return bulk


def _is_last_signature(bulk: BulkPayment, by: User, at: datetime) -> bool:
    """Whether nobody else must sign: a mandate may ask for more than the two that every batch needs, and who asked for
    it may have left since.
    """
    if not policies.is_of_business(bulk):
        return True
    BulkSignature.objects.get_or_create(bulk=bulk, user=by, defaults={"at": at})
    audit_trail.record("payments.bulk.signed", on=bulk, by=by, at=at, customer=_holder(bulk))
    return policies.has_enough(bulk)


def approve_for_bank(*, bulk: BulkPayment, by: User, at: datetime, note: str = "") -> BulkPayment:
    """Allow the bank's own batch by the maker-checker engine. Raises NotAllowed, IllegalMove, and as beginning does."""
    if bulk.approval is None:
        raise IllegalMove(_("This batch is not waiting for approval. Nothing was done."))
    approvals.approve(approval=bulk.approval, by=by, at=at, note=note)
    bulk.refresh_from_db()
    return bulk


@transaction.atomic
def run_approved(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The bank's own batch, allowed by another member of staff, who gets nothing of it. Raises Connected."""
    bulk = locked(payload["bulk"])
    _require(bulk, BulkStatus.WAITING)
    _require_undecided(bulk)
    _require_fresh(bulk, at)
    if payload["rows_hash"] != bulk.rows_hash:
        raise RowsChanged(_("What would be paid is not what was asked for. No money moved. Bring the file again."))
    require_for_others(bulk, checker)
    said = begin(bulk, decided_by=checker, at=at)
    return {"batch": bulk.reference, "screen": said, "status": bulk.status}


@transaction.atomic
def return_asked(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """Sent back to its maker, or taken back by them: nothing moved. One cancelled meanwhile stays cancelled."""
    bulk = locked(payload["bulk"])
    if bulk.status == BulkStatus.WAITING and checker.pk == maker.pk:
        BULK.make(bulk, BulkStatus.CANCELLED, ended_at=at, ended_because=TAKEN_BACK)
    elif bulk.status == BulkStatus.WAITING and not bulk.in_review:
        BULK.make(bulk, BulkStatus.REJECTED, decided_by=checker, ended_at=at, ended_because=SENT_BACK)
    return {"status": bulk.status}


@transaction.atomic
def reject(*, bulk: BulkPayment, reason: str, by: User, at: datetime) -> BulkPayment:
    """Do not allow a business's batch: nothing moved. Raises NotFound, NotAllowed, IllegalMove."""
    policies.require_may_decide(by, bulk)
    if not reason.strip():
        raise NotAllowed(_("Say why: whoever made it reads your reason."))
    bulk = locked(bulk.pk)
    _require_undecided(bulk)
    BULK.make(bulk, BulkStatus.REJECTED, decided_by=by, ended_at=at, ended_because=reason.strip()[:200])
    audit_trail.record("payments.bulk.rejected", on=bulk, by=by, at=at, reason=reason, customer=_holder(bulk))
    return bulk


@transaction.atomic
def cancel(*, bulk: BulkPayment, by: User, at: datetime) -> BulkPayment:
    """Drop a batch that does not run yet. Raises NotFound, NotAllowed, IllegalMove."""
    policies.require_may_act(by, bulk)
    bulk = locked(bulk.pk)
    _require_undecided(bulk)
    BULK.make(bulk, BulkStatus.CANCELLED, ended_at=at)
    audit_trail.record("payments.bulk.cancelled", on=bulk, by=by, at=at, customer=_holder(bulk))
    return bulk


def go_on_after_review(*, bulk: BulkPayment, at: datetime) -> BulkPayment:
    """The bank looked at it and it may go on. When the account cannot pay any more, it ends, and nothing moved."""
    try:
        with transaction.atomic():
            bulk = locked(bulk.pk)
            if bulk.in_review and bulk.status == BulkStatus.WAITING:
                run_off(bulk, at)
            return bulk
    except BooksBusy:
        raise  # nobody's fault: told again, it goes on
    except DomainError as no:
        return stop(bulk=bulk, because=str(no), at=at)


@transaction.atomic
def stop(*, bulk: BulkPayment, because: str, at: datetime) -> BulkPayment:
    """The bank looked at it and it may not go on, or it cannot: nothing moved. Told again, it changes nothing."""
    bulk = locked(bulk.pk)
    if bulk.in_review and bulk.status == BulkStatus.WAITING:
        BULK.make(bulk, BulkStatus.REJECTED, in_review=False, ended_at=at, ended_because=because[:200])
        audit_trail.record("payments.bulk.stopped", on=bulk, by=system_user(), at=at, reason=because)
    return bulk


def locked(pk: int) -> BulkPayment:
    """The batch as it stands now, held until the transaction ends."""
    rows = BulkPayment.objects.select_for_update(of=("self",))
    return rows.select_related("from_account__owner", "from_account__product", "business", "submitted_by").get(pk=pk)


def _locked_with_members(bulk: BulkPayment) -> BulkPayment:
    """As `locked`, the business before it: who belongs to it, and its mandate, stay while signatures are counted.

    Raises NotFound of a business that was closed.
    """
    if bulk.business is not None:
        locked_business(bulk.business)
    return locked(bulk.pk)


def facts(bulk: BulkPayment) -> dict[str, str]:
    """What the audit trail and an approver read of a batch."""
    doubles = bulk.rows.filter(is_double=True).count()
    strange = bulk.rows.filter(status="READY", name_match="DIFFERENT").count()
    said = {
        "name": bulk.name,
        "payees": bulk.good_count,
        "left_out": bulk.bad_count,
        "amount": bulk.total,
        "cost": bulk.fee + bulk.duty,
        "file": bulk.file_name,
        "file_sha256": bulk.file_sha256,
        "rows_sha256": bulk.rows_hash,
        "paid_twice": doubles,
        "other_names": strange,
    }
    return {name: str(value) for name, value in said.items()}


def _require(bulk: BulkPayment, status: str) -> None:
    if bulk.status != status:
        raise IllegalMove(_("This batch has moved on. Nothing was done. Look at it again."))


def _require_undecided(bulk: BulkPayment) -> None:
    if bulk.in_review:
        raise IllegalMove(_("We are looking at this batch, so it cannot be changed now. No money moved."))


def _require_fresh(bulk: BulkPayment, at: datetime) -> None:
    if bulk.submitted_at and bulk.submitted_at + GOOD_FOR <= at:
        raise PaymentExpired(_("This batch waited for more than 7 days. No money moved. Bring the file again."))


def _tell_when_blocked(said: str, bulk: BulkPayment) -> None:
    """Outside the transaction, so that what the screen wrote stays."""
    if said == "BLOCK":
        raise PaymentBlocked(
            _("We could not make this payment. No money moved. If you meant it, call us: quote %(reference)s.")
            % {"reference": bulk.reference}
        )


def _holder(bulk: BulkPayment) -> User:
    return bulk.from_account.owner
