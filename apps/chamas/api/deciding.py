"""Decisions of a group by API: proposed, voted on, signed by officers with their proof, tried again, taken back."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.chamas import acts, operations
from apps.chamas.api.door import TAGS, Named, Room
from apps.chamas.api.facts import ACTS, PAYS_OUT, AskAct, facts_of
from apps.chamas.models import ChamaGroup, Membership, Proposal, ProposalStatus, VoteChoice
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.idempotency import idempotent, key_of
from apps.kernel.money import Money
from apps.kernel.serializers import MoneyField
from apps.payments.api.places import prove
from apps.payments.api.serializers import ChallengeShown
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.doors import signed_in

_MONEY = {"amount": "3000.00", "currency": "KES"}
_PROPOSE = [
    OpenApiExample("Savings out", {"act": "WITHDRAW_SAVINGS", "member": 4, "amount": _MONEY}, request_only=True),
    OpenApiExample("A turn of the merry-go-round", {"act": "PAY_TURN", "member": 2}, request_only=True),
    OpenApiExample(
        "Welfare",
        {"act": "PAY_WELFARE", "member": 3, "what": "Bereavement", "happened_on": "2026-11-20"},
        request_only=True,
    ),
]


class SignedShown(serializers.Serializer[Any]):
    """An officer's word."""

    member = Named()
    is_approval = serializers.BooleanField()
    because = serializers.CharField()
    at = serializers.DateTimeField()


class TallyShown(serializers.Serializer[Any]):
    """Votes of those who are members today and whose own matter it is not."""

    voters = serializers.IntegerField()
    yes = serializers.IntegerField()
    no = serializers.IntegerField()
    abstained = serializers.IntegerField()


class ProposalShown(serializers.Serializer[Proposal]):
    """Something the group is asked to do, and how far it has come."""

    id = serializers.UUIDField(source="public_id")
    act = serializers.ChoiceField(choices=ACTS)
    act_name = serializers.SerializerMethodField(help_text="In the language of the request")
    amount = serializers.SerializerMethodField(help_text="What would leave the group")
    why = serializers.CharField()
    concerned = serializers.SerializerMethodField(help_text="Numbers of members who neither vote nor sign")
    made_by = Named()
    made_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField(help_text="The end of voting")
    lapses_at = serializers.DateTimeField(help_text="Until when it can be done")
    is_voted_on = serializers.BooleanField()
    sign_offs_needed = serializers.IntegerField()
    signed: Any = SignedShown(source="sign_offs.all", many=True)
    votes = serializers.SerializerMethodField()
    my_vote = serializers.SerializerMethodField()
    status = serializers.ChoiceField(choices=ProposalStatus.choices)
    because = serializers.CharField(help_text="Why it could not be done yet")
    reference = serializers.CharField(help_text="What people quote, once it is done")

    def get_act_name(self, row: Proposal) -> str:
        """`Pay out savings`"""
        return str(acts.act(row.act).name)

    @extend_schema_field(MoneyField())
    def get_amount(self, row: Proposal) -> Any:
        """Nothing for what moves no money."""
        return MoneyField().to_representation(Money(row.amount_minor, self.context["group"].currency))

    def get_concerned(self, row: Proposal) -> list[int]:
        """By number."""
        numbers: dict[int, int] = self.context["numbers"]
        return sorted(numbers[pk] for pk in row.concerned if pk in numbers)

    @extend_schema_field(TallyShown)
    def get_votes(self, row: Proposal) -> dict[str, int]:
        """So far."""
        voters = self.context["voters"] - set(row.concerned)
        said = [vote.choice for vote in row.votes.all() if vote.member_id in voters]
        return {
            "voters": len(voters),
            "yes": said.count(VoteChoice.YES),
            "no": said.count(VoteChoice.NO),
            "abstained": said.count(VoteChoice.ABSTAIN),
        }

    @extend_schema_field(serializers.ChoiceField(choices=VoteChoice.choices, allow_null=True))
    def get_my_vote(self, row: Proposal) -> str | None:
        """One's own; null when there is none."""
        own = self.context["own"].pk
        return next((vote.choice for vote in row.votes.all() if vote.member_id == own), None)


class OneProposalShown(ProposalShown):
    """A proposal in its own words."""

    says = serializers.SerializerMethodField(help_text="What it asks for, in the language of the request")

    def get_says(self, row: Proposal) -> str:
        """What was asked about and is gone since is called by the name of its act."""
        act = acts.act(row.act)
        try:
            return act.describe(self.context["group"], row.facts)
        except DomainError:
            return str(act.name)


class DecideOnAct(Strict):
    """A vote, or an officer's name with its proof; one of the two."""

    vote = serializers.ChoiceField(choices=VoteChoice.choices, required=False)
    approve = serializers.BooleanField(required=False)
    because = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    challenge = serializers.UUIDField(required=False, allow_null=True, default=None)
    code = serializers.CharField(max_length=12, required=False, allow_blank=True, default="")
    credential = serializers.JSONField(required=False, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two."""
        if ("vote" in attrs) == ("approve" in attrs):
            raise serializers.ValidationError("Send either vote or approve.")
        return attrs


def _shown(room: Room, group: ChamaGroup, rows: Sequence[Proposal], shape: Any = ProposalShown) -> Any:
    """Rows of one page in two queries more than the rows."""
    people = Membership.objects.filter(group=group).values_list("pk", "number", "status", "role")
    everybody = list(people)
    context = {
        "group": group,
        "own": room.own(group),
        "numbers": {pk: number for pk, number, _status, _role in everybody},
        "voters": {pk for pk, _number, status, role in everybody if status == "ACTIVE" and role != "AUDITOR"},
    }
    return shape(rows, many=True, context=context).data


def _rows(group: ChamaGroup) -> Any:
    rows = Proposal.objects.filter(group=group).select_related("made_by__user", "group")
    return rows.prefetch_related("votes", "sign_offs__member__user").order_by("-pk")


def _one(room: Room, group: ChamaGroup, public_id: Any) -> Any:
    row = get_object_or_404(_rows(group), public_id=public_id)
    return _shown(room, group, [row], OneProposalShown)[0]


class Proposals(Room):
    """Things a group is asked to do."""

    serializer_class = ProposalShown
    only: tuple[str, ...] = ()

    def _list(self) -> Response:
        group = self.group()
        rows = _rows(group).filter(act__in=self.only) if self.only else _rows(group)
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(_shown(self, group, page))

    def _propose(self, request: Request) -> Response:
        asked, group = read(AskAct, request), self.group()
        if self.only and asked["act"] not in self.only:
            raise serializers.ValidationError({"act": [f"One of {', '.join(self.only)}."]})
        row = operations.propose(
            group=group,
            act=asked["act"],
            facts=facts_of(group, asked),
            why=asked["why"],
            key=f"api/{key_of(request) or uuid.uuid4().hex}",
            by=signed_in(request),
            at=now(),
        )
        return Response(_one(self, group, row.public_id), status=201)


@extend_schema(tags=TAGS)
class Approvals(Proposals):
    """Everything a group decides or decided."""

    @extend_schema(operation_id="chamas_approvals_list", responses=ProposalShown(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The newest first, with who has signed and how the votes stand."""
        return self._list()

    @extend_schema(
        operation_id="chamas_approvals_propose", request=AskAct, responses={201: OneProposalShown}, examples=_PROPOSE
    )
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        """Ask the group for something. Two officers at least sign what takes money out; the rules say what is voted on.

        Nobody signs or votes on their own.
        """
        return self._propose(request)


@extend_schema(tags=TAGS)
class Payouts(Proposals):
    """Money that leaves a group for its members."""

    only = PAYS_OUT

    @extend_schema(operation_id="chamas_payouts_list", responses=ProposalShown(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """Turns, savings, welfare, dividends, share-outs: asked for, done, turned down; the newest first."""
        return self._list()

    @extend_schema(
        operation_id="chamas_payouts_propose", request=AskAct, responses={201: OneProposalShown}, examples=_PROPOSE
    )
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        """Propose one; as `POST …/approvals/`, for acts that pay members. No money moves before officers signed."""
        return self._propose(request)


@extend_schema(tags=TAGS)
class OneApproval(Room):
    """One proposal."""

    @extend_schema(operation_id="chamas_approvals_retrieve", responses=OneProposalShown)
    def get(self, request: Request, slug: str, public_id: str) -> Response:
        """In its own words."""
        return Response(_one(self, self.group(), public_id))


class _Act(Room):
    """Something done with one proposal."""

    def _proposal(self, public_id: Any) -> Proposal:
        rows = Proposal.objects.filter(group=self.group()).select_related("group", "version")
        found: Proposal = get_object_or_404(rows, public_id=public_id)
        return found


@extend_schema(tags=TAGS)
class ChallengeSignOff(_Act):
    """The proof of an officer."""

    @extend_schema(request=None, responses={201: ChallengeShown})
    def post(self, request: Request, slug: str, public_id: str) -> Response:
        """Ask for it before approving money that leaves; it is bound to this proposal and its amount."""
        row = operations.challenge_sign_off(proposal=self._proposal(public_id), by=signed_in(request), at=now())
        return Response(ChallengeShown.of(row), status=201)


@extend_schema(tags=TAGS)
class DecideOnProposal(_Act):
    """A member's vote or an officer's name."""

    @extend_schema(
        request=DecideOnAct,
        responses=OneProposalShown,
        examples=[
            OpenApiExample("A vote", {"vote": "YES"}, request_only=True),
            OpenApiExample(
                "An officer, with proof",
                {"approve": True, "challenge": "6f1c2c8e-8a8c-4b8e-9d55-0f6f3f6a1b2c", "code": "418203"},
                request_only=True,
            ),
            OpenApiExample("Turned down", {"approve": False, "because": "The receipt is missing"}, request_only=True),
        ],
    )
    def post(self, request: Request, slug: str, public_id: str) -> Response:
        """Each counts once. The last name or vote needed carries it out; what cannot be done stays PASSED and says why.

        Approving money that leaves wants the proof of `…/challenge/`. One's own: 403 `own_matter`; not an officer: 403.
        """
        asked, user, row = read(DecideOnAct, request), signed_in(request), self._proposal(public_id)
        if "vote" in asked:
            operations.vote(proposal=row, choice=asked["vote"], by=user, at=now())
            return Response(_one(self, row.group, public_id))
        prove(asked, user, now())
        operations.sign_off(
            proposal=row,
            is_approval=asked["approve"],
            because=asked["because"],
            challenge_id=asked["challenge"],
            by=user,
            at=now(),
        )
        return Response(_one(self, row.group, public_id))


@extend_schema(tags=TAGS)
class CarryOut(_Act):
    """What was agreed on, done now."""

    @extend_schema(request=None, responses=OneProposalShown)
    def post(self, request: Request, slug: str, public_id: str) -> Response:
        """An officer tries again what was PASSED and could not be done; once done it is not done again."""
        row = self._proposal(public_id)
        operations.carry_out_again(proposal=row, by=signed_in(request), at=now())
        return Response(_one(self, row.group, public_id))


@extend_schema(tags=TAGS)
class WithdrawProposal(_Act):
    """A proposal taken back."""

    @extend_schema(request=None, responses=OneProposalShown)
    def post(self, request: Request, slug: str, public_id: str) -> Response:
        """By who made it, before it is done."""
        row = self._proposal(public_id)
        operations.withdraw_proposal(proposal=row, by=signed_in(request), at=now())
        return Response(_one(self, row.group, public_id))
