"""Where M-Pesa tells us things: kept, answered at once, read by a worker."""

import uuid
from typing import Any

import structlog
from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import now
from apps.kernel.context import asker
from apps.kernel.errors import DomainError, NotFound
from apps.mpesa import addresses, operations, rules
from apps.mpesa.operations.c2b import BAD_AMOUNT, OTHER

log = structlog.get_logger(__name__)
LARGEST = 64 * 1024  # bytes; a real one has about 1,000
ACCEPTED = {"ResultCode": 0, "ResultDesc": "Accepted"}


class TooLarge(DomainError):
    """Nothing M-Pesa could say."""

    code, status = "too_large", 413


class Webhook(APIView):
    """They sign nothing: the address holds a word or a sealed id that only they were told."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()
    renderer_classes = (JSONRenderer,)
    parser_classes = ()
    product = ""

    def _about(self, token: str) -> uuid.UUID | None:
        """The request it is about. Raises NotFound for a token that is not ours."""
        about = addresses.read_token(token)
        if about is None:
            raise NotFound(_("There is nothing here."))
        return about

    @extend_schema(tags=["webhooks"], auth=[], request=OpenApiTypes.OBJECT, responses={200: OpenApiTypes.OBJECT})
    def post(self, request: Request, token: str) -> Response:
        """Kept as it came; what becomes of it is decided afterwards."""
        operations.receive(product=self.product, about=self._about(token), raw=_body(request), at=now())
        return Response(ACCEPTED)


class Stk(Webhook):
    """What became of a prompt."""

    product = "stk"


class TillPush(Webhook):
    """What the operator of a till answered."""

    product = "express"


class Payout(Webhook):
    """What became of a payment out."""

    product = "payout"


class Status(Webhook):
    """What M-Pesa knows of a transaction we asked about."""

    product = "status"


class Reversal(Webhook):
    """What became of money we asked to be sent back."""

    product = "reversal"


class Balance(Webhook):
    """What our own accounts at M-Pesa hold."""

    product = "balance"


class Timeout(Webhook):
    """A request waits too long at M-Pesa."""

    product = "timeout"


class Confirmation(Webhook):
    """A payment to our paybill was made."""

    product = "c2b"

    def _about(self, token: str) -> uuid.UUID | None:
        if not addresses.is_ours(token):
            raise NotFound(_("There is nothing here."))
        return None


class Validation(Confirmation):
    """May this payment to our paybill be made?"""

    @extend_schema(tags=["webhooks"], auth=[], request=OpenApiTypes.OBJECT, responses={200: OpenApiTypes.OBJECT})
    def post(self, request: Request, token: str) -> Response:
        """`ResultCode` "0", or the code of the refusal; nothing is written."""
        self._about(token)
        try:
            code = operations.may_pay(rules.read_c2b(rules.read_json(_body(request))), at=now())
        except rules.BadAmount:
            code = BAD_AMOUNT
        except rules.Unreadable:
            code = OTHER
        return Response({"ResultCode": code, "ResultDesc": "Accepted" if code == "0" else "Rejected"})


def _body(request: Request) -> str:
    source = asker().ip_address
    if settings.DARAJA_SOURCES and source not in settings.DARAJA_SOURCES:
        log.warning("callback_from_elsewhere", source=source)  # their list changes; the token is what counts
    raw: Any = request._request.body
    if len(raw) > LARGEST:
        raise TooLarge(_("That is more than a callback holds."))
    return str(raw.decode("utf-8", "replace").replace("\0", ""))
