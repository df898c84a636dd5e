"""The front door of the API: joining, signing in, tokens, passwords."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import FormParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import now
from apps.kernel.json import TextParser
from apps.users import operations
from apps.users.api import serializers as shapes
from apps.users.doors import hand, signed_in
from apps.users.models import OtpChallenge
from apps.users.operations.codes import CALL_AFTER, RESEND_AFTER

_readers: dict[type[Any], Any] = {}  # one for every body of a shape: to make it takes longer than to read with it


def read(shape: type[Any], request: Request) -> dict[str, Any]:
    """The body, checked. Raises ValidationError."""
    given = request.data
    try:
        if shape not in _readers:
            _readers[shape] = shape()
        return dict(_readers[shape].run_validation(given))
    except ValidationError:
        asked = shape(data=given)  # anew: a field keeps its words in the language in which it first said them
        asked.is_valid(raise_exception=True)
        raise


class PublicView(APIView):
    """A door that needs no token."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_scope = "auth"


def _signed_in(user: Any, device_id: str) -> Response:
    tokens = operations.open_token_session(user=user, hand=hand(device_id), at=now())
    return Response(
        {
            "mfa_required": False,
            "token_type": "Bearer",
            "access": tokens.access,
            "refresh": tokens.refresh,
            "expires_in": tokens.expires_in,
        }
    )


def _sent(challenge: OtpChallenge) -> Response:
    seconds = int(RESEND_AFTER.total_seconds())
    sent = {
        "challenge": challenge.pk,
        "expires_at": challenge.expires_at,
        "resend_after_seconds": seconds,
        "call_after_seconds": int(CALL_AFTER.total_seconds()),
    }
    return Response(sent, status=201)


class OtpSend(PublicView):
    """Send a one-time code."""

    throttle_scope = "otp"

    @extend_schema(
        request=shapes.SendCode,
        responses={201: shapes.CodeSent},
        tags=["auth"],
        examples=[
            OpenApiExample("Join", {"phone": "0712 345 908", "purpose": "JOIN"}, request_only=True),
            OpenApiExample(
                "Call me", {"phone": "0712 345 908", "purpose": "JOIN", "channel": "VOICE"}, request_only=True
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        """Send a six-digit code by SMS or e-mail; good for five minutes and three tries.

        With `channel` VOICE we call and say a new one, from 60 seconds after the SMS, three times an hour at most.
        """
        asked = read(shapes.SendCode, request)
        address = asked.get("email") or asked["phone"]
        return _sent(
            operations.send_code(purpose=asked["purpose"], address=address, channel=asked["channel"], at=now())
        )


class OtpVerify(PublicView):
    """Answer a one-time code."""

    throttle_scope = "otp"

    @extend_schema(request=shapes.CheckCode, responses=shapes.CodeChecked, tags=["auth"])
    def post(self, request: Request) -> Response:
        """A wrong code is 422; after three, 429."""
        asked = read(shapes.CheckCode, request)
        row = operations.check_code(
            challenge_id=asked["challenge"], code=asked["code"], purpose=asked["purpose"], at=now()
        )
        return Response({"challenge": row.pk, "purpose": row.purpose})


class SignUp(PublicView):
    """Join the bank."""

    @extend_schema(
        request=shapes.SignUp,
        responses={201: shapes.Profile},
        tags=["auth"],
        examples=[
            OpenApiExample(
                "Achieng joins",
                {
                    "challenge": "6f1c2c8e-6a51-4f0e-9a43-3f4f6f6c1f10",
                    "full_name": "Achieng Otieno",
                    "id_number": "28456712",
                    "email": "achieng@example.com",
                    "password": "kisumu-lakeside-2026",
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Make a customer of whoever answered a JOIN code; two accounts open with it."""
        asked = read(shapes.SignUp, request)
        user = operations.register(phone_proof=asked.pop("challenge"), at=now(), **asked)
        return Response(shapes.Profile(user).data, status=201)


class LogIn(PublicView):
    """Sign in."""

    parser_classes = (TextParser, FormParser)

    @extend_schema(request=shapes.LogIn, responses=shapes.TokensOrFactor, tags=["auth"])
    def post(self, request: Request) -> Response:
        """Tokens, or `mfa_required` with a challenge for `/auth/mfa/verify`."""
        asked = read(shapes.LogIn, request)
        checked = operations.check_password(
            request=request._request, login=asked["login"], password=asked["password"], at=now()
        )
        if checked.challenge is None:
            return _signed_in(checked.user, asked["device_id"])
        missing = {"mfa_required": True, "challenge": checked.challenge.pk, "method": checked.challenge.method}
        if checked.challenge.state:
            missing["passkey_options"] = checked.challenge.state["options"]
        return Response(missing)


class MfaVerify(PublicView):
    """The second factor."""

    throttle_scope = "otp"

    @extend_schema(request=shapes.AnswerFactor, responses=shapes.TokensOrFactor, tags=["auth"])
    def post(self, request: Request) -> Response:
        """Finish a sign-in with a code, a recovery code, or a passkey."""
        asked = read(shapes.AnswerFactor, request)
        answer = asked["credential"] or asked["code"]
        user = operations.finish_sign_in(challenge_id=str(asked["challenge"]), answer=answer, at=now())
        return _signed_in(user, asked["device_id"])


class RefreshTokens(PublicView):
    """The next pair of tokens."""

    @extend_schema(request=shapes.Refresh, responses=shapes.TokensOrFactor, tags=["auth"])
    def post(self, request: Request) -> Response:
        """Each refresh token works once; using one again ends the whole family."""
        tokens = operations.refresh(token=read(shapes.Refresh, request)["refresh"], at=now())
        pair = {"access": tokens.access, "refresh": tokens.refresh, "expires_in": tokens.expires_in}
        return Response({"mfa_required": False, "token_type": "Bearer", **pair})


class LogOut(APIView):
    """End this stay."""

    throttle_scope = "auth"

    @extend_schema(request=None, responses={204: None}, tags=["auth"])
    def post(self, request: Request) -> Response:
        """Access and refresh token stop working at once."""
        user = signed_in(request)
        operations.end_session(user=user, session_id=user.session.pk, at=now())  # type: ignore[attr-defined]
        return Response(status=204)


class PasswordForgot(PublicView):
    """Recover a lost password."""

    throttle_scope = "otp"

    @extend_schema(request=shapes.ForgotPassword, responses={201: shapes.CodeSent}, tags=["auth"])
    def post(self, request: Request) -> Response:
        """Send a RESET code; the answer is the same whether or not anyone here has that phone or e-mail."""
        return _sent(operations.forgot_password(login=read(shapes.ForgotPassword, request)["login"], at=now()))


class PasswordReset(PublicView):
    """Set a new password."""

    @extend_schema(request=shapes.ResetPassword, responses={204: None}, tags=["auth"])
    def post(self, request: Request) -> Response:
        """With an answered RESET challenge; signs out everywhere."""
        asked = read(shapes.ResetPassword, request)
        operations.reset_password(proof=asked["challenge"], new=asked["password"], at=now())
        return Response(status=204)


class PasswordChange(APIView):
    """Change the password."""

    throttle_scope = "auth"

    @extend_schema(request=shapes.ChangePassword, responses={204: None}, tags=["auth"])
    def post(self, request: Request) -> Response:
        """Every other stay ends."""
        asked, user = read(shapes.ChangePassword, request), signed_in(request)
        operations.change_password(
            user=user,
            current=asked["current_password"],
            new=asked["new_password"],
            at=now(),
            keep=user.session.pk,  # type: ignore[attr-defined]
        )
        return Response(status=204)
