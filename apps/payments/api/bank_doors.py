"""Where other banks hand over what they send to our customers, ask whose an account is, and ask for money back.

ISO 20022 over HTTP, as we speak to them (`banks/wire.py`). The key in their requests is what we know them by; mutual
TLS and signatures are ended by the gateway in front. A transfer counts once by its UETR, a case by its identification:
whoever lost our answer asks again and hears the same.
"""

import hmac
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import AccountStatus
from apps.accounts.places import meant_by
from apps.kernel.clock import now
from apps.kernel.errors import DomainError, NotAllowed, NotFound
from apps.payments import iso20022 as iso
from apps.payments.banks import transfers
from apps.payments.models import AskedBack, Channel, IncomingStatus, IncomingTransfer
from apps.payments.operations import banks
from apps.payments.operations.banks.receiving import CLOSED, NO_ACCOUNT, ONLINE

Read = TypeVar("Read")
LARGEST = 64 * 1024  # bytes; a pacs.008 has about three thousand
_XML = "application/xml; charset=utf-8"
_KEY = OpenApiParameter("Authorization", str, OpenApiParameter.HEADER, required=True, description="Bearer and our key")
_DOCUMENT: Any = {"application/xml": OpenApiTypes.STR}
_ANSWER: Any = {(200, "application/xml"): OpenApiTypes.STR}


class NotReadable(DomainError):
    """Not such a message, or not one that may be believed."""

    code, status = "message_not_readable", 400


class _Door(APIView):
    """Nobody signs in here: the key says which side asks."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()
    renderer_classes = (JSONRenderer,)
    parser_classes = ()
    channels: frozenset[Channel] = frozenset(Channel)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Only who holds the key of a channel that is served here."""
        super().initial(request, *args, **kwargs)
        given, expected = request.headers.get("Authorization", ""), settings.INTERBANK_CALLER_KEY
        # Without a key of our own nobody is let in, least of all somebody who sends none.
        if not expected or not hmac.compare_digest(given.encode(), f"Bearer {expected}".encode()):
            raise NotAllowed(_("You may not do this."))
        if kwargs["channel"] not in self.channels:
            raise NotFound(_("There is nothing here."))


class AccountName(serializers.Serializer[Any]):
    """Whose account it is, the last name shortened; or the ISO code of why it takes no money."""

    name = serializers.CharField(required=False)
    reason = serializers.CharField(required=False)


class BankNames(_Door):
    """Confirmation of payee."""

    @extend_schema(
        tags=["other banks"],
        auth=[],
        parameters=[_KEY, OpenApiParameter("account", str, OpenApiParameter.QUERY, required=True)],
        responses={200: AccountName, 404: AccountName},
    )
    def get(self, request: Request, channel: str) -> Response:
        """By account number, or by the phone of a customer."""
        meant = meant_by(request.query_params.get("account", "")[:40])
        if meant is None:
            return Response({"reason": NO_ACCOUNT}, 404)
        if meant.account.status == AccountStatus.CLOSED:
            return Response({"reason": CLOSED}, 404)
        return Response({"name": meant.account.owner.public_name})


class BankTransfers(_Door):
    """Money for our customers, asked about before it settles."""

    channels = ONLINE

    @extend_schema(tags=["other banks"], auth=[], parameters=[_KEY], request=_DOCUMENT, responses=_ANSWER)
    def post(self, request: Request, channel: str) -> HttpResponse:
        """A pacs.008; answered by a pacs.002: ACCC (on the account), ACSC (here, looked into), RJCT (nothing moved)."""
        told = _read(request, iso.read_pacs008)
        row = banks.receive(channel=Channel(channel), told=told, at=now())
        return _report(row)


class BankTransfer(_Door):
    """One transfer by its UETR."""

    channels = ONLINE

    @extend_schema(
        tags=["other banks"],
        auth=[],
        parameters=[_KEY],
        responses={**_ANSWER, 404: OpenApiResponse(description="Never had it")},
    )
    def get(self, request: Request, channel: str, uetr: uuid.UUID) -> HttpResponse:
        """What became of it, for whoever lost our answer."""
        row = IncomingTransfer.objects.filter(channel=channel, uetr=uetr).first()
        if row is None:
            raise NotFound(_("We never had that transfer."))
        return _report(row)


class BankWishes(_Door):
    """Asking for money back."""

    @extend_schema(
        tags=["other banks"],
        auth=[],
        parameters=[_KEY],
        request=_DOCUMENT,
        responses={202: OpenApiResponse(description="Taken; the answer is fetched by the case")},
    )
    def post(self, request: Request, channel: str) -> Response:
        """A camt.056. Whose money it is decides, within ten working days."""
        wish = _read(request, iso.read_camt056)
        banks.hear_wish(channel=Channel(channel), wish=wish, at=now())
        return Response(status=202)


class BankWish(_Door):
    """One case."""

    @extend_schema(
        tags=["other banks"],
        auth=[],
        parameters=[_KEY],
        responses={**_ANSWER, 404: OpenApiResponse(description="Never had it")},
    )
    def get(self, request: Request, channel: str, case: str) -> HttpResponse:
        """A camt.029: CNCL (it goes back), RJCR (it does not), PDCR while nobody has decided."""
        asked = AskedBack.objects.filter(channel=channel, case=case).first()
        if asked is None:
            raise NotFound(_("We never had that case."))
        answer = iso.write_camt029(
            identity=f"KA-{asked.public_id.hex}",
            told=banks.answer_of(asked),
            made_at=now(),
            ours=transfers.ours(),
            theirs=transfers.counterpart(Channel(channel)),
        )
        return HttpResponse(answer, content_type=_XML)


def _read(request: Request, reader: Callable[[bytes], Read]) -> Read:
    raw: bytes = request._request.body
    if len(raw) > LARGEST:
        raise NotReadable(_("The message is too large. Nothing was done."))
    try:
        return reader(raw)
    except iso.Unreadable as no:
        raise NotReadable(_("The message cannot be read: %(why)s. Nothing was done.") % {"why": no}) from no


def _report(row: IncomingTransfer) -> HttpResponse:
    refused = row.status == IncomingStatus.REFUSED
    status = "RJCT" if refused else "ACCC" if row.status == IncomingStatus.CREDITED else "ACSC"
    told = iso.Incoming(row.uetr, row.end_to_end_id, row.amount, "", "", "", "", "", "", message_id=row.message_id)
    report = iso.write_pacs002(
        told=told, status=status, reason=row.reason if refused else "", ours=row.reference, made_at=now()
    )
    return HttpResponse(report, content_type=_XML)
