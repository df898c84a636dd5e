"""Coming into a group: by its code and an officer's yes, or by an invitation to one's phone."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import Account
from apps.accounts.queries import main_account
from apps.audit_trail import operations as audit_trail
from apps.chamas import policies
from apps.chamas.errors import AlreadyMember, GroupNotOpen, Invalid, RoleTaken, TooManyGroups
from apps.chamas.events import AskedToJoin, MemberJoined, RoleGiven
from apps.chamas.models import (
    OFFICERS,
    ChamaGroup,
    GroupInvitation,
    GroupInvitationStatus,
    GroupRole,
    GroupStatus,
    Membership,
    MembershipStatus,
)
from apps.chamas.operations import books
from apps.chamas.references import new_member_reference
from apps.chamas.states import INVITATION, MEMBERSHIP
from apps.kernel import events
from apps.kernel.errors import NotAllowed, NotFound
from apps.kernel.money import Money
from apps.notifications import operations as notifications
from apps.users import rules as people
from apps.users.models import User

INVITATION_LIFE = timedelta(days=14)
MOST_GROUPS = 20  # of one person
MOST_MEMBERS = 500
MOST_OPEN = 50  # invitations of one group that wait for an answer
_BELONGS = (MembershipStatus.ASKED, MembershipStatus.ACTIVE)


def add_member(*, group: ChamaGroup, user: User, role: str, by: User, at: datetime, asked: bool = False) -> Membership:
    """A new row for somebody who comes in, or (`asked`) waits for an officer; the group is locked by the caller.

    Raises AlreadyMember, TooManyGroups, RoleTaken, NotAllowed for who has no account here.
    """
    account = _paid_on(user, group)
    if Membership.objects.filter(user=user, status__in=_BELONGS).count() >= MOST_GROUPS:
        raise TooManyGroups(_("You can be in at most %(most)s groups. Nothing was done.") % {"most": MOST_GROUPS})
    if Membership.objects.filter(group=group, status__in=_BELONGS).count() >= MOST_MEMBERS:
        raise TooManyGroups(_("This group is full. Nothing was done."))
    last = Membership.objects.filter(group=group).aggregate(last=Max("number"))["last"] or 0
    member = Membership(
        group=group,
        user=user,
        account=account,
        number=last + 1,
        reference=new_member_reference(),
        role=role,
        status=MembershipStatus.ASKED if asked else MembershipStatus.ACTIVE,
        asked_at=at,
        joined_at=None if asked else at,
        decided_by=None if asked else by,
    )
    _write(member)
    if not asked:
        _tell_joined(member, by, at)
    return member


def hold_accounts(user: User) -> None:
    """Lock the accounts of who comes in, before the group: the one they will be paid on is not closed meanwhile."""
    account = main_account(user)
    if account is not None:
        accounts.lock([accounts.into(account, Money(1, account.currency), "")], with_siblings=True)


def _paid_on(user: User, group: ChamaGroup) -> Account:
    """Where a member will pay from and be paid. Raises NotAllowed for who has no account here."""
    account = main_account(user)
    if account is None or account.currency != group.currency:
        raise NotAllowed(_("A member needs an account here in the group's currency. Nothing was done."))
    return account


def _write(member: Membership) -> None:
    try:
        with transaction.atomic():
            member.save()
    except IntegrityError as no:
        if "a_person_is_in_a_group_once" in str(no):
            raise AlreadyMember(_("You belong to this group already, or wait for its answer.")) from no
        if "a_group_has_one_of_each_officer" in str(no):
            raise RoleTaken(_("Another member has this role. Nothing was done.")) from no
        raise


def _tell_joined(member: Membership, by: User, at: datetime) -> None:
    audit_trail.record(
        "chamas.member.joined", on=member.group, by=by, at=at, after={"role": member.role}, customer=member.user
    )
    events.publish(MemberJoined(group_id=member.group_id, member_id=member.pk, user_id=member.user_id))


@transaction.atomic
def ask_to_join(*, join_code: str, by: User, at: datetime) -> Membership:
    """Ask by the group's code; an officer says yes or no. Raises NotFound, AlreadyMember, TooManyGroups, NotAllowed."""
    code = "".join(join_code.split()).upper()
    found = ChamaGroup.objects.open().filter(join_code=code).first() if code else None
    if found is None:
        raise NotFound(_("No group has this code. Look at it again, or ask who gave it to you."))
    member = add_member(group=_open(found), user=by, role=GroupRole.MEMBER, by=by, at=at, asked=True)
    audit_trail.record("chamas.member.asked", on=found, by=by, at=at, customer=by)
    events.publish(AskedToJoin(group_id=found.pk, member_id=member.pk))
    return member


@transaction.atomic
def decide_on_asker(*, member: Membership, take_in: bool, by: User, at: datetime) -> Membership:
    """Take somebody in who asked, or not. Raises NotFound, NotAllowed, IllegalMove, GroupNotOpen."""
    accounts.lock([accounts.into(member.account, Money(1, member.account.currency), "")], with_siblings=True)
    group = _open(member.group)
    policies.require_officer(by, group)
    if take_in:
        account = _paid_on(member.user, group)  # what they asked with may be closed by now
        MEMBERSHIP.make(member, MembershipStatus.ACTIVE, joined_at=at, decided_by=by, account=account)
        _tell_joined(member, by, at)
        return member
    MEMBERSHIP.make(member, MembershipStatus.DECLINED, decided_by=by)
    audit_trail.record("chamas.member.declined", on=group, by=by, at=at, customer=member.user)
    return member


@transaction.atomic
def invite(*, group: ChamaGroup, phone: str, by: User, at: datetime) -> GroupInvitation:
    """Ask whoever holds a phone to join. The answer and the SMS are the same whether or not they bank here.

    Raises NotFound, NotAllowed, Invalid, AlreadyMember, TooManyGroups, GroupNotOpen.
    """
    held = _open(group)
    policies.require_officer(by, held)
    number = _read(phone)
    waiting = GroupInvitation.objects.filter(group=held, status=GroupInvitationStatus.OPEN)
    waiting.filter(expires_at__lte=at).update(status=GroupInvitationStatus.WITHDRAWN, decided_at=at)
    digest = GroupInvitation._meta.get_field("phone_print").digest(number)
    there = Membership.objects.filter(group=held, status__in=_BELONGS, user__in=User.objects.with_phone(number))
    if there.exists() or waiting.filter(phone_print=digest).exists():
        raise AlreadyMember(_("That phone belongs to a member, or was asked and has not answered yet."))
    if waiting.count() >= MOST_OPEN:
        raise TooManyGroups(_("Too many invitations wait for an answer. Withdraw one first."))
    made = GroupInvitation.objects.create(
        group=held, phone=number, invited_by=by, created_at=at, expires_at=at + INVITATION_LIFE
    )
    audit_trail.record("chamas.member.invited", on=held, by=by, at=at, customer=by)
    _send(made, number, at)
    return made


def _send(invitation: GroupInvitation, phone: str, at: datetime) -> None:
    known = User.objects.with_phone(phone).first()
    notifications.send_to_address(
        "chamas.invited",
        phone=phone,
        language=known.language if known else (get_language() or "en")[:2],
        context={"inviter": people.half_name(invitation.invited_by.full_name)},
        at=at,
        key=f"chamas/invitation/{invitation.public_id}",
    )


@transaction.atomic
def withdraw_invitation(*, invitation: GroupInvitation, by: User, at: datetime) -> None:
    """Take an invitation back before it is answered. Raises NotFound, NotAllowed, IllegalMove."""
    policies.require_officer(by, invitation.group)
    INVITATION.make(invitation, GroupInvitationStatus.WITHDRAWN, decided_at=at)
    audit_trail.record("chamas.member.invitation_withdrawn", on=invitation.group, by=by, at=at, customer=by)


@transaction.atomic
def answer_invitation(*, invitation: GroupInvitation, accept: bool, by: User, at: datetime) -> Membership | None:
    """Join by own consent, or say no. Raises NotFound, IllegalMove, AlreadyMember, TooManyGroups, GroupNotOpen."""
    digest = GroupInvitation._meta.get_field("phone_print").digest(str(by.phone))
    if bytes(invitation.phone_print) not in digest.any_of or invitation.expires_at <= at:
        raise NotFound(_("There is no such invitation, or its time is over. Ask the group for a new one."))
    if not accept:
        INVITATION.make(invitation, GroupInvitationStatus.DECLINED, decided_at=at)
        audit_trail.record("chamas.member.invitation_declined", on=invitation.group, by=by, at=at, customer=by)
        return None
    hold_accounts(by)
    group = _open(invitation.group)
    INVITATION.make(invitation, GroupInvitationStatus.ACCEPTED, decided_at=at)
    return add_member(group=group, user=by, role=GroupRole.MEMBER, by=by, at=at)


@transaction.atomic
def give_role(*, member: Membership, role: str, by: User, at: datetime) -> Membership:
    """Give a member another role while the group comes together; later a resolution does it (`by` is then the bank).

    Who holds an officer's role keeps it until somebody else has it: roles are swapped. Raises NotFound, NotAllowed,
    Invalid, IllegalMove, GroupNotOpen.
    """
    group = _open(member.group)
    if not by.is_service:
        policies.require_role(by, group, GroupRole.CHAIR)
        if group.status != GroupStatus.FORMING:
            raise NotAllowed(_("The group has begun, so members vote on who its officers are. Nothing was done."))
    if role not in GroupRole.values:
        raise Invalid(_("There is no such role. Nothing was done."), errors={"role": ["unknown"]})
    held = {row.pk: row for row in Membership.objects.select_for_update().active().filter(group=group).order_by("pk")}
    own = held.get(member.pk)
    if own is None:
        raise NotFound(_("There is no such member, or they have left."))
    holder = next((row for row in held.values() if role in OFFICERS and row.role == role), None)
    if own.role == role:
        return own
    require_kept(own, holder, role)
    _swap(own, holder, role)
    audit_trail.record("chamas.member.role_given", on=group, by=by, at=at, after={"role": role}, customer=own.user)
    events.publish(RoleGiven(group_id=group.pk, member_id=own.pk, role=role))
    return own


def require_kept(member: Membership, holder: Membership | None, role: str) -> None:
    """An officer's post is not left empty: nobody else could give it back while the group forms. Raises NotAllowed."""
    if member.role in OFFICERS and member.role != role and (holder is None or role not in OFFICERS):
        raise NotAllowed(
            _(
                "The group would be without its %(role)s. Give that role to another member instead: the two swap."
                " Nothing was done."
            )
            % {"role": GroupRole(member.role).label}
        )


def _swap(member: Membership, holder: Membership | None, role: str) -> None:
    """The new role for one, the old one for who had it; by way of plain membership, which any number may have."""
    before = member.role
    if holder is not None:
        Membership.objects.filter(pk__in=[member.pk, holder.pk]).update(role=GroupRole.MEMBER)
        Membership.objects.filter(pk=holder.pk).update(role=before)
    Membership.objects.filter(pk=member.pk).update(role=role)
    member.role = role


def _read(phone: str) -> str:
    try:
        return people.phone(phone)
    except people.Unreadable as no:
        raise Invalid(str(no), errors={"phone": [str(no)]}) from no


def _open(group: ChamaGroup) -> ChamaGroup:
    """The group, locked; not a closed one. Raises GroupNotOpen."""
    held = books.locked(group)
    if held.status == GroupStatus.CLOSED:
        raise GroupNotOpen(_("This group is closed. Nothing was done."))
    return held
