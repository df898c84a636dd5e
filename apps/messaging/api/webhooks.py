"""Where Africa's Talking asks what to show on a phone that dialled us, and tells who wants no more offers."""

from urllib.parse import parse_qs

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.messaging import ussd
from apps.messaging.opt_out import stop_offers
from apps.notifications.api.webhooks import AfricasTalkingDoor, body_of, require_token


class NoSession(DomainError):
    """A step of no session, or of nobody."""

    code, status = "ussd_step_unreadable", 400


class Ussd(AfricasTalkingDoor):
    """A step in the menu."""

    @extend_schema(
        tags=["webhooks"],
        auth=[],
        parameters=[OpenApiParameter("token", str, OpenApiParameter.QUERY, required=True)],
        request={"application/x-www-form-urlencoded": OpenApiTypes.OBJECT},
        responses={(200, "text/plain"): OpenApiTypes.STR},
        examples=[
            OpenApiExample(
                "A first step",
                {"sessionId": "ATUid_1", "phoneNumber": "+254712345908", "serviceCode": "*384*5482#", "text": ""},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, token: str = "") -> HttpResponse:
        """`CON …` asks on, `END …` ends; at most 160 plain signs. The same step again is answered, never done again."""
        require_token(token or request.query_params.get("token", ""))
        fields = _fields(body_of(request))
        session, phone = fields.get("sessionId", ""), _phone(fields)
        if not 0 < len(session) <= 200 or not 1 < len(phone) <= 25:
            raise NoSession(_("A step needs its session and its phone. Nothing was done."))
        words = ussd.answer(session=session, phone=phone, text=fields.get("text", ""), at=now())
        return HttpResponse(words, content_type="text/plain; charset=utf-8")


@extend_schema(exclude=True)
class UssdByPath(Ussd):
    """The same with the word in the path, for callback addresses that may not carry a query."""


class OptOut(AfricasTalkingDoor):
    """Who told the gateway to stop."""

    @extend_schema(
        tags=["webhooks"],
        auth=[],
        parameters=[OpenApiParameter("token", str, OpenApiParameter.QUERY, required=True)],
        request={"application/x-www-form-urlencoded": OpenApiTypes.OBJECT},
        responses={200: OpenApiTypes.OBJECT},
        examples=[OpenApiExample("Stop", {"senderId": "KITBANK", "phoneNumber": "+254712345908"}, request_only=True)],
    )
    def post(self, request: Request, token: str = "") -> Response:
        """No more offers by SMS to this phone; one that is nobody's here is answered alike."""
        require_token(token or request.query_params.get("token", ""))
        stop_offers(phone=_phone(_fields(body_of(request))), at=now())
        return Response({"received": True})


@extend_schema(exclude=True)
class OptOutByPath(OptOut):
    """The same with the word in the path, for callback addresses that may not carry a query."""


def _phone(fields: dict[str, str]) -> str:
    """In E.164, or as it is dialled at home: a "+" that was not escaped arrives as a space."""
    phone = fields.get("phoneNumber", "").replace(" ", "")
    return phone if phone.startswith(("+", "0")) else f"+{phone}"


def _fields(body: str) -> dict[str, str]:
    try:
        form = parse_qs(body, keep_blank_values=True, max_num_fields=40)
    except ValueError:
        return {}
    return {name.strip(): values[-1].strip() for name, values in form.items()}
