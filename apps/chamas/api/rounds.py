"""The merry-go-round by API: rounds started and ordered, words, bids, swaps."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.chamas import operations
from apps.chamas.api.door import TAGS, Named, Room, in_currency
from apps.chamas.models import Membership, Round, RoundStatus, Swap, SwapStatus, Turn
from apps.chamas.rules.constitution import CHOICES
from apps.kernel.clock import now
from apps.kernel.money import Money
from apps.kernel.serializers import MomentField, MoneyField
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.doors import signed_in


class StartRound(Strict):
    """`order` for a fixed round, `until` for one that is drawn or auctioned, as the rules in force say."""

    order = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**31 - 1),
        required=False,
        max_length=500,
        help_text="Every member's number once; in the order of joining when left out",
    )
    until = MomentField(required=False, help_text="Words and bids are taken until then")


class AddWord(Strict):
    """What one puts into a draw."""

    word = serializers.CharField(max_length=40)


class PlaceBid(Strict):
    """What one offers to give up for an early turn."""

    amount = MoneyField(positive=True)


class AskSwap(Strict):
    """Whose turn one would rather have."""

    member = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class AnswerSwap(Strict):
    """Change places, or not."""

    agree = serializers.BooleanField()


class TurnShown(serializers.Serializer[Any]):
    """One member's turn."""

    position = serializers.IntegerField()
    member = Named()
    cycle = serializers.SerializerMethodField(help_text="Whose money it is; null before it has begun")
    gives_up = serializers.SerializerMethodField(help_text="Of the pot, to the others, for an early turn")
    paid = serializers.SerializerMethodField()
    paid_at = serializers.DateTimeField(allow_null=True, help_text="Paid out in full")

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_cycle(self, row: Turn) -> int | None:
        """Its number."""
        return row.cycle.number if row.cycle else None

    @extend_schema_field(MoneyField())
    def get_gives_up(self, row: Turn) -> Any:
        """Nothing but in an auction."""
        return MoneyField().to_representation(Money(row.discount_minor, self.context["currency"]))

    @extend_schema_field(MoneyField())
    def get_paid(self, row: Turn) -> Any:
        """So far."""
        return MoneyField().to_representation(Money(row.paid_minor, self.context["currency"]))


class RoundShown(serializers.Serializer[Any]):
    """A round. While it is ORDERING positions say nothing: they stand by number."""

    id = serializers.UUIDField(source="public_id")
    number = serializers.IntegerField()
    how = serializers.ChoiceField(choices=[one for one in CHOICES["rotation"] if one != "NONE"])
    status = serializers.ChoiceField(choices=RoundStatus.choices)
    until = serializers.DateTimeField(allow_null=True)
    seed_hash = serializers.CharField(help_text="What the bank committed to before anybody added a word")
    seed = serializers.CharField(source="shown_seed", help_text="Shown with the order; its SHA-256 is `seed_hash`")
    started_at = serializers.DateTimeField()
    ordered_at = serializers.DateTimeField(allow_null=True)
    done_at = serializers.DateTimeField(allow_null=True)


class WordShown(serializers.Serializer[Any]):
    """A word in a draw."""

    member = Named()
    word = serializers.CharField()


class SwapShown(serializers.Serializer[Any]):
    """A swap that was asked for."""

    asker: Any = Named(source="asker.member")
    other: Any = Named(source="other.member")
    status = serializers.ChoiceField(choices=SwapStatus.choices)
    asked_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)


class OneRoundShown(RoundShown):
    """A round with all that is needed to do its draw again."""

    turns = serializers.SerializerMethodField()
    words: Any = WordShown(source="words.all", many=True)
    bids = serializers.SerializerMethodField(help_text="How many are in; what they say is nobody's before the deadline")
    swaps = serializers.SerializerMethodField()

    @extend_schema_field(TurnShown(many=True))
    def get_turns(self, row: Round) -> Any:
        """By position."""
        turns = sorted(row.turns.all(), key=lambda one: one.position)
        return TurnShown(turns, many=True, context={"currency": row.currency}).data

    def get_bids(self, row: Round) -> int:
        """How many."""
        return len(row.bids.all())

    @extend_schema_field(SwapShown(many=True))
    def get_swaps(self, row: Round) -> Any:
        """The newest first."""
        rows = Swap.objects.filter(asker__round=row).select_related("asker__member__user", "other__member__user")
        return SwapShown(rows.order_by("-pk")[:100], many=True).data


def _one(room: Room, public_id: Any) -> dict[str, Any]:
    rows = Round.objects.filter(group=room.group())
    rows = rows.prefetch_related("turns__member__user", "turns__cycle", "words__member__user", "bids")
    return dict(OneRoundShown(get_object_or_404(rows, public_id=public_id)).data)


@extend_schema(tags=TAGS)
class Rounds(Room):
    """Rounds of a group."""

    serializer_class = RoundShown

    @extend_schema(operation_id="chamas_rounds_list", responses=RoundShown(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The newest first."""
        page = self.paginate_queryset(Round.objects.filter(group=self.group()).order_by("-number")) or []
        return self.get_paginated_response(RoundShown(page, many=True).data)

    @extend_schema(
        operation_id="chamas_rounds_start",
        request=StartRound,
        responses={201: OneRoundShown},
        examples=[
            OpenApiExample("Drawn", {"until": "2026-12-01T18:00:00+03:00"}, request_only=True),
            OpenApiExample("By number", {"order": [3, 1, 2]}, request_only=True),
        ],
    )
    def post(self, request: Request, slug: str) -> Response:
        """An officer starts it, by the rules in force; one round at a time."""
        asked, group = read(StartRound, request), self.group()
        by_number = dict(Membership.objects.filter(group=group).values_list("number", "pk"))
        order = [by_number.get(number, 0) for number in asked.get("order", [])]
        row = operations.start_round(
            group=group, order=order, until=asked.get("until"), by=signed_in(request), at=now()
        )
        return Response(_one(self, row.public_id), status=201)


@extend_schema(tags=TAGS)
class OneRound(Room):
    """One round."""

    @extend_schema(operation_id="chamas_rounds_retrieve", responses=OneRoundShown)
    def get(self, request: Request, slug: str, public_id: str) -> Response:
        """Its turns, and for a draw the seed and every word: anybody can do it again."""
        return Response(_one(self, public_id))


class _Round(Room):
    """Something done in one round."""

    def _round(self, public_id: Any) -> Round:
        found: Round = get_object_or_404(Round.objects.filter(group=self.group()), public_id=public_id)
        return found

    def _turn(self, round_: Round, number: int) -> Turn:
        rows = Turn.objects.select_related("member__user", "round__group")
        found: Turn = get_object_or_404(rows, round=round_, member__number=number)
        return found


@extend_schema(tags=TAGS)
class Word(_Round):
    """A word in a draw."""

    @extend_schema(
        request=AddWord,
        responses={201: OneRoundShown},
        examples=[OpenApiExample("A word", {"word": "harambee"}, request_only=True)],
    )
    def post(self, request: Request, slug: str, public_id: str) -> Response:
        """Once, before the deadline; then nobody, the bank included, could know the order."""
        word = read(AddWord, request)["word"]
        operations.add_word(round=self._round(public_id), word=word, by=signed_in(request), at=now())
        return Response(_one(self, public_id), status=201)


@extend_schema(tags=TAGS)
class PutBid(_Round):
    """A sealed bid."""

    @extend_schema(
        request=PlaceBid,
        responses={201: OneRoundShown},
        examples=[OpenApiExample("A bid", {"amount": {"amount": "300.00", "currency": "KES"}}, request_only=True)],
    )
    def post(self, request: Request, slug: str, public_id: str) -> Response:
        """Once, before the deadline. The highest goes first; what is given up becomes savings of the others."""
        amount = in_currency(self.group(), read(PlaceBid, request)["amount"])
        operations.bid(round=self._round(public_id), amount=amount, by=signed_in(request), at=now())
        return Response(_one(self, public_id), status=201)


@extend_schema(tags=TAGS)
class Order(_Round):
    """The order of a round."""

    @extend_schema(request=None, responses=OneRoundShown)
    def post(self, request: Request, slug: str, public_id: str) -> Response:
        """Draw it, or open the bids, once the deadline is over; any member may, and the bank does it by itself."""
        operations.order_round(round=self._round(public_id), by=signed_in(request), at=now())
        return Response(_one(self, public_id))


@extend_schema(tags=TAGS)
class Swaps(_Round):
    """Turns that change places."""

    @extend_schema(
        request=AskSwap,
        responses={201: OneRoundShown},
        examples=[OpenApiExample("With the third member", {"member": 3}, request_only=True)],
    )
    def post(self, request: Request, slug: str, public_id: str) -> Response:
        """Ask another member for their turn; both must still wait for theirs. It lapses after three days."""
        row, asked = self._round(public_id), read(AskSwap, request)
        mine = self._turn(row, self.own(row.group).number)
        operations.ask_swap(turn=mine, other=self._turn(row, asked["member"]), by=signed_in(request), at=now())
        return Response(_one(self, public_id), status=201)


@extend_schema(tags=TAGS)
class WithdrawSwap(_Round):
    """One's own question taken back."""

    @extend_schema(request=None, responses=OneRoundShown)
    def post(self, request: Request, slug: str, public_id: str) -> Response:
        """The swap that one asked for and that waits; then another may be asked. 404 when none waits."""
        row = self._round(public_id)
        mine = Swap.objects.filter(asker__round=row, asker__member=self.own(row.group))
        swap = get_object_or_404(mine, status=SwapStatus.ASKED)
        operations.take_back_swap(swap=swap, by=signed_in(request), at=now())
        return Response(_one(self, public_id))


@extend_schema(tags=TAGS)
class SwapAnswer(_Round):
    """The other one's word."""

    @extend_schema(request=AnswerSwap, responses=OneRoundShown)
    def post(self, request: Request, slug: str, public_id: str, number: int) -> Response:
        """To the swap that the member of this number asked for. Places change at once."""
        row, agree = self._round(public_id), read(AnswerSwap, request)["agree"]
        swap = get_object_or_404(Swap, asker__round=row, asker__member__number=number, status=SwapStatus.ASKED)
        operations.answer_swap(swap=swap, agree=agree, by=signed_in(request), at=now())
        return Response(_one(self, public_id))
