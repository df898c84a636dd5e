"""The signed-in person: profile, stays, devices."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import now
from apps.users import operations
from apps.users.api import serializers as shapes
from apps.users.doors import signed_in
from apps.users.models import Device, Session


class Me(APIView):
    """One's own profile."""

    @extend_schema(responses=shapes.Profile, tags=["me"])
    def get(self, request: Request) -> Response:
        """Phone and e-mail whole, the ID number by its last digits."""
        return Response(shapes.Profile(signed_in(request)).data)

    @extend_schema(request=shapes.Profile, responses=shapes.Profile, tags=["me"])
    def put(self, request: Request) -> Response:
        """Change e-mail and language."""
        return self._change(request, partial=False)

    @extend_schema(request=shapes.Profile, responses=shapes.Profile, tags=["me"])
    def patch(self, request: Request) -> Response:
        """Change what is sent."""
        return self._change(request, partial=True)

    def _change(self, request: Request, *, partial: bool) -> Response:
        user = signed_in(request)
        asked = shapes.Profile(user, data=request.data, partial=partial)
        asked.is_valid(raise_exception=True)
        changes: dict[str, Any] = {}
        if "email" in asked.validated_data:
            changes["email"] = asked.validated_data["email"] or ""
        if "language" in asked.validated_data:
            changes["language"] = asked.validated_data["language"]
        return Response(shapes.Profile(operations.change_profile(user=user, at=now(), **changes)).data)


class Sessions(ListAPIView[Session]):
    """Where one is signed in."""

    serializer_class = shapes.SessionShown
    filter_backends = ()

    def get_queryset(self) -> Any:
        """Live stays, the newest first."""
        return (
            Session.objects.live(now())
            .filter(user=signed_in(self.request))
            .select_related("device")
            .order_by("-last_used_at", "pk")
        )

    @extend_schema(tags=["auth"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every stay that is still open."""
        return super().get(request, *args, **kwargs)


class OneSession(APIView):
    """One stay."""

    @extend_schema(request=None, responses={204: None}, tags=["auth"])
    def delete(self, request: Request, session_id: str) -> Response:
        """End it; its tokens stop working at once."""
        operations.end_session(user=signed_in(request), session_id=session_id, at=now())
        return Response(status=204)


class RevokeAll(APIView):
    """Sign out everywhere."""

    @extend_schema(request=None, responses=shapes.Ended, tags=["auth"])
    def post(self, request: Request) -> Response:
        """This stay included."""
        user = signed_in(request)
        ended = operations.end_all_sessions(user=user, by=user, at=now(), because="signed out everywhere")
        return Response({"ended": ended})


class Devices(ListAPIView[Device]):
    """One's devices."""

    serializer_class = shapes.DeviceShown
    filter_backends = ()

    def get_queryset(self) -> Any:
        """The last used first."""
        return Device.objects.filter(user=signed_in(self.request)).order_by("-last_seen_at", "pk")

    @extend_schema(tags=["me"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Browsers and phones one has signed in from."""
        return super().get(request, *args, **kwargs)
