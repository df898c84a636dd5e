"""What a proposal asks for, in words that people may see: members by number, turns, fines and loans by their ids."""

from collections.abc import Callable, Mapping
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.chamas.api.door import in_currency, member_of
from apps.chamas.models import (
    ChamaGroup,
    Contribution,
    Fine,
    GroupLoan,
    GroupRole,
    Investment,
    InvestmentKind,
    PayIn,
    Turn,
)
from apps.chamas.operations.bring_investment import SPLITS
from apps.kernel.serializers import MoneyField
from apps.users.api.serializers import Strict

# What each act needs; what stands in `_MAY` may be left out.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "WAIVE_CONTRIBUTION": ("member", "cycle", "reason"),
    "REFUND_PAY_IN": ("pay_in", "reason"),
    "DECIDE_FINE": ("fine",),
    "PAY_TURN": ("member",),
    "SKIP_TURN": ("member", "reason"),
    "SETTLE_LEAVER": ("member",),
    "WITHDRAW_SAVINGS": ("member", "amount"),
    "PAY_WELFARE": ("member", "what", "happened_on"),
    "PAY_DIVIDEND": ("amount", "until"),
    "SHARE_OUT": (),
    "DISSOLVE": (),
    "LEND_TO_MEMBER": ("loan",),
    "WRITE_OFF_LOAN": ("loan", "reason"),
    "BUY_INVESTMENT": ("kind", "name", "units", "custodian", "custody_reference", "account", "amount"),
    "BRING_INVESTMENT": (
        *("kind", "name", "units", "custodian", "custody_reference", "value", "valued_on", "says", "paper", "split"),
    ),
    "VALUE_INVESTMENT": ("investment", "value", "valued_on", "says"),
    "SELL_INVESTMENT": ("investment", "units", "price"),
    "AMENDMENT": ("version",),
    "ROLE": ("member", "role"),
}
_MAY: Mapping[str, tuple[str, ...]] = {
    "REFUND_PAY_IN": ("to",),
    "DECIDE_FINE": ("keep",),
    "PAY_TURN": ("partial",),
    "BRING_INVESTMENT": ("parts",),
    "VALUE_INVESTMENT": ("paper",),
}
ACTS = [(act, act) for act in NEEDS]
PAYS_OUT = ("PAY_TURN", "SETTLE_LEAVER", "WITHDRAW_SAVINGS", "PAY_WELFARE", "PAY_DIVIDEND", "SHARE_OUT", "DISSOLVE")


class PartOf(Strict):
    """What of something brought in is one member's."""

    member = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    amount = MoneyField(positive=True)


class AskAct(Strict):
    """An act and what it is about; each act needs its own words, and takes no others."""

    act = serializers.ChoiceField(choices=ACTS)
    why = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    member = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False, help_text="Their number")
    amount = MoneyField(positive=True, required=False)
    cycle = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False, help_text="Its number")
    reason = serializers.CharField(max_length=140, required=False)
    pay_in = serializers.CharField(max_length=10, required=False, help_text="Its reference, C…")
    to = serializers.CharField(max_length=70, required=False, help_text="The slug of the group it was meant for")
    fine = serializers.UUIDField(required=False)
    keep = serializers.BooleanField(required=False, help_text="Keep the fine; it is waived when left out")
    partial: Any = serializers.BooleanField(required=False, help_text="Pay out what is there, though not all have paid")
    what = serializers.CharField(max_length=60, required=False, help_text="A claim that the rules name")
    happened_on = serializers.DateField(required=False)
    until = serializers.DateField(required=False, help_text="The last day of what is looked back on")
    loan = serializers.CharField(max_length=10, required=False, help_text="Its reference, T…")
    kind = serializers.ChoiceField(choices=InvestmentKind.choices, required=False)
    name = serializers.CharField(max_length=80, required=False, help_text="Of the investment")
    units = serializers.DecimalField(max_digits=20, decimal_places=6, required=False)
    custodian = serializers.CharField(max_length=80, required=False, help_text="Who keeps it or its register")
    custody_reference = serializers.CharField(max_length=60, required=False, help_text="Its title or number there")
    account = serializers.CharField(max_length=12, required=False, help_text="The seller's account at this bank")
    investment = serializers.UUIDField(required=False)
    value = MoneyField(required=False, help_text="Of all units the group has; 0 when it is worth nothing")
    valued_on = serializers.DateField(required=False)
    says = serializers.CharField(max_length=80, required=False, help_text="Whose word it is")
    paper = serializers.UUIDField(required=False, help_text="A paper of the group, of kind INVESTMENT")
    price = MoneyField(required=False, help_text="For all the units; 0 writes them off")
    split = serializers.ChoiceField(
        choices=[(one, one) for one in SPLITS], required=False, help_text="Whose it is; PARTS takes `parts`"
    )
    parts = PartOf(many=True, required=False, help_text="Of each member; together they are the value")
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    role = serializers.ChoiceField(choices=GroupRole.choices, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """All that the act needs, and nothing that it does not know."""
        given = set(attrs) - {"act", "why"}
        needs = set(NEEDS[attrs["act"]])
        wrong = {name: [_("This act needs it.")] for name in sorted(needs - given)}
        wrong |= {
            name: [_("This act does not take it.")] for name in sorted(given - needs - set(_MAY.get(attrs["act"], ())))
        }
        if wrong:
            raise serializers.ValidationError(wrong)
        return attrs


def facts_of(group: ChamaGroup, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What the act's own `read` takes. Raises Http404 for what is not of this group, CurrencyMismatch."""
    facts: dict[str, Any] = {}
    for name in (*NEEDS[asked["act"]], *_MAY.get(asked["act"], ())):
        if name in asked:
            facts |= _READ.get(name, _as_it_is)(group, name, asked)
    return facts


def _as_it_is(group: ChamaGroup, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    value = asked[name]
    return {name: value.isoformat() if hasattr(value, "isoformat") else value}


def _member(group: ChamaGroup, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The member, or what of theirs the act is about."""
    member = member_of(group, asked[name])
    if asked["act"] == "WAIVE_CONTRIBUTION":
        row = get_object_or_404(Contribution, member=member, cycle__number=asked["cycle"])
        return {"contribution": row.pk}
    if asked["act"] in ("PAY_TURN", "SKIP_TURN"):
        turns = Turn.objects.filter(round__group=group, member=member).order_by("-round__number")
        turn = turns.first()
        return {"turn": turn.pk if turn else 0}
    return {"member": member.pk}


def _amount(group: ChamaGroup, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    return {"minor": in_currency(group, asked[name]).minor}


def _pay_in(group: ChamaGroup, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    return {"pay_in": get_object_or_404(PayIn, group=group, reference=asked[name]).pk}


def _fine(group: ChamaGroup, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    return {"fine": get_object_or_404(Fine, group=group, public_id=asked[name]).pk}


def _loan(group: ChamaGroup, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    return {"loan": get_object_or_404(GroupLoan, group=group, reference=asked[name]).pk}


def _investment(group: ChamaGroup, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    return {"investment": get_object_or_404(Investment, group=group, public_id=asked[name]).pk}


def _minor(group: ChamaGroup, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{name}_minor": in_currency(group, asked[name]).minor}


def _as_text(group: ChamaGroup, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(asked[name])}


def _parts(group: ChamaGroup, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    said = [(member_of(group, one["member"]).pk, in_currency(group, one["amount"]).minor) for one in asked[name]]
    return {name: [list(one) for one in said]}


def _nothing(group: ChamaGroup, name: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    return {}


_READ: Mapping[str, Callable[[ChamaGroup, str, Mapping[str, Any]], dict[str, Any]]] = {
    "member": _member,
    "amount": _amount,
    "pay_in": _pay_in,
    "fine": _fine,
    "loan": _loan,
    "investment": _investment,
    "value": _minor,
    "price": _minor,
    "units": _as_text,
    "paper": _as_text,
    "parts": _parts,
    "cycle": _nothing,  # read with its member
}
