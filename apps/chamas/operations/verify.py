"""A group shows the bank what it is founded on: handed in by an officer, agreed to by two of the bank."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.chamas import policies
from apps.chamas.errors import AlreadyDone, GroupNotOpen, Invalid, NotYet
from apps.chamas.events import GroupCheckDecided
from apps.chamas.models import (
    OFFICERS,
    ChamaGroup,
    GroupCheck,
    GroupCheckStatus,
    GroupPaper,
    GroupPaperKind,
    GroupStatus,
    Membership,
)
from apps.chamas.operations import books
from apps.chamas.operations.papers import opened
from apps.chamas.states import GROUP_CHECK
from apps.kernel import approvals, events
from apps.kernel.errors import NotAllowed, NotFound
from apps.kernel.models import Approval
from apps.users.models import Tier, User

VERIFY = "chamas.verify_group"
RIGHT = "kyc.approve_kyc"
ANSWER_WITHIN = timedelta(hours=48)
NEEDED = (GroupPaperKind.REGISTRATION, GroupPaperKind.CONSTITUTION, GroupPaperKind.OFFICIALS)

_MISSING = {
    "REGISTRATION": _("the certificate of registration (or say that the group is not registered)"),
    "CONSTITUTION": _("the constitution or the minutes of the founding"),
    "OFFICIALS": _("the list of officials"),
    "officers": _("all three officers"),
    "officers_papers": _("the own papers of each officer (tier 2)"),
}


def missing(group: ChamaGroup, *, is_registered: bool) -> list[str]:
    """What stands in the way of handing in, as codes: papers by kind, `officers`, `officers_papers`."""
    there = set(GroupPaper.objects.filter(group=group).values_list("kind", flat=True))
    found = [str(kind) for kind in NEEDED if kind not in there and (is_registered or kind != "REGISTRATION")]
    tiers = list(Membership.objects.officers().filter(group=group).values_list("user__kyc_tier", flat=True))
    if len(tiers) < len(OFFICERS):
        found.append("officers")
    if any(tier < Tier.TIER_2 for tier in tiers):
        found.append("officers_papers")
    return found


@transaction.atomic
def hand_in(*, group: ChamaGroup, is_registered: bool, by: User, at: datetime) -> GroupCheck:
    """Hand in the newest paper of each kind; who does it twice handed it in once. An answer is promised in 48 hours.

    Raises NotFound, NotAllowed, AlreadyDone for a verified group, GroupNotOpen, NotYet naming what is missing.
    """
    policies.require_officer(by, group)
    held = books.locked(group)
    if held.status == GroupStatus.CLOSED:
        raise GroupNotOpen(_("This group is closed. Nothing was done."))
    if held.is_verified:
        raise AlreadyDone(_("The bank has verified this group. There is nothing to hand in."))
    live = GroupCheck.objects.filter(group=held, status=GroupCheckStatus.IN_REVIEW).first()
    if live is not None:
        return live
    if codes := missing(held, is_registered=is_registered):
        said = ", ".join(str(_MISSING[code]) for code in codes)
        raise NotYet(_("Something is missing: %(what)s. Nothing was handed in.") % {"what": said}, because=codes)
    row = GroupCheck.objects.create(
        group=held, is_registered=is_registered, handed_in_by=by, handed_in_at=at, answer_by=at + ANSWER_WITHIN
    )
    wanted = NEEDED if is_registered else NEEDED[1:]
    row.papers.set(GroupPaper.objects.filter(group=held, kind__in=wanted).order_by("kind", "-pk").distinct("kind"))
    audit_trail.record("chamas.check.handed_in", on=row, by=by, at=at, after={"registered": is_registered}, customer=by)
    return row


def _require_may(check: GroupCheck, *people: User) -> None:
    """The right, and no part in the group. Raises NotAllowed."""
    for one in people:
        if not one.is_active or not one.has_perm(RIGHT):
            raise NotAllowed(_("You do not hold the right to check papers."))
        policies.require_no_part(one, Membership.objects.filter(group=check.group_id))


def look_at_handed_in(*, check: GroupCheck, paper: GroupPaper, by: User, at: datetime) -> bytes:
    """The bytes of a paper that was handed in, for who checks it; the look is written down first.

    Raises NotAllowed, NotFound, Damaged.
    """
    _require_may(check, by)
    if not check.papers.filter(pk=paper.pk).exists():
        raise NotFound(_("There is no such paper, or it was not handed in."))
    audit_trail.record("chamas.paper.looked_at", on=paper, by=by, at=at, reason=f"Check {check.pk}")
    return opened(paper)


@transaction.atomic
def ask_to_verify(*, check: GroupCheck, reason: str, by: User, at: datetime) -> Approval:
    """One of the bank found the papers right; a second decides. Raises NotAllowed, IllegalMove, AlreadyDone."""
    _require_may(check, by)
    held = _held(check)
    if held.asked_by_id is not None:
        raise AlreadyDone(_("A colleague has asked for the second person already."))
    held.asked_by = by
    held.save(update_fields=["asked_by"])
    return approvals.ask(
        kind=VERIFY,
        subject=f"chamas/{held.group_id}",
        payload={"check": held.pk},
        before={"group": held.group.name, "verified": False},
        after={"group": held.group.name, "verified": True},
        reason=reason,
        by=by,
        at=at,
    )


@transaction.atomic
def run_verification(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The second of the bank agreed: the limits of groups that are not verified end. Raises NotAllowed, IllegalMove."""
    check = GroupCheck.objects.get(pk=payload["check"])
    _require_may(check, maker, checker)
    group = books.locked(check.group)
    held = _held(check)
    _decide(held, GroupCheckStatus.APPROVED, by=checker, at=at, reason="")
    group.is_verified = True
    group.save(update_fields=["is_verified"])
    audit_trail.record("chamas.group.verified", on=group, by=checker, at=at)
    return {"group": group.slug}


@transaction.atomic
def returned_verification(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The second did not agree, or the first took it back: it waits in the queue again."""
    GroupCheck.objects.filter(pk=payload["check"], status=GroupCheckStatus.IN_REVIEW).update(asked_by=None)
    return {}


@transaction.atomic
def refuse_papers(*, check: GroupCheck, reason: str, by: User, at: datetime, kinds: Collection[str] = ()) -> GroupCheck:
    """Say which papers will not do (by kind; all of them when none is named) and why; officers are told and hand in
    anew. Raises NotAllowed, Invalid, AlreadyDone, IllegalMove.
    """
    _require_may(check, by)
    there = list(check.papers.order_by("kind").values_list("kind", flat=True))
    if not set(kinds) <= set(there):
        raise Invalid(_("Name papers that were handed in. Nothing was done."), errors={"papers": ["unknown"]})
    why = " ".join(reason.split())[:300]
    if not why:
        raise Invalid(_("Say why, so that the officers know what to bring."), errors={"reason": ["required"]})
    held = _held(check)
    if held.asked_by_id is not None and held.status == GroupCheckStatus.IN_REVIEW:
        raise AlreadyDone(_("A second person has been asked. Send that request back first; nothing was done."))
    refused = [kind for kind in there if kind in kinds or not kinds]
    return _decide(held, GroupCheckStatus.REJECTED, by=by, at=at, reason=why, refused=refused)


def _held(check: GroupCheck) -> GroupCheck:
    return GroupCheck.objects.select_for_update(of=("self",)).select_related("group").get(pk=check.pk)


def _decide(
    check: GroupCheck, status: GroupCheckStatus, *, by: User, at: datetime, reason: str, refused: Sequence[str] = ()
) -> GroupCheck:
    GROUP_CHECK.make(check, status, decided_by=by, decided_at=at, reason=reason, refused=list(refused))
    is_approved = status == GroupCheckStatus.APPROVED
    action = "chamas.check.approved" if is_approved else "chamas.check.rejected"
    audit_trail.record(action, on=check, by=by, at=at, reason=reason)
    events.publish(GroupCheckDecided(group_id=check.group_id, check_id=check.pk, is_approved=is_approved))
    return check
