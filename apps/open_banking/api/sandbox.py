"""A developer's sandbox by API: who lives there, money from a tap, and everything from the beginning."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.kernel.clock import now
from apps.kernel.idempotency import idempotent
from apps.kernel.serializers import MoneyField
from apps.open_banking import policies
from apps.open_banking.magic import MAGIC, Magic
from apps.open_banking.models import SandboxAccount, SandboxLine, SandboxPersona
from apps.open_banking.operations import sandbox
from apps.open_banking.personas import BY_NAME
from apps.users.api.auth import read
from apps.users.api.strict import Strict
from apps.users.doors import signed_in


class SandboxAccountShown(serializers.ModelSerializer[SandboxAccount]):
    """An account; `id` is what it is called under `/obp/`."""

    id = serializers.UUIDField(source="public_id")
    account_type = serializers.CharField()
    status = serializers.CharField()
    balance = MoneyField()

    class Meta:
        model = SandboxAccount
        fields = ["id", "name", "number", "account_type", "status", "balance"]


class SandboxPersonaShown(serializers.ModelSerializer[SandboxPersona]):
    """Somebody to act as, with the word they sign in with."""

    id = serializers.UUIDField(source="public_id")
    password = serializers.SerializerMethodField()
    story = serializers.SerializerMethodField()
    accounts = SandboxAccountShown(many=True)

    class Meta:
        model = SandboxPersona
        fields = ["id", "which", "full_name", "username", "password", "story", "made_at", "accounts"]

    def get_password(self, row: SandboxPersona) -> str:
        """For DirectLogin."""
        return sandbox.password_of(row.developer, row.which)

    def get_story(self, row: SandboxPersona) -> str:
        """What is to be tried with them."""
        return str(BY_NAME[row.which].story)


class MagicShown(serializers.Serializer[Magic]):
    """What a payment does whose amount ends in these cents: it ends with `code`, or is PENDING and then `will_be`."""

    cents = serializers.IntegerField()
    code = serializers.CharField(allow_blank=True)
    will_be = serializers.CharField(allow_blank=True)


class SandboxShown(serializers.Serializer[Any]):
    """Everybody, the code by which an app is let in, the answer to the challenges of payments, and magic amounts."""

    code = serializers.CharField()
    challenge_answer = serializers.CharField()
    magic_cents = MagicShown(many=True)
    personas = SandboxPersonaShown(many=True)


class TapFaucet(Strict):
    """How much, and where to: at most 100,000 a call and 500,000 a day for each account."""

    account = serializers.UUIDField()
    amount = MoneyField(positive=True)


class SandboxLineShown(serializers.ModelSerializer[SandboxLine]):
    """What was added, and the balance after it."""

    account = serializers.UUIDField(source="account.public_id")
    amount = MoneyField()
    running_balance = MoneyField()

    class Meta:
        model = SandboxLine
        fields = ["account", "seq", "amount", "running_balance", "description", "posted_at"]


def _shown(personas: list[SandboxPersona]) -> Response:
    told = {"code": sandbox.CODE, "challenge_answer": sandbox.ANSWER, "magic_cents": MAGIC, "personas": personas}
    return Response(SandboxShown(told).data)


@extend_schema(tags=["developers"])
class Sandbox(APIView):
    """One's own personas."""

    @extend_schema(responses=SandboxShown)
    def get(self, request: Request) -> Response:
        """Everybody with their words, accounts and balances; made at the first call."""
        developer = policies.require_developer(signed_in(request))
        return _shown(sandbox.make(developer=developer, at=now()))


@extend_schema(tags=["developers"])
class ResetSandbox(APIView):
    """From the beginning."""

    throttle_scope = "otp"

    @extend_schema(request=None, responses=SandboxShown)
    def post(self, request: Request) -> Response:
        """Everything that happened goes, and the year is written anew up to today.

        Sandbox consents and tokens end; ids, numbers and words stay.
        """
        return _shown(sandbox.reset(by=signed_in(request), at=now()))


@extend_schema(tags=["developers"])
class FaucetSandbox(APIView):
    """Made-up money."""

    @extend_schema(
        request=TapFaucet,
        responses={201: SandboxLineShown},
        examples=[
            OpenApiExample(
                "Ten thousand shillings",
                {
                    "account": "7b0f3a3e-6a55-4d0e-a1a8-0c1b7c6b9d11",
                    "amount": {"amount": "10000.00", "currency": "KES"},
                },
                request_only=True,
            )
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Add it to an account of one's own sandbox."""
        asked = read(TapFaucet, request)
        line = sandbox.faucet(account=asked["account"], amount=asked["amount"], by=signed_in(request), at=now())
        return Response(SandboxLineShown(line).data, status=201)
