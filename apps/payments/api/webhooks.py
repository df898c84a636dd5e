"""Where Africa's Talking tells what became of airtime, and asks whether we ordered it."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel.clock import now
from apps.notifications.api.webhooks import AfricasTalkingDoor, body_of, require_token
from apps.payments import operations

_TOKEN = OpenApiParameter("token", str, OpenApiParameter.QUERY, required=True)


class AirtimeStatus(AfricasTalkingDoor):
    """What became of an order."""

    @extend_schema(
        tags=["webhooks"],
        auth=[],
        parameters=[_TOKEN],
        request=OpenApiTypes.OBJECT,
        responses={200: OpenApiTypes.OBJECT},
    )
    def post(self, request: Request, token: str = "") -> Response:
        """Kept as it came, answered, and read afterwards."""
        require_token(token or request.query_params.get("token", ""))
        operations.receive_airtime_status(raw=body_of(request), at=now())
        return Response({"received": True})


@extend_schema(exclude=True)
class AirtimeStatusByPath(AirtimeStatus):
    """The same with the word in the path, for callback addresses that may not carry a query."""


class AirtimeValidation(AfricasTalkingDoor):
    """May this be loaded?"""

    @extend_schema(
        tags=["webhooks"],
        auth=[],
        parameters=[_TOKEN],
        request=OpenApiTypes.OBJECT,
        responses={200: OpenApiTypes.OBJECT},
    )
    def post(self, request: Request, token: str = "") -> Response:
        """`Validated` for an order of ours that is not over, `Failed` for anything else; nothing is written."""
        require_token(token or request.query_params.get("token", ""))
        return Response({"status": "Validated" if operations.may_load(raw=body_of(request)) else "Failed"})


@extend_schema(exclude=True)
class AirtimeValidationByPath(AirtimeValidation):
    """The same with the word in the path."""
