"""Files of payments by API: bring, look, prove, approve, and see what became of each row."""

import uuid
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Account
from apps.kernel import throttles
from apps.kernel.clock import now
from apps.kernel.idempotency import honours_key, key_of
from apps.payments import bulk_files, operations, policies
from apps.payments.api import bulk_shapes as shapes
from apps.payments.models import BulkPayment, BulkRow, BulkStatus, Eyes, RowStatus
from apps.users import operations as people
from apps.users.api.auth import read
from apps.users.doors import signed_in
from apps.users.models import BusinessProfile

TAGS = ["bulk payments"]
TOO_MANY = "Too many files. Nothing was read; try again later."
_PROOF = OpenApiExample(
    "By SMS code", {"challenge": "6f1c1f2e-3b57-4a0f-9d0a-2f9b8a1c7e55", "code": "123456"}, request_only=True
)


def with_counts(rows: Any) -> Any:
    """Each with how many of its rows are double, paid, on their way and failed, in the same question."""
    states = {"paid": RowStatus.PAID, "sent": RowStatus.SENT, "failed": RowStatus.FAILED}
    counts = {name: Count("rows", filter=Q(rows__status=state)) for name, state in states.items()}
    return rows.annotate(doubles=Count("rows", filter=Q(rows__is_double=True)), **counts)


class BulkPayments(viewsets.GenericViewSet[BulkPayment]):
    """Batches of payments: one's own, those of one's businesses, and for staff with the right the bank's own."""

    serializer_class = shapes.BulkShown
    queryset = BulkPayment.objects.none()
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    throttle_scope = "money"
    filterset_fields = ("status", "kind", "business")
    search_fields = ("reference", "name")
    ordering_fields = ("created_at", "total_minor")

    def get_queryset(self) -> Any:
        """Another's is not there."""
        rows = BulkPayment.objects.visible_to(signed_in(self.request))
        people_of = ("business", "from_account__owner", "made_by", "submitted_by", "decided_by", "approval")
        return with_counts(rows.select_related(*people_of)).order_by("-pk")

    @extend_schema(tags=TAGS)
    def list(self, request: Request) -> Response:
        """The newest first; as many questions whatever their number."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(tags=TAGS)
    def retrieve(self, request: Request, public_id: uuid.UUID) -> Response:
        """One, with its figures and how far it is."""
        return self._shown(self._one(public_id))

    @extend_schema(
        tags=TAGS,
        request={"multipart/form-data": shapes.BringBulk},
        responses={201: shapes.BulkShown},
    )
    @honours_key
    def create(self, request: Request) -> Response:
        """Bring a CSV or XLSX file with the columns phone or account, name, amount, note, in English or Kiswahili.

        Every row is checked, named and quoted; nothing moves. A file that cannot be read as a whole is refused (422,
        `reason` says why). The same `Idempotency-Key` with the same file is the same batch.
        """
        asked, user = read(shapes.BringBulk, request), signed_in(request)
        throttles.require("bulk", throttles.caller_of(request), TOO_MANY)
        account = get_object_or_404(Account.objects.select_related("owner", "product"), pk=asked["from_account"])
        visible = BusinessProfile.objects.visible_to(user)
        business = get_object_or_404(visible, pk=asked["business"]) if "business" in asked else None
        bulk = operations.bulk.bring(
            from_account=account,
            business=business,
            kind=asked["kind"],
            name=asked["name"],
            file_name=asked["file"].name,
            content=asked["file"].read(),
            key=key_of(request) or uuid.uuid4().hex,
            by=user,
            at=now(),
        )
        return self._shown(bulk, status=201)

    @extend_schema(tags=TAGS, request=None, responses=shapes.BulkShown)
    def check(self, request: Request, public_id: uuid.UUID) -> Response:
        """Hold every row against the bank as it stands now, once more; before it is submitted."""
        bulk = self._one(public_id)
        policies.require_may_act(signed_in(request), bulk)
        return self._shown(operations.bulk.check(bulk=bulk, at=now()))

    @extend_schema(
        tags=TAGS,
        request=shapes.AskBulkProof,
        responses={201: shapes.BulkShown},
        examples=[OpenApiExample("Before submitting", {"act": "submit"}, request_only=True)],
    )
    def challenge(self, request: Request, public_id: uuid.UUID) -> Response:
        """Ask for proof, bound to what is paid to whom."""
        bulk, act = self._one(public_id), read(shapes.AskBulkProof, request)["act"]
        row = operations.bulk.challenge(bulk=bulk, act=act, by=signed_in(request), at=now())
        return self._shown(bulk, status=201, challenge=row)

    @extend_schema(tags=TAGS, request=shapes.SubmitBulk, responses=shapes.BulkShown, examples=[_PROOF])
    def submit(self, request: Request, public_id: uuid.UUID) -> Response:
        """Ask for it to be paid. Bad rows, repetitions and a file that was paid before must be accepted by name."""
        bulk, asked = self._one(public_id), read(shapes.SubmitBulk, request)
        self._answer(request, asked)
        done = operations.bulk.submit(
            bulk=bulk,
            challenge_id=asked["challenge"],
            leave_out_bad=asked["leave_out_bad"],
            accept_repeats=asked["accept_repeats"],
            by=signed_in(request),
            at=now(),
        )
        return self._shown(done)

    @extend_schema(tags=TAGS, request=shapes.BulkProof, responses=shapes.BulkShown, examples=[_PROOF])
    def approve(self, request: Request, public_id: uuid.UUID) -> Response:
        """Another owner or signatory of the business allows it; the bank's own, another member of staff."""
        bulk, asked, user = self._one(public_id), read(shapes.BulkProof, request), signed_in(request)
        if bulk.eyes == Eyes.BANK:
            return self._shown(operations.bulk.approve_for_bank(bulk=bulk, by=user, at=now()))
        if bulk.status == BulkStatus.WAITING:
            self._answer(request, asked)
        done = operations.bulk.approve(bulk=bulk, challenge_id=asked["challenge"], by=user, at=now())
        return self._shown(done)

    @extend_schema(
        tags=TAGS,
        request=shapes.RejectBulk,
        responses=shapes.BulkShown,
        examples=[OpenApiExample("The wrong month", {"reason": "These are the figures of June"}, request_only=True)],
    )
    def reject(self, request: Request, public_id: uuid.UUID) -> Response:
        """Do not allow it; nothing is paid."""
        reason, user = read(shapes.RejectBulk, request)["reason"], signed_in(request)
        return self._shown(operations.bulk.reject(bulk=self._one(public_id), reason=reason, by=user, at=now()))

    @extend_schema(tags=TAGS, request=None, responses=shapes.BulkShown)
    def cancel(self, request: Request, public_id: uuid.UUID) -> Response:
        """Drop it before it runs."""
        return self._shown(operations.bulk.cancel(bulk=self._one(public_id), by=signed_in(request), at=now()))

    @extend_schema(
        tags=TAGS,
        responses=shapes.BulkRowShown(many=True),
        parameters=[OpenApiParameter("status", OpenApiTypes.STR, enum=RowStatus.values)],
    )
    def rows(self, request: Request, public_id: uuid.UUID) -> Response:
        """Its rows in the order of the file."""
        found = BulkRow.objects.filter(bulk=self._one(public_id)).select_related("payment").order_by("number")
        if request.query_params.get("status") in RowStatus.values:
            found = found.filter(status=request.query_params["status"])
        page: Any = self.paginate_queryset(found)  # type: ignore[arg-type]  # rows of the batch, not batches
        return self.get_paginated_response(shapes.BulkRowShown(page, many=True).data)

    @extend_schema(
        tags=TAGS,
        responses={(200, kind): OpenApiTypes.BINARY for kind in ("text/csv", bulk_files.XLSX)},
        parameters=[
            OpenApiParameter("as", OpenApiTypes.STR, enum=["csv", "xlsx"]),
            OpenApiParameter("only", OpenApiTypes.STR, enum=["bad"]),
        ],
    )
    def report(self, request: Request, public_id: uuid.UUID) -> HttpResponse:
        """What became of each row, as a file; `only=bad` gives the rows to correct and bring again."""
        kind = "xlsx" if request.query_params.get("as") == "xlsx" else "csv"
        return bulk_files.report(self._one(public_id), kind, only_bad=request.query_params.get("only") == "bad")

    def get_parsers(self) -> Any:
        """A file comes as a form, everything else as JSON."""
        if getattr(self, "action_map", {}).get("post") == "create":
            return [MultiPartParser()]
        return super().get_parsers()

    def _one(self, public_id: uuid.UUID) -> BulkPayment:
        found: BulkPayment = get_object_or_404(self.get_queryset(), public_id=public_id)
        return found

    def _answer(self, request: Request, asked: dict[str, Any]) -> None:
        given = asked["credential"] or asked["code"]
        if given and asked["challenge"]:
            people.answer(challenge_id=asked["challenge"], user=signed_in(request), answer=given, at=now())

    def _shown(self, bulk: BulkPayment, *, status: int = 200, challenge: Any = None) -> Response:
        row = self.get_queryset().get(pk=bulk.pk)
        context = {"request": self.request, "user": signed_in(self.request), "challenge": challenge}
        return Response(shapes.BulkShown(row, context=context).data, status=status)
