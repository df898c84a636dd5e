"""Who belongs to a group, by API: invited, taken in, given a role, and leaving."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from apps.chamas import operations, policies
from apps.chamas.api import looking, shapes
from apps.chamas.api.door import TAGS, Room, member_of, people
from apps.chamas.models import (
    CHOOSES_WHEN_TO_HEAR,
    ChamaGroup,
    GroupInvitation,
    GroupInvitationStatus,
    GroupStatus,
    LeaveNotice,
    Membership,
    MembershipStatus,
)
from apps.chamas.operations import books
from apps.chamas.operations.leave import hindrances
from apps.chamas.queries import newest_confirmed
from apps.kernel.clock import now
from apps.kernel.money import Money
from apps.kernel.throttles import caller_of, require
from apps.users.api.auth import read
from apps.users.doors import signed_in

_PHONE = OpenApiExample("A neighbour", {"phone": "0722 000 114"}, request_only=True)


def _context(group: ChamaGroup, room: Room) -> dict[str, Any]:
    """Who asks, and who accepted the newest of the rules that hold or wait."""
    found = looking.constitution(group)
    version = found["proposed"] if found["in_force"] is None else found["in_force"]
    accepted = looking.accepted_by(group, [version]).get(version.pk, set()) if version else set()
    return {"user": signed_in(room.request), "accepted": accepted}


@extend_schema(tags=TAGS)
class Members(Room):
    """Who belongs to a group."""

    serializer_class = shapes.GroupMemberShown

    @extend_schema(operation_id="chamas_members_list", responses=shapes.GroupMemberShown(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """By number. Officers also see who asked to join and waits for their answer."""
        group = self.group()
        shown = [MembershipStatus.ACTIVE]
        if policies.is_officer(self.own(group)):
            shown.append(MembershipStatus.ASKED)
        page = self.paginate_queryset(people(group).filter(status__in=shown).order_by("number")) or []
        rows = shapes.GroupMemberShown(page, many=True, context=_context(group, self))
        return self.get_paginated_response(rows.data)

    @extend_schema(
        operation_id="chamas_members_invite", request=shapes.InviteToGroup, responses={202: None}, examples=[_PHONE]
    )
    def post(self, request: Request, slug: str) -> Response:
        """Ask a phone to join. Whoever holds it answers for themself."""
        phone = read(shapes.InviteToGroup, request)["phone"]
        # Each one sends an SMS to a number of the sender's choice.
        require("otp", caller_of(request), policies.INVITES_TOO_OFTEN)
        operations.invite(group=self.group(), phone=phone, by=signed_in(request), at=now())
        return Response(status=202)


@extend_schema(tags=TAGS)
class DecideOnAsker(Room):
    """An officer's answer to who asked."""

    @extend_schema(request=shapes.DecideOnAsker, responses=shapes.GroupMemberShown)
    def post(self, request: Request, slug: str, number: int) -> Response:
        """Take them in, or not."""
        group = self.group()
        take_in, row = read(shapes.DecideOnAsker, request)["take_in"], member_of(group, number)
        row = operations.decide_on_asker(member=row, take_in=take_in, by=signed_in(request), at=now())
        return Response(shapes.GroupMemberShown(row, context=_context(group, self)).data)


@extend_schema(tags=TAGS)
class MemberRole(Room):
    """What a member does for the group."""

    @extend_schema(request=shapes.GiveRole, responses=shapes.GroupMemberShown)
    def post(self, request: Request, slug: str, number: int) -> Response:
        """The chair gives roles while the group comes together; after that, propose the act ROLE."""
        group = self.group()
        role, row = read(shapes.GiveRole, request)["role"], member_of(group, number)
        row = operations.give_role(member=row, role=role, by=signed_in(request), at=now())
        return Response(shapes.GroupMemberShown(row, context=_context(group, self)).data)


@extend_schema(tags=TAGS)
class GroupInvitations(Room):
    """Invitations that wait for an answer."""

    @extend_schema(operation_id="chamas_invitations_open", responses=shapes.InvitationShown(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """To officers alone: at most fifty wait at a time."""
        group = self.group()
        policies.require_officer(signed_in(request), group)
        waiting = GroupInvitation.objects.filter(
            group=group, status=GroupInvitationStatus.OPEN, expires_at__gt=now()
        ).order_by("-pk")
        page = self.paginate_queryset(waiting) or []
        return self.get_paginated_response(shapes.InvitationShown(page, many=True).data)


@extend_schema(tags=TAGS)
class WithdrawInvitation(Room):
    """An invitation taken back."""

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, slug: str, public_id: str) -> Response:
        """Before it is answered."""
        rows = GroupInvitation.objects.filter(group=self.group()).select_related("group")
        invitation = get_object_or_404(rows, public_id=public_id)
        operations.withdraw_invitation(invitation=invitation, by=signed_in(request), at=now())
        return Response(status=204)


@extend_schema(tags=TAGS)
class MyInvitations(GenericAPIView[Any]):
    """What groups ask of one's phone."""

    throttle_scope = "money"
    filter_backends = ()
    queryset = GroupInvitation.objects.none()
    serializer_class = shapes.InvitedShown

    @extend_schema(operation_id="chamas_invitations_mine", responses=shapes.InvitedShown(many=True))
    def get(self, request: Request) -> Response:
        """Those that wait for one's answer, the newest first."""
        digest = GroupInvitation._meta.get_field("phone_print").digest(str(signed_in(request).phone))
        waiting = GroupInvitation.objects.filter(
            phone_print=digest, status=GroupInvitationStatus.OPEN, expires_at__gt=now()
        )
        page = self.paginate_queryset(waiting.select_related("group", "invited_by").order_by("-pk")) or []
        return self.get_paginated_response(shapes.InvitedShown(page, many=True).data)


@extend_schema(tags=TAGS)
class AnswerInvitation(GenericAPIView[Any]):
    """One's answer to a group."""

    throttle_scope = "money"
    queryset = GroupInvitation.objects.none()
    lookup_field = "public_id"

    @extend_schema(request=shapes.AnswerInvitation, responses={204: None})
    def post(self, request: Request, public_id: str) -> Response:
        """Join, or say no."""
        accept = read(shapes.AnswerInvitation, request)["accept"]
        row = get_object_or_404(GroupInvitation.objects.select_related("group"), public_id=public_id)
        operations.answer_invitation(invitation=row, accept=accept, by=signed_in(request), at=now())
        return Response(status=204)


@extend_schema(tags=TAGS)
class OwnBalance(Room):
    """What is one's own in a group, and one's word that it is right."""

    @extend_schema(operation_id="chamas_balance", responses=shapes.OwnBalanceShown)
    def get(self, request: Request, slug: str) -> Response:
        """As of one's newest row."""
        return Response(self._shown(self.own(self.group())))

    @extend_schema(
        operation_id="chamas_balance_confirm",
        request=shapes.ConfirmBalance,
        responses={201: shapes.OwnBalanceShown},
        examples=[OpenApiExample("Right", {"entry": "6f1c2c8e-8a8c-4b8e-9d55-0f6f3f6a1b2c"}, request_only=True)],
    )
    def post(self, request: Request, slug: str) -> Response:
        """It is right, as it was looked at; 409 when it has changed since. What is wrong is disputed by its row."""
        asked, group = read(shapes.ConfirmBalance, request), self.group()
        operations.confirm_balance(group=group, entry=asked["entry"], by=signed_in(request), at=now())
        return Response(self._shown(self.own(group)), status=201)

    def _shown(self, own: Membership) -> dict[str, Any]:
        newest, group = newest_confirmed(own), self.group()
        shown = {
            "currency": group.currency,
            "minors": books.balances(group, member=own),
            "entry": newest.public_id if newest else None,
            "confirmed_at": newest.confirmed_at if newest else None,
        }
        return dict(shapes.OwnBalanceShown(shown).data)


@extend_schema(tags=TAGS)
class WhenToHear(Room):
    """When an officer or an auditor hears of what members pay in."""

    @extend_schema(operation_id="chamas_hears", responses=shapes.HearsShown)
    def get(self, request: Request, slug: str) -> Response:
        """As chosen, or by the role: the treasurer of each payment at once, everybody of all the next morning."""
        return Response(self._shown(self.own(self.group())))

    @extend_schema(
        operation_id="chamas_hears_choose",
        request=shapes.ChooseHears,
        responses=shapes.HearsShown,
        examples=[OpenApiExample("In one line", {"hears": "NEXT_MORNING"}, request_only=True)],
    )
    def post(self, request: Request, slug: str) -> Response:
        """Officers and auditors choose; 403 for others."""
        asked, group = read(shapes.ChooseHears, request), self.group()
        own = operations.choose_when_to_hear(group=group, hears=asked["hears"], by=signed_in(request), at=now())
        return Response(self._shown(own))

    def _shown(self, own: Membership) -> dict[str, Any]:
        said = {"hears": operations.hears(own), "may_choose": own.role in CHOOSES_WHEN_TO_HEAR}
        return dict(shapes.HearsShown(said).data)


@extend_schema(tags=TAGS)
class Leave(Room):
    """Leaving a group."""

    @extend_schema(operation_id="chamas_leave_look", responses=shapes.LeaveShown)
    def get(self, request: Request, slug: str) -> Response:
        """What one would take along today, and what stands in the way."""
        return Response(self._shown(self.group()))

    @extend_schema(operation_id="chamas_leave", request=None, responses={201: shapes.LeaveShown, 204: None})
    def post(self, request: Request, slug: str) -> Response:
        """Give notice. After its days the group settles: somebody proposes the act SETTLE_LEAVER.

        Of a group that has not begun one leaves at once (204): nothing was paid in.
        """
        group = self.group()
        if group.status == GroupStatus.FORMING:
            operations.leave_forming(group=group, by=signed_in(request), at=now())
            return Response(status=204)
        operations.give_notice(group=group, by=signed_in(request), at=now())
        return Response(self._shown(group), status=201)

    @extend_schema(operation_id="chamas_leave_withdraw", request=None, responses=shapes.LeaveShown)
    def delete(self, request: Request, slug: str) -> Response:
        """Stay after all."""
        group = self.group()
        operations.withdraw_notice(group=group, by=signed_in(request), at=now())
        return Response(self._shown(group))

    def _shown(self, group: ChamaGroup) -> dict[str, Any]:
        own, at = self.own(group), now()
        done = operations.settlement_of(own, at=at)
        notice = LeaveNotice.objects.filter(member=own, withdrawn_at=None, settled_at=None).first()
        parts = {
            "savings": done.savings,
            "shares": done.shares,
            "ahead": done.ahead,
            "loan": done.principal + done.interest,
            "fines": done.fines,
            "fee": done.fee,
            "net": done.net,
        }
        shown: dict[str, Any] = {name: Money(minor, group.currency) for name, minor in parts.items()}
        shown |= {
            "notice_given_at": notice.given_at if notice else None,
            "leaves_from": notice.leaves_from if notice else None,
            "hindrances": hindrances(own, at=at),
        }
        return dict(shapes.LeaveShown(shown).data)
