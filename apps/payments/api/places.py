"""Where money goes, as the API reads it for payees and standing orders; and the proof both ask for."""

from datetime import datetime
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.accounts.models import Account, AccountQuerySet, TransactionType
from apps.accounts.queries import main_account
from apps.kernel.errors import NotFound
from apps.kernel.money import Money
from apps.payments import operations
from apps.payments.api.serializers import ChallengeShown
from apps.payments.banks import places
from apps.payments.models import Payee
from apps.payments.operations.book import ANY_RAIL_TAKES
from apps.users import operations as people
from apps.users.api.serializers import Strict
from apps.users.models import User

RAIL = "mpesa"
_WAYS = {
    "to": None,
    "phone": TransactionType.MOBILE_MONEY,
    "paybill": TransactionType.BILL_PAYMENT,
    "till": TransactionType.MERCHANT_PAYMENT,
    "bank": TransactionType.EXTERNAL_TRANSFER,
}


class Place(Strict):
    """Exactly one of `to`, `phone`, `paybill` with `account`, `till`, or `bank` with `account`."""

    ways: tuple[str, ...] = tuple(_WAYS)

    to = serializers.CharField(max_length=40, required=False, help_text="At KitBank: phone or account number")
    phone = serializers.CharField(max_length=24, required=False, help_text="A phone's M-Pesa")
    paybill = serializers.CharField(max_length=7, required=False)
    account = serializers.CharField(max_length=24, required=False, help_text="The account at the biller or the bank")
    till = serializers.CharField(max_length=7, required=False)
    bank = serializers.RegexField(r"^[0-9]{2}$", required=False, help_text="From `GET /api/v1/banks`")
    name = serializers.CharField(
        max_length=140, required=False, help_text="Whose account at the bank it is, where the bank does not tell"
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One way, and a paybill with its account."""
        if len([way for way in self.ways if way in attrs]) != 1:
            raise serializers.ValidationError(f"Send exactly one of {', '.join(self.ways)}.")
        if ("paybill" in attrs or "bank" in attrs) != ("account" in attrs):
            raise serializers.ValidationError(
                {"account": ["A paybill or a bank goes together with the account there."]}
            )
        if "name" in attrs and "bank" not in attrs:
            raise serializers.ValidationError({"name": ["A name goes with an account at a bank."]})
        return attrs


def found(asked: dict[str, Any], user: User, at: datetime, amount: Money = ANY_RAIL_TAKES) -> dict[str, Any]:
    """The place that was asked for, named; called outside any transaction, because a rail may ask its provider."""
    if "payee" in asked:
        payee = get_object_or_404(Payee.objects.owned_by(user).saved(), public_id=asked["payee"])
        if payee.to_account is not None:
            return operations.place_here(to=payee.to_account.number, owner=user, at=at)
        place, kind = payee.destination, payee.kind
        rail = _bank_rail(place["bank"], amount, at) if kind == TransactionType.EXTERNAL_TRANSFER else payee.rail
        return operations.place_outside(rail=rail, kind=kind, asked=place, amount=amount, at=at)
    if "to" in asked:
        return operations.place_here(to=asked["to"], owner=user, at=at)
    kind = next(str(kind) for way, kind in _WAYS.items() if kind and way in asked)
    place = {name: asked[name] for name in ("phone", "paybill", "account", "till", "bank", "name") if name in asked}
    rail = _bank_rail(asked["bank"], amount, at) if "bank" in asked else RAIL
    return operations.place_outside(rail=rail, kind=kind, asked=place, amount=amount, at=at)


def _bank_rail(bank: str, amount: Money, at: datetime) -> str:
    """The one that carries this amount there; raises BankNotFound."""
    return places.rail_for(code=bank, amount=amount, at=at).value


def account_of(user: User, pk: int | None) -> Account:
    """One's own account, the main one when none is named. Raises NotFound."""
    return _found(Account.objects.owned_by(user), user, pk)


def account_acted_for(user: User, pk: int | None) -> Account:
    """One's own account, or one of a business one signs for; one's own main one when none is named. Raises NotFound."""
    return _found(Account.objects.acted_for_by(user).select_related("owner"), user, pk)


def _found(among: AccountQuerySet, user: User, pk: int | None) -> Account:
    account = main_account(user) if pk is None else among.filter(pk=pk).first()
    if account is None:
        raise NotFound(_("There is no such account, or it is not yours. No money moved."))
    return account


def prove(asked: dict[str, Any], user: User, at: datetime) -> None:
    """Spend a try on the answer that came along. Call it outside any transaction."""
    if answer := asked["credential"] or asked["code"]:
        people.answer(challenge_id=asked["challenge"], user=user, answer=answer, at=at)


class WithChallenge(serializers.Serializer[Any]):
    """Something that may wait for its proof."""

    challenge = serializers.SerializerMethodField()

    def get_challenge(self, row: Any) -> dict[str, Any] | None:
        """The proof it waits for, when one was just asked."""
        asked = self.context.get("challenge")
        return None if asked is None else ChallengeShown.of(asked)
