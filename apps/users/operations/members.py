"""Who belongs to a business: asked by phone, in by their own consent, out by their own wish or an owner's."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.errors import Conflict, NotFound
from apps.notifications import operations as notifications
from apps.users import policies, rules
from apps.users.errors import AlreadyMember, Invalid, LastOwner, TooManyInvitations
from apps.users.events import BusinessMemberChanged, BusinessMemberJoined, BusinessMemberLeft
from apps.users.models import (
    BusinessInvitation,
    BusinessMember,
    BusinessProfile,
    BusinessRole,
    InvitationStatus,
    User,
)
from apps.users.operations.businesses import locked
from apps.users.states import INVITATION

INVITATION_LIFE = timedelta(days=14)
MOST_OPEN = 20  # invitations of one business that wait for an answer


@transaction.atomic
def invite_member(*, business: BusinessProfile, phone: str, role: str, by: User, at: datetime) -> BusinessInvitation:
    """Ask whoever holds a phone to join. The answer and the SMS are the same whether or not they bank here.

    Raises NotFound, NotAllowed, Invalid, AlreadyMember, TooManyInvitations.
    """
    row = locked(business)
    policies.require_owner(by, row)
    number = _read(phone, role)
    _end_what_ran_out(row, at)
    members = BusinessMember.objects.filter(business=row, left_at=None, user__in=User.objects.with_phone(number))
    waiting = BusinessInvitation.objects.filter(business=row, status=InvitationStatus.OPEN)
    digest = BusinessInvitation._meta.get_field("phone_print").digest(number)
    if members.exists() or waiting.filter(phone_print=digest).exists():
        raise AlreadyMember(_("That phone belongs to a member, or was invited and has not answered yet."))
    if waiting.count() >= MOST_OPEN:
        raise TooManyInvitations(_("Too many invitations wait for an answer. Withdraw one first."))
    invitation = BusinessInvitation.objects.create(
        business=row, phone=number, role=role, invited_by=by, created_at=at, expires_at=at + INVITATION_LIFE
    )
    audit_trail.record("users.business.invited", on=row, by=by, at=at, after={"role": role}, customer=by)
    _tell(invitation, at)
    return invitation


@transaction.atomic
def withdraw_invitation(*, invitation: BusinessInvitation, by: User, at: datetime) -> None:
    """Take an invitation back before it is answered. Raises NotFound, NotAllowed, IllegalMove."""
    row = locked(invitation.business)
    policies.require_owner(by, row)
    INVITATION.make(invitation, InvitationStatus.WITHDRAWN, decided_at=at)
    audit_trail.record("users.business.invitation_withdrawn", on=row, by=by, at=at, customer=by)


@transaction.atomic
def accept_invitation(*, invitation: BusinessInvitation, by: User, at: datetime) -> BusinessMember:
    """Join, by one's own consent. Raises NotFound, IllegalMove, AlreadyMember."""
    row = _theirs(invitation, by, at)
    if BusinessMember.objects.filter(business=row, user=by, left_at=None).exists():
        raise AlreadyMember(_("You belong to this business already."))
    INVITATION.make(invitation, InvitationStatus.ACCEPTED, decided_at=at)
    member = BusinessMember.objects.create(business=row, user=by, role=invitation.role, joined_at=at)
    audit_trail.record("users.business.member_joined", on=row, by=by, at=at, after={"role": member.role}, customer=by)
    events.publish(BusinessMemberJoined(business_id=row.pk, user_id=by.pk, role=member.role))
    return member


@transaction.atomic
def decline_invitation(*, invitation: BusinessInvitation, by: User, at: datetime) -> None:
    """Say no. Raises NotFound, IllegalMove."""
    row = _theirs(invitation, by, at)
    INVITATION.make(invitation, InvitationStatus.DECLINED, decided_at=at)
    audit_trail.record("users.business.invitation_declined", on=row, by=by, at=at, customer=by)


@transaction.atomic
def change_member(*, member: BusinessMember, role: str, by: User, at: datetime) -> BusinessMember:
    """Give a member another role. Raises NotFound, NotAllowed, Invalid, LastOwner."""
    row = locked(member.business)
    policies.require_owner(by, row)
    if role not in BusinessRole.values:
        raise _no_such_role()
    present = _present(member)
    before = present.role
    if role != BusinessRole.OWNER:
        _require_another_owner(present)
    if role == before:
        return present
    present.role = role
    present.save(update_fields=["role"])
    audit_trail.record(
        "users.business.member_changed",
        on=row,
        by=by,
        at=at,
        before={"member": present.pk, "role": before},
        after={"member": present.pk, "role": role},
        customer=present.user,
    )
    events.publish(BusinessMemberChanged(business_id=row.pk, user_id=present.user_id, role=role))
    return present


@transaction.atomic
def remove_member(*, member: BusinessMember, by: User, at: datetime) -> None:
    """Leave, or as an owner take another off. Raises NotFound, NotAllowed, LastOwner."""
    row = locked(member.business)
    present = _present(member)
    if present.user_id != by.pk:
        policies.require_owner(by, row)
    _require_another_owner(present)
    present.left_at = at
    present.save(update_fields=["left_at"])
    action = "users.business.member_left" if present.user_id == by.pk else "users.business.member_removed"
    audit_trail.record(action, on=row, by=by, at=at, before={"role": present.role}, customer=present.user)
    events.publish(BusinessMemberLeft(business_id=row.pk, user_id=present.user_id))


def _read(phone: str, role: str) -> str:
    if role not in BusinessRole.values:
        raise _no_such_role()
    try:
        return rules.phone(phone)
    except rules.Unreadable as no:
        raise Invalid(str(no), errors={"phone": [str(no)]}) from no


def _no_such_role() -> Invalid:
    words = _("There is no such role.")
    return Invalid(words, errors={"role": [words]})


def _end_what_ran_out(business: BusinessProfile, at: datetime) -> None:
    """Invitations whose time has passed make room for new ones."""
    old = BusinessInvitation.objects.filter(business=business, status=InvitationStatus.OPEN, expires_at__lte=at)
    old.update(status=InvitationStatus.WITHDRAWN, decided_at=at)


def _tell(invitation: BusinessInvitation, at: datetime) -> None:
    phone = str(invitation.phone)
    known = User.objects.with_phone(phone).first()
    notifications.send_to_address(
        "users.business_invited",
        phone=phone,
        language=known.language if known else (get_language() or "en")[:2],
        context={"inviter": rules.half_name(invitation.invited_by.full_name)},
        at=at,
        key=f"users/business-invitation/{invitation.public_id}",
    )


def _theirs(invitation: BusinessInvitation, by: User, at: datetime) -> BusinessProfile:
    """The business behind an invitation that this person may answer now. Raises NotFound, Conflict."""
    if not BusinessInvitation.objects.to_person(by).filter(pk=invitation.pk).exists():
        raise NotFound(_("There is no such invitation."))
    if invitation.status == InvitationStatus.OPEN and invitation.expires_at <= at:
        raise Conflict(_("This invitation has run out. Ask the business for a new one."))
    return locked(invitation.business)


def _present(member: BusinessMember) -> BusinessMember:
    row = BusinessMember.objects.select_related("user").filter(pk=member.pk, left_at=None).first()
    if row is None:
        raise NotFound(_("There is no such member."))
    return row


def _require_another_owner(member: BusinessMember) -> None:
    others: Any = BusinessMember.objects.filter(
        business=member.business_id, role=BusinessRole.OWNER, left_at=None
    ).exclude(pk=member.pk)
    if member.role == BusinessRole.OWNER and not others.exists():
        raise LastOwner(_("The last owner cannot leave. Make another member an owner first, or close the business."))
