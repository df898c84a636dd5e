"""Movements of accounts at other banks from a file, by API."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import operations
from apps.accounts.models import ImportBatch
from apps.accounts.operations.import_lines import MOST_BYTES, told
from apps.kernel.clock import now
from apps.kernel.idempotency import honours_key
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.doors import signed_in


class ImportFile(Strict):
    """Which linked account, and the file."""

    account = serializers.UUIDField(help_text="A linked account at another bank; never one of this bank")
    file = serializers.FileField(
        allow_empty_file=True,
        help_text="CSV in UTF-8 with the columns date (YYYY-MM-DD), amount and description; up to 1 MB, 5,000 rows",
    )
    partial: Any = serializers.BooleanField(
        required=False, default=False, help_text="Leave out rows that cannot be read"
    )


class RowRejected(serializers.Serializer[Any]):
    """A row that cannot be read."""

    line = serializers.IntegerField()
    column = serializers.CharField()


class ImportBatchShown(serializers.Serializer[Any]):
    """What became of a file. Duplicates (date, amount, description) are left out."""

    id = serializers.UUIDField()
    account = serializers.UUIDField()
    rows = serializers.IntegerField()
    accepted = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    rejected = RowRejected(many=True)


class ImportTransactions(GenericAPIView[ImportBatch]):
    """Movements from a file."""

    throttle_scope = "money"
    parser_classes = (MultiPartParser,)
    serializer_class = ImportBatchShown
    queryset = ImportBatch.objects.none()

    @extend_schema(
        tags=["transactions"],
        operation_id="transactions_import",
        request={"multipart/form-data": ImportFile},
        responses={201: ImportBatchShown},
    )
    @honours_key
    def post(self, request: Request) -> Response:
        """Into an account at another bank that is linked here. Rows that cannot be read refuse the whole file (422,
        with each line and column), unless `partial`.
        """
        asked = read(ImportFile, request)
        batch, faults = operations.import_lines(
            account=asked["account"], raw=asked["file"].read(MOST_BYTES + 1), partial=asked["partial"],
            by=signed_in(request), at=now(),
        )  # fmt: skip
        shown = {name: getattr(batch, name) for name in ("account", "rows", "accepted", "duplicates")}
        return Response(ImportBatchShown(shown | {"id": batch.public_id, "rejected": told(faults)}).data, status=201)
