"""Goals by API: one's own and those one has joined."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import goals, operations
from apps.accounts.api.rules import own_account
from apps.accounts.models import GoalPicture, MemberStatus, SavingsGoal
from apps.accounts.queries import main_account
from apps.kernel.clock import local_date, now
from apps.kernel.errors import NotFound
from apps.kernel.idempotency import idempotent, key_of
from apps.kernel.serializers import MoneyField
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.doors import signed_in
from apps.users.rules import half_name

TAGS = ["goals"]
EXAMPLE = OpenApiExample(
    "School fees by January",
    {"name": "Karo ya shule", "target": {"amount": "30000.00", "currency": "KES"}, "by_date": "2027-01-04",
     "picture": "SCHOOL"},
    request_only=True,
)  # fmt: skip


class NewGoal(Strict):
    """What to save for, how much, and by when."""

    name = serializers.CharField(max_length=40)
    target = MoneyField(positive=True)
    by_date = serializers.DateField(required=False)
    picture = serializers.ChoiceField(choices=GoalPicture.choices, required=False, default=GoalPicture.SAVINGS)
    locked_until = serializers.DateField(required=False, help_text="Taken out before, it loses unpaid interest")


class ChangeGoal(Strict):
    """What is left out stays."""

    name = serializers.CharField(max_length=40, required=False)
    target = MoneyField(positive=True, required=False)
    by_date = serializers.DateField(required=False, allow_null=True)
    picture = serializers.ChoiceField(choices=GoalPicture.choices, required=False)
    locked_until = serializers.DateField(required=False, help_text="Later than it was, never sooner")


class MoveOfGoal(Strict):
    """Between the goal and an account of one's own."""

    account = serializers.IntegerField(min_value=1, max_value=2**62)
    amount = MoneyField(positive=True)


class TakeOutOfGoal(MoveOfGoal):
    """`break_lock`: before its day, losing the interest that was not paid yet."""

    break_lock = serializers.BooleanField(default=False)


class EndGoal(Strict):
    """Where one's own share goes."""

    account = serializers.IntegerField(min_value=1, max_value=2**62)
    break_lock = serializers.BooleanField(default=False)


class InviteToGoal(Strict):
    """By phone; the answer is the same whether that phone banks here or not."""

    phone = serializers.CharField(max_length=24)


class AnswerToGoal(Strict):
    """Save along, or not."""

    join = serializers.BooleanField()


class ShareShown(serializers.Serializer[Any]):
    """One person's part."""

    name = serializers.CharField()
    share = MoneyField()
    is_me = serializers.BooleanField()


class GoalShown(serializers.Serializer[Any]):
    """A goal with what is saved, whose it is, and the pace that reaches it."""

    id = serializers.UUIDField(source="row.public_id")
    name = serializers.CharField(source="row.name")
    picture = serializers.ChoiceField(choices=GoalPicture.choices, source="row.picture")
    target = MoneyField(source="row.target")
    saved = MoneyField()
    missing = MoneyField()
    percent = serializers.IntegerField()
    by_date = serializers.DateField(source="row.by_date", allow_null=True)
    monthly_pace: Any = MoneyField(source="pace", allow_null=True, help_text="Null without a day, or when it is over")
    locked_until = serializers.DateField(source="row.locked_until", allow_null=True)
    is_mine = serializers.SerializerMethodField()
    my_share = serializers.SerializerMethodField()
    shares = serializers.SerializerMethodField()
    account = serializers.IntegerField(source="row.account_id")
    created_at = serializers.DateTimeField(source="row.created_at")
    closed_at = serializers.DateTimeField(source="row.closed_at", allow_null=True)

    def get_is_mine(self, goal: goals.Goal) -> bool:
        """Whether one owns it."""
        return bool(goal.row.owner_id == self.context["user"].pk)

    @extend_schema_field(MoneyField())
    def get_my_share(self, goal: goals.Goal) -> Any:
        """One's own part of what is saved."""
        return MoneyField().to_representation(goal.share_of(self.context["user"]))

    @extend_schema_field(ShareShown(many=True))
    def get_shares(self, goal: goals.Goal) -> Any:
        """Everybody's part, to those who save together; empty in lists."""
        me, names = self.context["user"].pk, self.context.get("names", {})
        rows = [
            {"name": half_name(names[person]), "share": share, "is_me": person == me}
            for person, share in sorted(goal.shares.items())
            if person in names
        ]
        return ShareShown(rows, many=True).data


class Goals(viewsets.GenericViewSet[SavingsGoal]):
    """What people save for."""

    serializer_class = GoalShown
    queryset = SavingsGoal.objects.none()
    lookup_field = "public_id"
    filter_backends = ()
    throttle_scope = "money"

    def get_queryset(self) -> Any:
        """One's own and those one has joined, the newest first."""
        return SavingsGoal.objects.seen_by(self.request.user).select_related("account", "owner").order_by("-pk")

    @extend_schema(tags=TAGS, responses=GoalShown(many=True))
    def list(self, request: Request) -> Response:
        """Open ones."""
        page = self.paginate_queryset(self.get_queryset().open()) or []
        found = goals.shown(page, local_date(now()))
        return self.get_paginated_response(GoalShown(found, many=True, context={"user": request.user}).data)

    @extend_schema(tags=TAGS, responses=GoalShown)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One, with everybody's share."""
        return self._shown(self._one(public_id))

    @extend_schema(tags=TAGS, request=NewGoal, responses={201: GoalShown}, examples=[EXAMPLE])
    @idempotent
    def create(self, request: Request) -> Response:
        """A pot with an account of its own, empty."""
        asked, user = read(NewGoal, request), signed_in(request)
        goal = operations.make_goal(owner=user, key=key_of(request) or uuid.uuid4().hex, at=now(), **asked)
        return self._shown(goal, status=201)

    @extend_schema(tags=TAGS, request=ChangeGoal, responses=GoalShown)
    def update(self, request: Request, public_id: str) -> Response:
        """Name, target, day, picture, a longer lock: the owner's alone."""
        goal = self._one(public_id)
        asked = read(ChangeGoal, request)
        goal = operations.change_goal(goal=goal, by=signed_in(request), at=now(), **asked)
        return self._shown(goal)

    @extend_schema(tags=TAGS, request=ChangeGoal, responses=GoalShown)
    def partial_update(self, request: Request, public_id: str) -> Response:
        """As PUT."""
        return self.update(request, public_id)

    @extend_schema(tags=TAGS, request=EndGoal, responses={200: GoalShown})
    @idempotent
    def close(self, request: Request, public_id: str) -> Response:
        """End it: interest is paid, and everybody has their share back. The owner's alone."""
        goal = self._one(public_id)
        asked, user = read(EndGoal, request), signed_in(request)
        to = own_account(user, asked["account"])
        operations.close_goal(goal=goal, account=to, by=user, at=now(), breaking=asked["break_lock"])
        return self._shown(self._one(public_id))

    @extend_schema(tags=TAGS, responses={204: None})
    def destroy(self, request: Request, public_id: str) -> Response:
        """As closing it, one's share going to the main account."""
        user, goal = signed_in(request), self._one(public_id)
        account = main_account(user)
        if account is None:
            raise NotFound(_("There is no such account, or it is not yours. No money moved."))
        operations.close_goal(goal=goal, account=account, by=user, at=now())
        return Response(status=204)

    @extend_schema(tags=TAGS, request=MoveOfGoal, responses=GoalShown)
    @idempotent
    def pay_in(self, request: Request, public_id: str) -> Response:
        """From an account of one's own, at once."""
        goal = self._one(public_id)
        asked, user = read(MoveOfGoal, request), signed_in(request)
        goal = operations.pay_into_goal(
            goal=goal,
            account=own_account(user, asked["account"]),
            amount=asked["amount"],
            key=key_of(request) or uuid.uuid4().hex,
            by=user,
            at=now(),
        )
        return self._shown(goal)

    @extend_schema(tags=TAGS, request=TakeOutOfGoal, responses=GoalShown)
    @idempotent
    def take_out(self, request: Request, public_id: str) -> Response:
        """Of one's own share, into an account of one's own."""
        goal = self._one(public_id)
        asked, user = read(TakeOutOfGoal, request), signed_in(request)
        goal = operations.take_out(
            goal=goal,
            account=own_account(user, asked["account"]),
            amount=asked["amount"],
            key=key_of(request) or uuid.uuid4().hex,
            by=user,
            at=now(),
            breaking=asked["break_lock"],
        )
        return self._shown(goal)

    @extend_schema(tags=TAGS, request=InviteToGoal, responses={202: GoalShown})
    def invite(self, request: Request, public_id: str) -> Response:
        """Ask somebody to save along."""
        goal = self._one(public_id)
        phone, user = read(InviteToGoal, request)["phone"], signed_in(request)
        operations.invite(goal=goal, phone=phone, by=user, at=now())
        return self._shown(goal, status=202)

    @extend_schema(tags=TAGS, request=AnswerToGoal, responses={204: None})
    def answer(self, request: Request, public_id: str) -> Response:
        """To an invitation of somebody else."""
        user = signed_in(request)
        asked_of = SavingsGoal.objects.filter(members__user=user, members__status=MemberStatus.INVITED)
        goal = get_object_or_404(asked_of, public_id=public_id)
        join = read(AnswerToGoal, request)["join"]
        operations.answer_invitation(goal=goal, joins=join, by=user, at=now())
        return Response(status=204)

    @extend_schema(tags=TAGS, request=EndGoal, responses={204: None})
    @idempotent
    def leave(self, request: Request, public_id: str) -> Response:
        """Stop saving along, with one's share."""
        goal = self._one(public_id)
        asked, user = read(EndGoal, request), signed_in(request)
        to = own_account(user, asked["account"])
        operations.leave_goal(goal=goal, account=to, by=user, at=now())
        return Response(status=204)

    def _one(self, public_id: str) -> SavingsGoal:
        row: SavingsGoal = get_object_or_404(self.get_queryset(), public_id=public_id)
        return row

    def _shown(self, goal: SavingsGoal, status: int = 200) -> Response:
        user = signed_in(self.request)
        context = {"user": user, "names": goals.names(goal)}
        return Response(GoalShown(goals.one(goal, local_date(now())), context=context).data, status=status)
