"""Consents by API: apps lodge them, customers see, give and stop them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import mixins, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed, NotFound
from apps.open_banking import operations, policies
from apps.open_banking.api import shapes
from apps.open_banking.api.authentication import AppToken, AppUser
from apps.open_banking.errors import AccountNotEligible
from apps.open_banking.models import Consent, ConsentType
from apps.open_banking.operations import Wish, sandbox
from apps.open_banking.operations.lodge import Payable, claim
from apps.payments.api.serializers import ChallengeShown
from apps.users import operations as people
from apps.users.api.auth import read
from apps.users.api.authentication import BearerToken
from apps.users.doors import signed_in

_ASKED = {"consent_type": "AIS", "accounts_access": True, "balances_access": True, "purpose": "Your budget"}

_TO_PAY = {
    "consent_type": "PIS",
    "amount": {"amount": "1500.00", "currency": "KES"},
    "creditor": {"account": "001000000114"},
    "reference": "Invoice 7",
}


def _creditor(who: AppUser, asked: dict[str, Any], at: datetime) -> Payable | None:
    """Whom the app wants paid; only an app that may ask for payments learns whether there is anybody."""
    if "creditor" not in asked or "amount" not in asked:
        return None
    policies.require_scope(who.app, asked["consent_type"])
    if who.app.is_sandbox:
        return sandbox.find_payee(
            developer=who.app.developer, asked=asked["creditor"], amount=asked["amount"], at=at
        )  # fmt: skip
    return operations.find_creditor(asked=asked["creditor"], amount=asked["amount"], at=at)


@extend_schema(tags=["consents"])
class Consents(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Consent]):
    """One's own as a customer; an app's own with its client-credentials token."""

    authentication_classes = (AppToken, BearerToken)
    serializer_class = shapes.AccessConsentShown
    lookup_field = "public_id"
    lookup_value_converter = "uuid"
    filter_backends = ()
    queryset = Consent.objects.none()

    def get_queryset(self) -> QuerySet[Consent]:
        """Of who asks."""
        who: Any = self.request.user
        rows = (
            Consent.objects.select_related("app__developer", "terms", "sandbox_terms")
            .prefetch_related("chosen__sandbox_account")
            .order_by("-created_at", "-pk")
        )
        return rows.of_app(who.app) if isinstance(who, AppUser) else rows.owned_by(who)

    @extend_schema(
        request=shapes.LodgeConsent,
        responses={201: shapes.AccessConsentShown},
        examples=[
            OpenApiExample("Accounts and balances", _ASKED, request_only=True),
            OpenApiExample("A payment", _TO_PAY, request_only=True),
        ],
    )
    def create(self, request: Request) -> Response:
        """An app writes down what it will ask for. Nobody has agreed yet: send the customer to `/oauth/authorize` with
        the scope `openid accounts consent:<id>`.
        """
        who: Any = request.user
        if not isinstance(who, AppUser):
            raise NotAllowed(_("Apps lodge consents, with a token of their own. Nothing was asked for."))
        asked, at = read(shapes.LodgeConsent, request), now()
        pays = asked["consent_type"] == ConsentType.PIS
        monthly, yearly = asked.get("monthly") or {}, asked.get("yearly") or {}
        wish = Wish(
            consent_type=asked["consent_type"],
            accounts=asked["accounts_access"],
            balances=asked["balances_access"],
            transactions=asked["transactions_access"],
            valid_until=asked.get("valid_until"),
            is_recurring=asked.get("is_recurring", not pays),
            frequency_per_day=asked.get("frequency_per_day"),
            purpose=asked["purpose"],
            transactions_from=asked.get("transactions_from"),
            amount=asked.get("amount"),
            creditor=_creditor(who, asked, at),
            note=asked["reference"],
            monthly=monthly.get("amount"),
            monthly_count=monthly.get("payments"),
            yearly=yearly.get("amount"),
            yearly_count=yearly.get("payments"),
        )
        row = operations.lodge(app=who.app, wish=wish, at=at)
        return Response(self.get_serializer(row).data, status=201)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, public_id: UUID) -> Response:
        """The customer stops it, or the app gives it back. Its next request is refused."""
        row, who = self.get_object(), request.user
        if isinstance(who, AppUser):
            operations.terminate(consent=row, app=who.app, at=now())
        else:
            operations.revoke(consent=row, by=signed_in(request), at=now())
        return Response(status=204)

    @extend_schema(
        request=shapes.AuthoriseConsent,
        responses={200: shapes.AccessConsentShown, 202: ChallengeShown},
        examples=[OpenApiExample("One account", {"accounts": [7]}, request_only=True)],
    )
    def authorize(self, request: Request, public_id: UUID) -> Response:
        """The customer lets an app in. 202: a challenge for exactly these accounts; send it back with its code.

        In the sandbox the app's developer sends `sandbox_accounts` and the code 123456, at once. The app fetches its
        code at `/oauth/authorize` all the same; the customer is not asked again there.
        """
        if isinstance(request.user, AppUser):
            raise NotAllowed(_("Only the customer lets an app in. Nothing was shared."))
        user, asked, at = signed_in(request), read(shapes.AuthoriseConsent, request), now()
        row = self._asked_of(user, public_id)
        if row.is_sandbox or "sandbox_accounts" in asked:
            return self._in_sandbox(row, user, asked, at)
        accounts = list(policies.eligible(user).filter(pk__in=asked.get("accounts", [])))
        if not accounts or len(accounts) != len(set(asked["accounts"])):
            raise AccountNotEligible(_("One of these accounts cannot be shared. Nothing was shared."))
        claim(consent=row, by=user, at=at)
        if "challenge" not in asked:
            challenge = operations.challenge(
                consent=row, accounts=accounts, by=user, at=at, method=asked.get("method", "")
            )
            return Response(ChallengeShown.of(challenge), status=202)
        if "code" in asked:
            people.answer(challenge_id=asked["challenge"], user=user, answer=asked["code"], at=at)
        row = operations.authorise(consent=row, accounts=accounts, by=user, at=at, challenge_id=asked["challenge"])
        return Response(self.get_serializer(get_object_or_404(self.get_queryset(), pk=row.pk)).data)

    def _in_sandbox(self, row: Consent, user: Any, asked: dict[str, Any], at: datetime) -> Response:
        """In one step: the sandbox's code is told, and no challenge is sent."""
        chosen, code = asked.get("sandbox_accounts", []), asked.get("code", "")
        claim(consent=row, by=user, at=at)
        row = sandbox.let_in(consent=row, accounts=chosen, code=code, by=user, at=at)
        return Response(self.get_serializer(get_object_or_404(self.get_queryset(), pk=row.pk)).data)

    def _asked_of(self, user: Any, public_id: UUID) -> Consent:
        """One's own, or one that nobody has been asked yet: who knows its number was sent here by the app."""
        rows = Consent.objects.select_related("app__developer").exclude(consent_type=ConsentType.IDENTITY)
        row = rows.filter(public_id=public_id).first()
        if row is None or row.user_id not in (None, user.pk):
            raise NotFound(_("There is no such consent, or it is not yours."))
        return row
