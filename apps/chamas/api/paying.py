"""Paying into a group by API, and its ledger, fines, shares and cash."""

import uuid
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import topups
from apps.accounts.models import TransactionType
from apps.chamas import operations
from apps.chamas.api import paying_shapes as shapes
from apps.chamas.api.door import TAGS, Room, in_currency, member_of
from apps.chamas.models import (
    CashNote,
    Contribution,
    ContributionStatus,
    Fine,
    FundKind,
    GroupDispute,
    GroupDisputeStatus,
    GroupEntry,
)
from apps.chamas.operations.incoming import WORD
from apps.kernel.clock import now
from apps.kernel.idempotency import idempotent, idempotent_after, key_of
from apps.kernel.money import Money
from apps.kernel.pagination import Cursors
from apps.payments import operations as payments
from apps.payments.api.places import account_of
from apps.payments.api.serializers import PaymentShown
from apps.payments.rails import Destination
from apps.users.api.auth import read
from apps.users.doors import signed_in

_MONEY = {"amount": "1200.00", "currency": "KES"}
RAIL = "chama"


@transaction.atomic
def by_rail(room: Room, request: Request, *, prepared: Destination, amount: Money, asked: dict[str, Any]) -> Response:
    """Begin a payment into a group and ask for its proof, as for any payment."""
    user, at = signed_in(request), now()
    payment = payments.start_by_rail(
        payer=user,
        from_account=account_of(user, asked.get("from_account")),
        rail=RAIL,
        kind=TransactionType.CONTRIBUTION,
        destination=prepared,
        amount=amount,
        note=asked["note"],
        key=key_of(request) or uuid.uuid4().hex,
        at=at,
    )
    challenge = payments.challenge(payment=payment, by=user, at=at)
    return Response(PaymentShown(payment, context={"challenge": challenge}).data, status=201)


def destination(reference: str, amount: Money) -> Destination:
    """Where a reference of this group leads, named."""
    return payments.find_destination(
        rail=RAIL, kind=TransactionType.CONTRIBUTION, asked={"reference": reference}, amount=amount, at=now()
    )


@extend_schema(tags=TAGS)
class Contributions(Room):
    """What members owe, and paying it."""

    serializer_class = shapes.ContributionShown

    @extend_schema(
        operation_id="chamas_contributions_list",
        parameters=[
            OpenApiParameter("status", str, enum=ContributionStatus.values),
            OpenApiParameter("member", int, description="Their number"),
            OpenApiParameter("cycle", int, description="Its number"),
        ],
        responses=shapes.ContributionShown(many=True),
    )
    def get(self, request: Request, slug: str) -> Response:
        """One row a member and cycle, the newest cycle first: who has paid is no secret among members."""
        rows = Contribution.objects.filter(group=self.group()).select_related("cycle", "member__user")
        where = {"status": "status", "member": "member__number", "cycle": "cycle__number"}
        for name, field in where.items():
            if name in request.query_params:
                rows = rows.filter(**{field: self._asked(name, request.query_params[name])})
        page = self.paginate_queryset(rows.order_by("-cycle__number", "member__number")) or []
        return self.get_paginated_response(shapes.ContributionShown(page, many=True).data)

    def _asked(self, name: str, text: str) -> Any:
        if name == "status" and text in ContributionStatus.values:
            return text
        if name != "status" and text.isascii() and text.isdigit() and len(text) < 10:
            return int(text)
        raise ValidationError({name: [_("There is no such choice.")]})

    def _found(self, request: Request) -> Destination:
        asked, group = read(shapes.Contribute, request), self.group()
        number = asked.get("member")
        to = self.own(group) if number is None else member_of(group, number)
        return destination(to.reference, in_currency(group, asked["amount"]))

    @extend_schema(
        operation_id="chamas_contribute",
        request=shapes.Contribute,
        responses={201: PaymentShown},
        examples=[OpenApiExample("From the main account", {"amount": _MONEY}, request_only=True)],
    )
    @idempotent_after(lambda view, request: view._found(request))
    def post(self, request: Request, slug: str, prepared: Destination) -> Response:
        """201 with a challenge: `POST /api/v1/payments/{id}/confirm/` pays it in, by the limits of any payment.

        It pays the oldest due first, then fines; what is more waits ahead for the next cycle. By M-Pesa: `…/by-mpesa/`,
        or our paybill with the member's reference as the account. Each month by itself: a standing order to it.
        """
        asked = read(shapes.Contribute, request)
        return by_rail(self, request, prepared=prepared, amount=asked["amount"], asked=asked)


@extend_schema(tags=TAGS)
class ContributeByMpesa(Room):
    """Paying in from a phone."""

    @extend_schema(
        request=shapes.ContributeByPhone,
        responses={201: shapes.PromptSent},
        examples=[OpenApiExample("One's own phone", {"amount": _MONEY}, request_only=True)],
    )
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        """Sends a prompt. When the money has come it pays what one owes; what the group cannot take stays on the
        account.
        """
        asked, user, group = read(shapes.ContributeByPhone, request), signed_in(request), self.group()
        own = self.own(group)
        begun = topups.provider().start(
            account=own.account,
            phone=asked["phone"] or str(user.phone or ""),
            amount=in_currency(group, asked["amount"]),
            key=key_of(request) or uuid.uuid4().hex,
            by=user,
            at=now(),
            purpose=f"{WORD}{own.reference}",
        )
        return Response(shapes.PromptSent(begun).data, status=201)


@extend_schema(tags=TAGS)
class Ledger(Room):
    """Every movement of the group's money."""

    pagination_class = Cursors
    serializer_class = shapes.GroupEntryShown

    @extend_schema(
        operation_id="chamas_ledger",
        parameters=[
            OpenApiParameter("fund", str, enum=FundKind.values),
            OpenApiParameter("member", int, description="Their number"),
        ],
        responses=shapes.GroupEntryShown(many=True),
    )
    def get(self, request: Request, slug: str) -> Response:
        """The newest first, by cursor. Rows are only ever added; a disputed one stays, and says so."""
        rows = GroupEntry.objects.filter(group=self.group()).select_related("member__user")
        fund, member = request.query_params.get("fund"), request.query_params.get("member")
        if fund is not None:
            if fund not in FundKind.values:
                raise ValidationError({"fund": [_("There is no such choice.")]})
            rows = rows.filter(fund=fund)
        if member is not None:
            if not (member.isascii() and member.isdigit() and len(member) < 10):
                raise ValidationError({"member": [_("There is no such choice.")]})
            rows = rows.filter(member__number=int(member))
        disputed = GroupDispute.objects.filter(entry=OuterRef("pk"), status=GroupDisputeStatus.OPEN)
        page = self.paginate_queryset(rows.annotate(is_disputed=Exists(disputed))) or []
        return self.get_paginated_response(shapes.GroupEntryShown(page, many=True).data)


@extend_schema(tags=TAGS)
class Fines(Room):
    """Fines of a group."""

    serializer_class = shapes.FineShown

    @extend_schema(operation_id="chamas_fines_list", responses=shapes.FineShown(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """The newest first."""
        rows = Fine.objects.filter(group=self.group()).select_related("member__user").order_by("-pk")
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(shapes.FineShown(page, many=True).data)

    @extend_schema(
        operation_id="chamas_fines_give",
        request=shapes.GiveFine,
        responses={201: shapes.FineShown},
        examples=[
            OpenApiExample(
                "Absent", {"member": 4, "why": "ABSENT", "cause": "meeting of 5 December"}, request_only=True
            )
        ],
    )
    def post(self, request: Request, slug: str) -> Response:
        """An officer, by the rules in force; 409 for a cause that was fined before."""
        asked, group = read(shapes.GiveFine, request), self.group()
        to = member_of(group, asked.pop("member"))
        fine = operations.give_fine(member=to, by=signed_in(request), at=now(), **asked)
        return Response(shapes.FineShown(_fine(self, fine.public_id)).data, status=201)


def _fine(room: Room, public_id: Any) -> Fine:
    rows = Fine.objects.filter(group=room.group()).select_related("member__user", "group")
    found: Fine = get_object_or_404(rows, public_id=public_id)
    return found


@extend_schema(tags=TAGS)
class PayFine(Room):
    """A fine paid."""

    @extend_schema(request=shapes.PayFine, responses={201: shapes.PaidIn})
    @idempotent
    def post(self, request: Request, slug: str, public_id: str) -> Response:
        """From one's account. A contribution pays open fines as well."""
        asked, fine = read(shapes.PayFine, request), _fine(self, public_id)
        key = f"api/{key_of(request) or uuid.uuid4().hex}"
        paid = operations.pay_fine(fine=fine, amount=asked["amount"], key=key, by=signed_in(request), at=now())
        return Response(shapes.PaidIn(paid).data, status=201)


@extend_schema(tags=TAGS)
class AppealFine(Room):
    """A fine looked at again."""

    @extend_schema(
        request=shapes.AppealFine,
        responses=shapes.FineShown,
        examples=[OpenApiExample("Ill", {"says": "I was in hospital that week"}, request_only=True)],
    )
    def post(self, request: Request, slug: str, public_id: str) -> Response:
        """Once. It is not due until the group has decided by the act DECIDE_FINE."""
        says, fine = read(shapes.AppealFine, request)["says"], _fine(self, public_id)
        operations.appeal(fine=fine, says=says, by=signed_in(request), at=now())
        return Response(shapes.FineShown(_fine(self, public_id)).data)


@extend_schema(tags=TAGS)
class Shares(Room):
    """Share capital of a group."""

    @extend_schema(
        request=shapes.BuyShares,
        responses={201: shapes.PaidIn},
        examples=[OpenApiExample("Two", {"count": 2}, request_only=True)],
    )
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        """Buy whole shares from one's account, at the price of the rules in force."""
        asked, group = read(shapes.BuyShares, request), self.group()
        key = key_of(request) or uuid.uuid4().hex
        rows = operations.buy_shares(group=group, count=asked["count"], key=key, by=signed_in(request), at=now())
        return Response(shapes.PaidIn(rows[0]).data, status=201)


@extend_schema(tags=TAGS)
class Cash(Room):
    """Cash handed to the treasurer."""

    serializer_class = shapes.GroupCashShown

    @extend_schema(operation_id="chamas_cash_list", responses=shapes.GroupCashShown(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """Every note, the newest first: all members see what the treasurer holds."""
        rows = CashNote.objects.filter(group=self.group()).select_related("member__user", "treasurer__user")
        page = self.paginate_queryset(rows.order_by("-pk")) or []
        return self.get_paginated_response(shapes.GroupCashShown(page, many=True).data)

    @extend_schema(
        operation_id="chamas_cash_record",
        request=shapes.RecordCash,
        responses={201: shapes.GroupCashShown},
        examples=[OpenApiExample("At the meeting", {"member": 4, "amount": _MONEY}, request_only=True)],
    )
    @idempotent
    def post(self, request: Request, slug: str) -> Response:
        """The treasurer writes it down; no money of the group moved yet."""
        asked, group = read(shapes.RecordCash, request), self.group()
        note = operations.record_cash(
            member=member_of(group, asked["member"]),
            amount=in_currency(group, asked["amount"]),
            note=asked["note"],
            key=key_of(request) or uuid.uuid4().hex,
            by=signed_in(request),
            at=now(),
        )
        return Response(shapes.GroupCashShown(_note(self, note.public_id)).data, status=201)


def _note(room: Room, public_id: Any) -> CashNote:
    rows = CashNote.objects.filter(group=room.group())
    rows = rows.select_related("member__user", "treasurer__user", "treasurer__account__owner", "group")
    found: CashNote = get_object_or_404(rows, public_id=public_id)
    return found


@extend_schema(tags=TAGS)
class ConfirmCash(Room):
    """The word of who gave it."""

    @extend_schema(request=shapes.ConfirmCash, responses=shapes.GroupCashShown)
    def post(self, request: Request, slug: str, public_id: str) -> Response:
        """It is so, or it is not."""
        is_so = read(shapes.ConfirmCash, request)["is_so"]
        operations.confirm_cash(note=_note(self, public_id), is_so=is_so, by=signed_in(request), at=now())
        return Response(shapes.GroupCashShown(_note(self, public_id)).data)


@extend_schema(tags=TAGS)
class WithdrawCash(Room):
    """A note taken back."""

    @extend_schema(request=None, responses=shapes.GroupCashShown)
    def post(self, request: Request, slug: str, public_id: str) -> Response:
        """By the treasurer, before it is confirmed."""
        operations.withdraw_cash_note(note=_note(self, public_id), by=signed_in(request), at=now())
        return Response(shapes.GroupCashShown(_note(self, public_id)).data)


@extend_schema(tags=TAGS)
class BankCash(Room):
    """Cash that becomes money of the group."""

    @extend_schema(request=None, responses=shapes.GroupCashShown)
    @idempotent
    def post(self, request: Request, slug: str, public_id: str) -> Response:
        """The treasurer pays confirmed cash in from their account; it pays what the member owes. Once."""
        operations.bank_cash(note=_note(self, public_id), by=signed_in(request), at=now())
        return Response(shapes.GroupCashShown(_note(self, public_id)).data)
