"""Automatic transfers by API."""

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import operations
from apps.accounts.models import Account, AutoTransferRule, AutoTransferRun, RuleCadence, RuleKind
from apps.kernel.clock import now
from apps.kernel.errors import NotFound
from apps.kernel.idempotency import idempotent, key_of
from apps.kernel.serializers import MoneyField
from apps.users.api.auth import read
from apps.users.api.serializers import Strict
from apps.users.doors import signed_in
from apps.users.models import User

TAGS = ["automatic transfers"]
RUNS_SHOWN = 24
EXAMPLE = OpenApiExample(
    "A tenth of what comes in",
    {
        "kind": "PERCENTAGE",
        "from_account": 11,
        "to_account": 12,
        "rate": "0.10000",
        "floor": {"amount": "500.00", "currency": "KES"},
    },
    request_only=True,
)


class TransferRuleChange(Strict):
    """Members of a rule that may change; which of them count depends on its kind."""

    from_account = serializers.IntegerField(required=False, min_value=1, max_value=2**62)
    to_account = serializers.IntegerField(required=False, min_value=1, max_value=2**62, help_text="None for LOAN_DUES")
    amount = MoneyField(required=False, positive=True, help_text="FIXED: how much; ROUND_UP: to the next of this")
    rate = serializers.DecimalField(
        max_digits=6, decimal_places=5, min_value=0, max_value=1, required=False, help_text="PERCENTAGE: 0.1 is a tenth"
    )
    threshold = MoneyField(required=False, positive=True, help_text="SWEEP_ABOVE, TOP_UP_BELOW")
    floor = MoneyField(required=False, help_text="What the account it leaves always keeps; nothing when left out")
    cadence = serializers.ChoiceField(choices=RuleCadence.choices, required=False, help_text="FIXED")
    day = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=31,
        help_text="FIXED: of the week from 1, or of the month; 31 is the last",
    )
    priority = serializers.IntegerField(required=False, min_value=0, max_value=99, help_text="Lower comes first")


class NewTransferRule(TransferRuleChange):
    """A rule as a whole."""

    kind = serializers.ChoiceField(choices=RuleKind.choices)
    from_account = serializers.IntegerField(min_value=1, max_value=2**62)


class RulePause(Strict):
    """Until which day; until it is resumed when left out."""

    until = serializers.DateField(required=False)


class RuleSkip(Strict):
    """Leave the next one out, or do not after all."""

    skip = serializers.BooleanField(default=True)


class AutoRunShown(serializers.ModelSerializer[AutoTransferRun]):
    """What became of a run."""

    amount = MoneyField()

    class Meta:
        model = AutoTransferRun
        fields = ["on", "status", "amount", "because", "at"]


class TransferRuleShown(serializers.ModelSerializer[AutoTransferRule]):
    """A rule, and what became of its last runs."""

    id = serializers.UUIDField(source="public_id")
    from_account = serializers.IntegerField(source="from_account_id")
    to_account: Any = serializers.IntegerField(source="to_account_id", allow_null=True)
    amount: Any = MoneyField(allow_null=True)
    threshold: Any = MoneyField(allow_null=True)
    floor = MoneyField()
    runs = serializers.SerializerMethodField()

    class Meta:
        model = AutoTransferRule
        fields = [
            "id",
            "kind",
            "from_account",
            "to_account",
            "amount",
            "rate",
            "threshold",
            "floor",
            "cadence",
            "day",
            "next_due_on",
            "priority",
            "is_active",
            "paused_until",
            "skip_next",
            "runs",
            "created_at",
            "ended_at",
        ]

    @extend_schema_field(AutoRunShown(many=True))
    def get_runs(self, rule: AutoTransferRule) -> Any:
        """The last ones, newest first; empty in lists."""
        return AutoRunShown(self.context.get("runs", []), many=True).data


class TransferRules(viewsets.GenericViewSet[AutoTransferRule]):
    """Rules that move one's own money."""

    serializer_class = TransferRuleShown
    queryset = AutoTransferRule.objects.none()
    lookup_field = "public_id"
    filterset_fields = ("kind", "is_active")
    search_fields: tuple[str, ...] = ()
    ordering_fields = ("created_at",)
    ordering = ("-pk",)
    throttle_scope = "money"

    def get_queryset(self) -> Any:
        """Only one's own, without those that ended."""
        rows = AutoTransferRule.objects.owned_by(self.request.user).kept()
        return rows.select_related("from_account", "to_account")

    @extend_schema(tags=TAGS, responses=TransferRuleShown(many=True))
    def list(self, request: Request) -> Response:
        """The newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(TransferRuleShown(page, many=True).data)

    @extend_schema(tags=TAGS, responses=TransferRuleShown)
    def retrieve(self, request: Request, public_id: str) -> Response:
        """One, with its last runs."""
        return self._shown(self._one(public_id))

    @extend_schema(tags=TAGS, request=NewTransferRule, responses={201: TransferRuleShown}, examples=[EXAMPLE])
    @idempotent
    def create(self, request: Request) -> Response:
        """At work from now on: it looks at what comes in and, from six each morning, at the day."""
        asked, user = read(NewTransferRule, request), signed_in(request)
        terms = operations.RuleTerms(**_with_accounts(asked, user))
        key = key_of(request) or uuid.uuid4().hex
        return self._shown(operations.make_rule(owner=user, terms=terms, key=key, by=user, at=now()), status=201)

    @extend_schema(tags=TAGS, request=TransferRuleChange, responses=TransferRuleShown)
    def update(self, request: Request, public_id: str) -> Response:
        """Other figures, dates or accounts; for another kind end it and make a new one."""
        rule = self._one(public_id)
        asked, user = read(TransferRuleChange, request), signed_in(request)
        return self._shown(operations.change_rule(rule=rule, by=user, at=now(), **_with_accounts(asked, user)))

    @extend_schema(tags=TAGS, request=TransferRuleChange, responses=TransferRuleShown)
    def partial_update(self, request: Request, public_id: str) -> Response:
        """As PUT: what is left out stays."""
        return self.update(request, public_id)

    @extend_schema(tags=TAGS, responses={204: None})
    def destroy(self, request: Request, public_id: str) -> Response:
        """End it for good."""
        operations.end_rule(rule=self._one(public_id), by=signed_in(request), at=now())
        return Response(status=204)

    @extend_schema(tags=TAGS, request=None, responses=AutoRunShown(many=True))
    @idempotent
    def run(self, request: Request, public_id: str) -> Response:
        """Look now instead of in the morning; answers what it did, nothing when there was nothing to do."""
        rule, occasion = self._one(public_id), f"asked/{key_of(request) or uuid.uuid4().hex}"
        runs = operations.run_rules(owner_id=rule.owner_id, occasion=occasion[:120], at=now(), only=rule.pk)
        return Response(AutoRunShown(runs, many=True).data)

    @extend_schema(tags=TAGS, request=RulePause, responses=TransferRuleShown)
    def pause(self, request: Request, public_id: str) -> Response:
        """Move nothing for a while; what goes by is not made up for."""
        until = read(RulePause, request).get("until")
        rule = operations.pause_rule(rule=self._one(public_id), until=until, by=signed_in(request), at=now())
        return self._shown(rule)

    @extend_schema(tags=TAGS, request=None, responses=TransferRuleShown)
    def resume(self, request: Request, public_id: str) -> Response:
        """At work again from now on."""
        return self._shown(operations.resume_rule(rule=self._one(public_id), by=signed_in(request), at=now()))

    @extend_schema(tags=TAGS, request=RuleSkip, responses=TransferRuleShown)
    def skip(self, request: Request, public_id: str) -> Response:
        """Leave the next one out."""
        skip = read(RuleSkip, request)["skip"]
        rule = operations.skip_rule(rule=self._one(public_id), skip=skip, by=signed_in(request), at=now())
        return self._shown(rule)

    def _one(self, public_id: str) -> AutoTransferRule:
        row: AutoTransferRule = get_object_or_404(self.get_queryset(), public_id=public_id)
        return row

    def _shown(self, rule: AutoTransferRule, status: int = 200) -> Response:
        runs = rule.runs.order_by("-pk")[:RUNS_SHOWN]
        return Response(TransferRuleShown(rule, context={"runs": runs}).data, status=status)


def _with_accounts(asked: dict[str, Any], user: User) -> dict[str, Any]:
    """The accounts that were named, one's own. Raises NotFound."""
    named = {name: asked[name] for name in ("from_account", "to_account") if name in asked}
    return asked | {name: own_account(user, pk) for name, pk in named.items()}


def own_account(user: User, pk: int) -> Account:
    """One's own account. Raises NotFound."""
    account = Account.objects.owned_by(user).select_related("owner").filter(pk=pk).first()
    if account is None:
        raise NotFound(_("There is no such account, or it is not yours. No money moved."))
    return account
