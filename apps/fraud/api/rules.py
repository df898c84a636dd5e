"""The rules of the screen by API: what holds, trying another version, asking for it, and asking the screen itself."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import Account
from apps.fraud import operations, rules
from apps.fraud.api import serializers as shapes
from apps.fraud.devices import DeviceAtHand
from apps.fraud.home import judge
from apps.fraud.models import BackTest, FraudRule
from apps.fraud.operations.back_tests import as_row
from apps.fraud.operations.screen import Movement, look
from apps.fraud.queries import Proposed
from apps.kernel.clock import now
from apps.kernel.errors import NotFound
from apps.kernel.pagination import Cursors
from apps.users.api.auth import read
from apps.users.api.staff import holds
from apps.users.doors import signed_in

TAGS = ["staff"]
_TRIED = {"code": "LARGE_AMOUNT", "expression": "amount >= KES 400000", "weight": "0.300"}
_WRITTEN = ("sentence_en", "sentence_sw", "customer_may_answer")
_WORDS = {"sentence_en": "A large amount: {amount}", "sentence_sw": "Kiasi kikubwa: {amount}"}


class Rules(ListAPIView[FraudRule]):
    """Every version of every rule; asking for the next one."""

    serializer_class = shapes.RuleShown
    pagination_class = Cursors
    permission_classes = (holds("fraud.manage_rules"),)
    filterset_fields = ("code", "is_active")
    search_fields: tuple[str, ...] = ()
    ordering_fields: tuple[str, ...] = ()
    queryset = FraudRule.objects.select_related("back_test").order_by("-pk")

    @extend_schema(tags=TAGS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The newest first; of each code the highest version counts."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        tags=TAGS,
        request=shapes.AskRule,
        responses={202: shapes.RuleAskedShown},
        examples=[OpenApiExample("Earlier", _TRIED | _WORDS | {"reason": "Losses in May"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """202: tried on the last 90 days and waiting for a second person. 422 `rule_too_broad` wants a word."""
        return _asked(read(shapes.AskRule, request), request)


def _asked(asked: dict[str, Any], request: Request) -> Response:
    rest = {name: asked[name] for name in (*_WRITTEN, "reason", "despite")}
    row = operations.ask_rule_change(proposed=_proposed(asked), by=signed_in(request), at=now(), **rest)
    tested = BackTest.objects.get(pk=row.payload["back_test"])
    return Response({"approval": row.pk, "status": row.status, "warnings": tested.warnings}, status=202)


class OneRule(APIView):
    """The newest version of one rule. Whatever is asked of it is a next version, tried and allowed by two: none is
    ever changed, and none is deleted.
    """

    permission_classes = (holds("fraud.manage_rules"),)

    @extend_schema(tags=TAGS, responses=shapes.RuleShown)
    def get(self, request: Request, code: str) -> Response:
        """The version that counts."""
        return Response(shapes.RuleShown(_newest(code)).data)

    @extend_schema(
        tags=TAGS,
        request=shapes.ReplaceRule,
        responses={202: shapes.RuleAskedShown},
        examples=[
            OpenApiExample(
                "Earlier",
                {"expression": _TRIED["expression"], "weight": "0.300"} | _WORDS | {"reason": "Losses in May"},
                request_only=True,
            )
        ],
    )
    def put(self, request: Request, code: str) -> Response:
        """Ask for its next version, said as a whole."""
        return _asked({"code": _newest(code).code, **read(shapes.ReplaceRule, request)}, request)

    @extend_schema(
        tags=TAGS,
        request=shapes.ChangeRule,
        responses={202: shapes.RuleAskedShown},
        examples=[OpenApiExample("Lighter", {"weight": "0.200", "reason": "Too many held"}, request_only=True)],
    )
    def patch(self, request: Request, code: str) -> Response:
        """Ask for its next version by what differs from the newest."""
        return _asked(_as_it_is(_newest(code)) | read(shapes.ChangeRule, request), request)

    @extend_schema(
        tags=TAGS,
        parameters=[OpenApiParameter("reason", str, required=True, description="Why; who allows it reads it")],
        responses={202: shapes.RuleAskedShown},
    )
    def delete(self, request: Request, code: str) -> Response:
        """Ask that it be switched off; its versions stay."""
        said = shapes.SwitchOff(data={"reason": request.query_params.get("reason", "")})
        said.is_valid(raise_exception=True)
        off = {"is_active": False, "despite": code, "reason": said.validated_data["reason"]}
        return _asked(_as_it_is(_newest(code)) | off, request)


def _newest(code: str) -> FraudRule:
    rows = FraudRule.objects.select_related("back_test").filter(code=code).order_by("-version")
    found = rows.first()
    if found is None:
        raise NotFound(_("There is no such rule."))
    return found


def _as_it_is(row: FraudRule) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("code", "expression", "weight", "is_active", *_WRITTEN)}


class Try(APIView):
    """A back-test."""

    permission_classes = (holds("fraud.manage_rules"),)

    @extend_schema(
        tags=TAGS,
        request=shapes.TryRule,
        responses=shapes.BackTestShown,
        examples=[OpenApiExample("Earlier", _TRIED, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """What the version would have done in the last 90 days. Nothing is kept or changed."""
        proposed, user, at = _proposed(read(shapes.TryRule, request)), signed_in(request), now()
        tried = operations.back_test(proposed=proposed, by=user, at=at)
        return Response(shapes.BackTestShown(as_row(proposed, tried, user, at)).data)


class Facts(APIView):
    """The words of the language."""

    permission_classes = (holds("fraud.manage_rules"),)

    @extend_schema(tags=TAGS, responses=shapes.FactShown(many=True))
    def get(self, request: Request) -> Response:
        """Every fact a rule may ask for."""
        return Response(
            [{"name": name, "kind": kind.value, "means": gettext(means)} for name, (kind, means) in rules.FACTS.items()]
        )


class FraudCheckDryRun(APIView):
    """The screen without a payment."""

    permission_classes = (holds("fraud.review_fraud"),)

    @extend_schema(
        tags=TAGS,
        request=shapes.DryRun,
        responses=shapes.DryRunShown,
        examples=[
            OpenApiExample(
                "To someone new",
                {"account": "100000000017", "amount": {"amount": "60000.00", "currency": "KES"}},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """What it would say now, as if the account's owner paid from where you are. Nothing is written or held."""
        asked = read(shapes.DryRun, request)
        account = get_object_or_404(Account, number=asked["account"])
        payee = get_object_or_404(Account, number=asked["to_account"]) if asked["to_account"] else None
        movement = Movement(
            user_id=account.owner_id,
            account_id=account.pk,
            amount=asked["amount"],
            kind=asked["transaction_type"],
            is_new_recipient=asked["new_recipient"],
            payee=f"accounts/{payee.pk}" if payee else "",
            payee_account_id=payee.pk if payee else None,
        )
        given = asked["device_fingerprint"]
        device = DeviceAtHand(given, names_itself=True) if given else None
        looked = look(movement, now(), device=device)
        verdict = judge(looked.facts, asked["amount"].currency, looked.rules, now())
        return Response(
            {
                "risk_score": f"{verdict.score:.3f}",
                "is_suspicious": verdict.action != "ALLOW",
                "action": verdict.action,
                "reasons": list(verdict.reasons),
                "facts": looked.facts,
                "anomaly_because": looked.because,
                "device_fingerprint": looked.device.value,
                "model_version": looked.version,
            }
        )


def _proposed(asked: dict[str, Any]) -> Proposed:
    return Proposed(asked["code"], asked["expression"], asked["weight"], asked["is_active"])
