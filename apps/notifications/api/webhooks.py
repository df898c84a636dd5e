"""Where Africa's Talking tells what became of an SMS, and asks what to say in a call."""

import hmac
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import now
from apps.kernel.errors import DomainError, NotAllowed
from apps.notifications import operations
from apps.notifications.adapters.africastalking_voice import say

LARGEST = 8 * 1024  # bytes; a real one has about 200


class TooLarge(DomainError):
    """Nothing a delivery report could be."""

    code, status = "too_large", 413


class AfricasTalkingDoor(APIView):
    """They sign nothing, so the address we gave them carries a word only they know; see `require_token`."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()
    renderer_classes = (JSONRenderer,)
    parser_classes = ()


class AfricasTalkingDelivery(AfricasTalkingDoor):
    """What became of a message."""

    @extend_schema(
        tags=["webhooks"],
        auth=[],
        parameters=[OpenApiParameter("token", str, OpenApiParameter.QUERY, required=True)],
        request={"application/x-www-form-urlencoded": OpenApiTypes.OBJECT},
        responses={200: OpenApiTypes.OBJECT},
    )
    def post(self, request: Request, token: str = "") -> Response:
        """Keep the report as it came, answer, and read it afterwards."""
        require_token(token or request.query_params.get("token", ""))
        body = body_of(request)
        operations.receive_report(raw=body, at=now())
        return Response({"received": True})


@extend_schema(exclude=True)
class AfricasTalkingDeliveryByPath(AfricasTalkingDelivery):
    """The same with the word in the path, for callback addresses that may not carry a query."""


class AfricasTalkingVoice(AfricasTalkingDoor):
    """What to say in a call of ours, asked once somebody has picked up, and told when it has ended."""

    @extend_schema(
        tags=["webhooks"],
        auth=[],
        parameters=[OpenApiParameter("token", str, OpenApiParameter.QUERY, required=True)],
        request={"application/x-www-form-urlencoded": OpenApiTypes.OBJECT},
        responses={(200, "application/xml"): OpenApiTypes.STR},
    )
    def post(self, request: Request, token: str = "") -> HttpResponse:
        """The words as `<Response><Say>…`; a call we have nothing to say in is ended."""
        require_token(token or request.query_params.get("token", ""))
        words = operations.answer_call(raw=body_of(request), at=now())
        return HttpResponse(say(words), content_type="application/xml")


@extend_schema(exclude=True)
class AfricasTalkingVoiceByPath(AfricasTalkingVoice):
    """The same with the word in the path."""


def require_token(given: str) -> None:
    """The word in the address we gave them, for every webhook of theirs. Raises NotAllowed."""
    expected = settings.AFRICASTALKING_CALLBACK_TOKEN
    # Without a token of our own nobody is let in, least of all somebody who sends none.
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        raise NotAllowed(_("You may not do this."))


def body_of(request: Any) -> str:
    """What they posted, as text that can be kept. Raises TooLarge."""
    raw: bytes = request._request.body
    if len(raw) > LARGEST:
        raise TooLarge(_("That is more than we take in one go. Nothing was done."))
    return raw.decode("utf-8", "replace").replace("\0", "")
