"""Maker-checker, once for the whole bank: one member of staff asks, another allows, then the operation runs.

An app registers a kind with the right it needs and the operation it runs. Approving runs that operation in the same
transaction as the decision, so an approval without its effect, or an effect without its approval, cannot be.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.kernel.confidential import unseen
from apps.kernel.errors import AlreadyAsked, NotAllowed
from apps.kernel.models import Approval, ApprovalStatus
from apps.kernel.money import Money
from apps.kernel.states import Moves
from apps.kernel.written import insert, insert_once

SEES_ALL = "audit_trail.view_audit"
APPROVAL = Moves({ApprovalStatus.PENDING: [ApprovalStatus.APPROVED, ApprovalStatus.RETURNED, ApprovalStatus.WITHDRAWN]})


class Run(Protocol):
    """What an approved request does; answers with facts for the record."""

    def __call__(self, *, payload: dict[str, Any], maker: Any, checker: Any, at: datetime) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing that needs a second person."""

    code: str
    label: str | Promise
    permission: str
    run: Run
    may_decide: Callable[[Any, Approval], None] | None = None  # raises NotAllowed: limits, branch
    returned: Run | None = None  # what a request that is sent back, or withdrawn, leaves behind
    alone: bool = False  # one request about a subject waits at a time; the database sees to it


class Record(Protocol):
    """The audit trail's pen; it stands on the floor above and plugs itself in."""

    def __call__(self, action: str, *, on: Approval, by: Any, at: datetime, **facts: Any) -> None: ...


_kinds: dict[str, Kind] = {}
_recorders: list[Record] = []
_guards: list[Callable[[Any, Approval], None]] = []


def register(kind: Kind) -> None:
    """Declare a kind; called in `AppConfig.ready()`."""
    _kinds[kind.code] = kind


def record_with(record: Record) -> None:
    """Write every request and decision through `record`, in the same transaction."""
    _recorders.append(record)


def guard_with(check: Callable[[Any, Approval], None]) -> None:
    """Ask `check` of whoever is about to decide, whatever the kind; it raises NotAllowed."""
    _guards.append(check)


def kind_of(approval: Approval) -> Kind:
    """The kind of a request."""
    return _kinds[approval.kind]


def label_of(approval: Approval) -> str:
    """Its kind in words; its code once no app declares it any more."""
    kind = _kinds.get(approval.kind)
    return str(kind.label) if kind else approval.kind


@transaction.atomic
def ask(
    *,
    kind: str,
    subject: str,
    payload: dict[str, Any],
    reason: str,
    by: Any,
    at: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    amount: Money | None = None,
) -> Approval:
    """Ask for something that another person must allow. `payload` holds the operation's arguments as primitives.

    Of a kind that stands alone, raises AlreadyAsked while another one about this subject waits. Whoever asks for such
    a one holds no lock that its operation takes: this waits for a decision under way, and that waits for the lock.
    """
    if kind not in _kinds:
        raise KeyError(f"no approval kind {kind!r}")
    if not reason.strip():
        raise NotAllowed(_("Say why: the person who approves it reads your reason."))
    approval = Approval(
        kind=kind,
        subject=subject,
        payload=payload,
        before=before or {},
        after=after or {},
        amount_minor=amount.minor if amount else None,
        currency=amount.currency if amount else "",
        reason=reason.strip(),
        maker=by,
        created_at=at,
        stands_alone=_kinds[kind].alone,
    )
    _put_in_line(approval)
    _write_down("kernel.approval.asked", approval, by, at)
    return approval


def _put_in_line(approval: Approval) -> None:
    if not approval.stands_alone:
        insert([approval])
    elif not insert_once(approval):
        raise AlreadyAsked(
            _(
                "A request about this waits for a second person already. Nothing was changed. "
                "Have that one decided or taken back, then ask again."
            )
        )


@transaction.atomic
def approve(*, approval: Approval, by: Any, at: datetime, note: str = "") -> Approval:
    """Allow it, and do it. Raises NotAllowed, IllegalMove, or the refusal of the operation; then nothing is done."""
    require_may_decide(by, approval)
    _require_maker_works_here(approval)
    APPROVAL.make(approval, ApprovalStatus.APPROVED, checker=by, decided_at=at, answer=note)
    outcome = kind_of(approval).run(payload=approval.payload, maker=approval.maker, checker=by, at=at)
    Approval.objects.filter(pk=approval.pk).update(outcome=outcome)
    approval.outcome = outcome
    _write_down("kernel.approval.approved", approval, by, at)
    return approval


@transaction.atomic
def send_back(*, approval: Approval, by: Any, at: datetime, reason: str) -> Approval:
    """Return it to its maker with a reason; nothing is done. Raises NotAllowed, IllegalMove."""
    require_may_decide(by, approval)
    if not reason.strip():
        raise NotAllowed(_("Say why you return it: its maker reads your reason."))
    APPROVAL.make(approval, ApprovalStatus.RETURNED, checker=by, decided_at=at, answer=reason.strip())
    if returned := kind_of(approval).returned:
        returned(payload=approval.payload, maker=approval.maker, checker=by, at=at)
    _write_down("kernel.approval.returned", approval, by, at)
    return approval


@transaction.atomic
def withdraw(*, approval: Approval, by: Any, at: datetime) -> Approval:
    """Its maker takes it back before anyone decided; nothing is done. Raises NotAllowed, IllegalMove."""
    if by.pk != approval.maker_id:
        raise NotAllowed(_("Only who asked for it can take it back."))
    APPROVAL.make(approval, ApprovalStatus.WITHDRAWN, decided_at=at)
    kind = _kinds.get(approval.kind)
    if kind and kind.returned:
        kind.returned(payload=approval.payload, maker=by, checker=by, at=at)
    _write_down("kernel.approval.withdrawn", approval, by, at)
    return approval


def require_may_decide(who: AbstractBaseUser, approval: Approval) -> None:
    """Four eyes: someone else, who holds the right. Raises NotAllowed."""
    kind = _kinds.get(approval.kind)
    if kind is None:
        raise NotAllowed(_("This kind of request is not decided any more."))
    if who.pk == approval.maker_id:
        raise NotAllowed(_("Another member of staff must decide what you asked for."))
    if not getattr(who, "is_active", False) or not who.has_perm(kind.permission):  # type: ignore[attr-defined]
        raise NotAllowed(_("You do not hold the right to decide this."))
    for check in _guards:
        check(who, approval)
    if kind.may_decide:
        kind.may_decide(who, approval)


def _require_maker_works_here(approval: Approval) -> None:
    """Of the four eyes two are the maker's: what somebody asked for who was stopped since is not done."""
    if not getattr(approval.maker, "is_active", False):
        raise NotAllowed(
            _(
                "Whoever asked for this was suspended or has left. Nothing was done. Return it; if it is right, "
                "another member of staff asks anew."
            )
        )


def decidable_kinds(who: Any) -> list[str]:
    """The kinds this person holds the right to decide."""
    return [kind.code for kind in _kinds.values() if who.has_perm(kind.permission)]


def seen_by(who: Any) -> QuerySet[Approval]:
    """What one asked for, decided or may decide; auditors see all that is not kept from them."""
    theirs = Q(maker=who) | Q(checker=who) | Q(kind__in=decidable_kinds(who))
    return Approval.objects.filter(theirs | ~unseen(who, "kind") if who.has_perm(SEES_ALL) else theirs)


def _write_down(action: str, approval: Approval, by: Any, at: datetime) -> None:
    if not _recorders:
        raise RuntimeError("an approval needs an audit trail: none has plugged itself in")
    for record in _recorders:
        record(action, on=approval, by=by, at=at)
