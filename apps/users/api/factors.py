"""Second factors, passkeys and step-up challenges of the signed-in person."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import now
from apps.users import operations, queries
from apps.users.api import serializers as shapes
from apps.users.api.auth import PublicView, _signed_in, read
from apps.users.doors import signed_in
from apps.users.errors import StepUpRequired
from apps.users.operations.ussd import SET_PIN, subject_of

STEP_UP = OpenApiParameter(
    "Step-Up-Challenge",
    OpenApiTypes.UUID,
    OpenApiParameter.HEADER,
    required=False,
    description="An answered challenge for exactly this act, from `/auth/step-up`",
)


class Mfa(APIView):
    """What is set up."""

    @extend_schema(responses=shapes.FactorShown(many=True), tags=["auth"])
    def get(self, request: Request) -> Response:
        """Authenticator app and passkeys."""
        return Response(shapes.FactorShown(queries.factors_of(signed_in(request)), many=True).data)


class Totp(APIView):
    """The authenticator app."""

    throttle_scope = "otp"

    @extend_schema(request=None, responses={201: shapes.TotpEnrolmentShown}, parameters=[STEP_UP], tags=["auth"])
    def post(self, request: Request) -> Response:
        """Begin, with a step-up for `users.factor.add`: a secret for the app.

        It counts once `/auth/mfa/totp/confirm` has its first code.
        """
        begun = operations.enrol_totp(user=signed_in(request), challenge_id=_proof(request), at=now())
        return Response({"challenge": begun.challenge.pk, "secret": begun.secret, "otpauth": begun.address}, status=201)

    @extend_schema(request=None, responses={204: None}, parameters=[STEP_UP], tags=["auth"])
    def delete(self, request: Request) -> Response:
        """Remove it, with a step-up."""
        user = signed_in(request)
        app = next((factor for factor in queries.factors_of(user) if factor.kind == "totp"), None)
        _remove(request, app.id if app else 0)
        return Response(status=204)


class TotpConfirm(APIView):
    """The first code."""

    throttle_scope = "otp"

    @extend_schema(request=shapes.ConfirmTotp, responses=shapes.RecoveryCodesShown, tags=["auth"])
    def post(self, request: Request) -> Response:
        """Turns the app on, and shows the recovery codes once."""
        asked = read(shapes.ConfirmTotp, request)
        codes = operations.confirm_totp(
            user=signed_in(request), challenge_id=asked["challenge"], code=asked["code"], at=now()
        )
        return Response({"recovery_codes": codes})


class PasskeyRegisterOptions(APIView):
    """Begin a passkey."""

    throttle_scope = "otp"

    @extend_schema(request=None, responses={201: shapes.PasskeyOptions}, parameters=[STEP_UP], tags=["auth"])
    def post(self, request: Request) -> Response:
        """Options for `navigator.credentials.create`, with a step-up for `users.factor.add`."""
        row, options = operations.start_passkey_registration(
            user=signed_in(request), challenge_id=_proof(request), at=now()
        )
        return Response({"challenge": str(row.pk), "options": options}, status=201)


class Passkeys(APIView):
    """One's passkeys."""

    throttle_scope = "otp"

    @extend_schema(responses=shapes.FactorShown(many=True), tags=["auth"])
    def get(self, request: Request) -> Response:
        """All of them."""
        held = [factor for factor in queries.factors_of(signed_in(request)) if factor.kind == "webauthn"]
        return Response(shapes.FactorShown(held, many=True).data)

    @extend_schema(request=shapes.RegisterPasskey, responses={201: shapes.FactorShown}, tags=["auth"])
    def post(self, request: Request) -> Response:
        """Keep the one the browser made."""
        asked, user = read(shapes.RegisterPasskey, request), signed_in(request)
        kept = operations.register_passkey(
            user=user, challenge_id=asked["challenge"], credential=asked["credential"], name=asked["name"], at=now()
        )
        shown = next(factor for factor in queries.factors_of(user) if factor.id == kept.pk)
        return Response(shapes.FactorShown(shown).data, status=201)


class Passkey(APIView):
    """One passkey."""

    @extend_schema(request=None, responses={204: None}, parameters=[STEP_UP], tags=["auth"])
    def delete(self, request: Request, factor_id: int) -> Response:
        """Remove it, with a step-up."""
        _remove(request, factor_id)
        return Response(status=204)


class PasskeyLoginOptions(PublicView):
    """Begin a sign-in by passkey."""

    @extend_schema(request=None, responses=shapes.PasskeyOptions, tags=["auth"])
    def post(self, request: Request) -> Response:
        """Options for `navigator.credentials.get`."""
        wrapped, options = operations.start_passkey_sign_in(at=now())
        return Response({"challenge": wrapped, "options": options})


class PasskeyLogin(PublicView):
    """Sign in by passkey."""

    @extend_schema(request=shapes.PasskeyLogin, responses=shapes.TokensOrFactor, tags=["auth"])
    def post(self, request: Request) -> Response:
        """Something held and something one is: no further factor is asked."""
        asked = read(shapes.PasskeyLogin, request)
        user = operations.finish_passkey_sign_in(wrapped=asked["challenge"], credential=asked["credential"], at=now())
        return _signed_in(user, asked["device_id"])


class StepUps(APIView):
    """Ask to prove that it is you."""

    throttle_scope = "otp"

    @extend_schema(request=shapes.AskStepUp, responses={201: shapes.StepUp}, tags=["auth"])
    def post(self, request: Request) -> Response:
        """A challenge for one act on one's own profile; payments make their own."""
        asked, user = read(shapes.AskStepUp, request), signed_in(request)
        factor = asked.get("factor")
        subject = f"factors/{factor}" if factor else f"users/{user.pk}"
        subject = subject_of(user) if asked["operation"] == SET_PIN else subject
        row = operations.challenge(
            user=user, operation=asked["operation"], subject=subject, method=asked["method"], at=now()
        )
        return Response(shapes.StepUp(row).data, status=201)


class StepUpAnswer(APIView):
    """Prove that it is you."""

    throttle_scope = "otp"

    @extend_schema(
        operation_id="auth_step_up_answer", request=shapes.AnswerStepUp, responses=shapes.StepUp, tags=["auth"]
    )
    def post(self, request: Request, challenge_id: str) -> Response:
        """A wrong code is 422; after three, 429."""
        asked = read(shapes.AnswerStepUp, request)
        answer = asked["credential"] or asked["code"]
        row = operations.answer(challenge_id=challenge_id, user=signed_in(request), answer=answer, at=now())
        return Response(shapes.StepUp(row).data)


class RecoveryCodes(APIView):
    """Recovery codes."""

    @extend_schema(request=None, responses=shapes.RecoveryCodesShown, parameters=[STEP_UP], tags=["auth"])
    def post(self, request: Request) -> Response:
        """Ten new ones, with a step-up; the old ones stop working."""
        codes = operations.renew_recovery_codes(user=signed_in(request), challenge_id=_proof(request), at=now())
        return Response({"recovery_codes": codes})


class UssdPin(APIView):
    """The PIN that approves payments dialled by USSD."""

    throttle_scope = "otp"

    @extend_schema(request=shapes.SetUssdPin, responses={204: None}, parameters=[STEP_UP], tags=["auth"])
    def put(self, request: Request) -> Response:
        """Set it, or another one, with a step-up for `users.ussd_pin.set`."""
        pin = read(shapes.SetUssdPin, request)["pin"]
        operations.set_ussd_pin(user=signed_in(request), pin=pin, challenge_id=_proof(request), at=now())
        return Response(status=204)

    @extend_schema(request=None, responses={204: None}, tags=["auth"])
    def delete(self, request: Request) -> Response:
        """Turn USSD off for oneself."""
        operations.remove_ussd_pin(user=signed_in(request), at=now())
        return Response(status=204)


def _remove(request: Request, factor_id: int) -> None:
    operations.remove_factor(user=signed_in(request), factor_id=factor_id, challenge_id=_proof(request), at=now())


def _proof(request: Request) -> str | None:
    given = request.headers.get("Step-Up-Challenge")
    if given and len(given) != 36:
        raise StepUpRequired("The Step-Up-Challenge header holds the id of an answered challenge.")
    return given
