"""Accounts at other banks by API, beside own ones: link one, and ask for its newest."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import connectors
from apps.accounts.errors import NotLinked
from apps.accounts.models import Account
from apps.kernel.clock import now
from apps.kernel.errors import NotFound
from apps.kernel.serializers import MoneyField
from apps.users.api.auth import read
from apps.users.api.strict import Strict
from apps.users.doors import signed_in
from apps.users.models import User


class LinkAccount(Strict):
    """At which bank: one of `/api/v1/linked-banks/choices/`."""

    bank = serializers.UUIDField()


class AccountLinkBegun(serializers.Serializer[Any]):
    """A link that waits: send the customer to `authorize_url`, and what they come back with to `finish_url`."""

    id = serializers.UUIDField()
    authorize_url = serializers.URLField()
    finish_url = serializers.CharField()


class LinkedAccountTold(serializers.Serializer[Any]):
    """An account at another bank: the balance as that bank told it at `as_of`; `is_stale` when it tells no more."""

    id = serializers.UUIDField(source="public_id")
    bank = serializers.CharField()
    label: Any = serializers.CharField()
    masked_number = serializers.CharField()
    balance = MoneyField()
    as_of = serializers.DateTimeField()
    is_stale = serializers.BooleanField()


class LinkOne(APIView):
    """Accounts at another bank, linked."""

    @extend_schema(tags=["accounts"], request=LinkAccount, responses={201: AccountLinkBegun})
    def post(self, request: Request) -> Response:
        """Begin: the other bank is asked for a consent to read. Nothing is read before they allowed it there."""
        bank = read(LinkAccount, request)["bank"]
        begun = connectors.connector().begin(bank=bank, by=signed_in(request), at=now())
        return Response(AccountLinkBegun(begun).data, status=201)


class RefreshLinked(APIView):
    """The newest of a linked account."""

    @extend_schema(tags=["accounts"], request=None, responses=LinkedAccountTold)
    def post(self, request: Request, account: str) -> Response:
        """Ask the other bank now; once a minute. An account of this bank is refused: it is always the newest."""
        by = signed_in(request)
        asked = _linked_id(account, by)
        told = connectors.connector().refresh(
            account=asked, by=by, at=now(), address=request.META.get("REMOTE_ADDR", "")
        )
        return Response(LinkedAccountTold(told).data)


def _linked_id(account: str, by: User) -> UUID:
    """Own accounts have numbers for ids, linked ones do not. Raises NotLinked for one's own, else NotFound."""
    if account.isdecimal() and Account.objects.held_by(by).filter(pk=int(account)).exists():
        raise NotLinked(_("This account is held here, so its balance is always the newest. No other bank was asked."))
    try:
        return UUID(account)
    except ValueError as no:
        raise NotFound(_("There is no such account.")) from no
