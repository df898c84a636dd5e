"""How groups, their members and their rules are written in JSON."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.chamas.api.door import Named
from apps.chamas.models import (
    FundKind,
    GroupInvitation,
    GroupInvitationStatus,
    GroupKind,
    GroupRole,
    GroupStatus,
    Hears,
    Membership,
    MembershipStatus,
    VersionStatus,
)
from apps.kernel.money import Money
from apps.kernel.serializers import MONEY_SCHEMA, MoneyField, money_json
from apps.users.api.serializers import Strict
from apps.users.rules import half_name

RULES_SCHEMA = {
    "type": "object",
    "description": "By name; amounts are minor units, shares of people and rates basis points. What is left out is as "
    "`GET …/constitution/` shows it for a new group.",
    "additionalProperties": True,
}
FUNDS_SCHEMA = {"type": "object", "additionalProperties": MONEY_SCHEMA}


@extend_schema_field(RULES_SCHEMA)
class RulesField(serializers.DictField):
    """A constitution as data."""


@extend_schema_field(FUNDS_SCHEMA)
class FundsField(serializers.Field):
    """What each fund holds, by its name; only those that hold something."""

    def to_representation(self, value: dict[str, Money]) -> dict[str, Any]:
        """Money by fund."""
        return {fund: money_json(amount) for fund, amount in value.items()}


def funds(held: dict[str, int], currency: str) -> dict[str, Money]:
    """Balances as money, in the order of the funds."""
    return {fund: Money(held[fund], currency) for fund in FundKind.values if held.get(fund)}


class FoundGroup(Strict):
    """A group with its first rules; who starts it is its chair."""

    name = serializers.CharField(min_length=3, max_length=60)
    kind = serializers.ChoiceField(choices=GroupKind.choices)
    rules = RulesField()


class RenameGroup(Strict):
    """Its name; its address stays."""

    name = serializers.CharField(min_length=3, max_length=60)


class JoinGroup(Strict):
    """The code that a member gave."""

    join_code = serializers.CharField(min_length=4, max_length=16)


class InviteToGroup(Strict):
    """By phone; the answer is the same whether that phone banks here or not."""

    phone = serializers.CharField(max_length=24)


class DecideOnAsker(Strict):
    """Take them in, or not."""

    take_in = serializers.BooleanField()


class GiveRole(Strict):
    """What a member does for the group, before it begins."""

    role = serializers.ChoiceField(choices=GroupRole.choices)


class AnswerInvitation(Strict):
    """Join, or not."""

    accept = serializers.BooleanField()


class ConfirmBalance(Strict):
    """What was looked at."""

    entry = serializers.UUIDField(help_text="As the balance says it: one's newest row")


class OwnBalanceShown(serializers.Serializer[Any]):
    """What is the caller's own, and whether they said that it is right."""

    funds = serializers.SerializerMethodField(help_text="By fund, those that hold something; LOANS is what is owed")
    entry = serializers.UUIDField(allow_null=True, help_text="One's newest row of the ledger")
    confirmed_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field({"type": "object", "additionalProperties": MONEY_SCHEMA})
    def get_funds(self, row: dict[str, Any]) -> dict[str, Any]:
        """Those that hold something."""
        return {fund: money_json(Money(minor, row["currency"])) for fund, minor in row["minors"].items() if minor}


class ChooseHears(Strict):
    """When to hear of what members pay in."""

    hears = serializers.ChoiceField(choices=Hears.choices)


class HearsShown(serializers.Serializer[Any]):
    """When the caller hears of it."""

    hears = serializers.ChoiceField(choices=Hears.choices)
    may_choose = serializers.BooleanField(help_text="Officers and auditors may")


class ProposeRules(Strict):
    """Another version of the rules."""

    rules = RulesField()


class GroupShown(serializers.Serializer[Any]):
    """A group as its members see it in a list."""

    slug = serializers.SlugField(source="group.slug")
    name = serializers.CharField(source="group.name")
    kind = serializers.ChoiceField(source="group.kind", choices=GroupKind.choices)
    status = serializers.ChoiceField(source="group.status", choices=GroupStatus.choices)
    currency = serializers.CharField(source="group.currency")
    my_number = serializers.IntegerField(source="own.number")
    my_role = serializers.ChoiceField(source="own.role", choices=GroupRole.choices)
    my_reference = serializers.CharField(
        source="own.reference", help_text="What one quotes when paying in, by M-Pesa, at a till, or by a payment here"
    )
    my_funds = FundsField(help_text="One's own part of each fund")
    members = serializers.IntegerField(help_text="Today")
    created_at = serializers.DateTimeField(source="group.created_at")
    began_at = serializers.DateTimeField(source="group.began_at", allow_null=True)
    closed_at = serializers.DateTimeField(source="group.closed_at", allow_null=True)


class WaitShown(serializers.Serializer[Any]):
    """Something that waits for one's word in the group."""

    what = serializers.CharField(help_text="VOTE, SIGN, DO, ACCEPT, CASH, GUARANTEE, ASKER, SWAP, DISPUTE or MINUTES")
    act = serializers.CharField(help_text="Of a proposal")
    since = serializers.DateTimeField()


class OneGroupShown(GroupShown):
    """A group with its money, and what stands in the way of its beginning."""

    funds = FundsField(help_text="Of all members together")
    purses = FundsField(help_text="The money that lies there now: POT, WELFARE, ROTATION, ADVANCE")
    due = MoneyField(help_text="What one owes now, fines included")
    next_due_on = serializers.DateField(allow_null=True)
    join_code = serializers.CharField(allow_null=True, help_text="Officers alone see it")
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="Before it begins: chair, treasurer, secretary, members, acceptance"
    )
    waiting = WaitShown(many=True, help_text="For oneself")
    proposals_open = serializers.IntegerField()
    disputes_open = serializers.IntegerField()


class GroupMemberShown(Named):
    """A member; `asked` ones are seen by officers alone."""

    role = serializers.ChoiceField(choices=GroupRole.choices)
    status = serializers.ChoiceField(choices=MembershipStatus.choices)
    joined_at = serializers.DateTimeField(allow_null=True)
    is_me = serializers.SerializerMethodField()
    has_accepted = serializers.SerializerMethodField(help_text="The rules in force, or those that wait")

    def get_is_me(self, row: Membership) -> bool:
        """One's own row."""
        return bool(row.user_id == self.context["user"].pk)

    def get_has_accepted(self, row: Membership) -> bool:
        """Whether they agreed to the rules."""
        return row.pk in self.context["accepted"]


class InvitationShown(serializers.Serializer[Any]):
    """An invitation as the group sees it: whose phone it went to is known to officers."""

    id = serializers.UUIDField(source="public_id")
    phone = serializers.CharField()
    status = serializers.ChoiceField(choices=GroupInvitationStatus.choices)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class InvitedShown(serializers.Serializer[Any]):
    """An invitation as whoever was invited sees it."""

    id = serializers.UUIDField(source="public_id")
    group = serializers.CharField(source="group.name")
    kind = serializers.ChoiceField(source="group.kind", choices=GroupKind.choices)
    invited_by = serializers.SerializerMethodField()
    expires_at = serializers.DateTimeField()

    def get_invited_by(self, row: GroupInvitation) -> str:
        """`Wanjiku K.`"""
        return half_name(row.invited_by.full_name)


class RulesShown(serializers.Serializer[Any]):
    """A version of the rules, every rule by name."""

    version = serializers.IntegerField()
    status = serializers.ChoiceField(choices=VersionStatus.choices)
    rules = RulesField()
    proposed_at = serializers.DateTimeField()
    in_force_at = serializers.DateTimeField(allow_null=True)
    accepted = serializers.SerializerMethodField(help_text="By so many members of today")
    i_accepted = serializers.SerializerMethodField()

    def get_accepted(self, row: Any) -> int:
        """How many."""
        return len(self.context["accepted"].get(row.pk, ()))

    def get_i_accepted(self, row: Any) -> bool:
        """Whether the caller did."""
        return self.context["own"].pk in self.context["accepted"].get(row.pk, ())


class ConstitutionShown(serializers.Serializer[Any]):
    """The rules in force, and those that wait for the members."""

    in_force = RulesShown(allow_null=True)
    proposed = RulesShown(allow_null=True)


class LeaveShown(serializers.Serializer[Any]):
    """What one would take along by leaving today, and what stands in the way."""

    savings = MoneyField()
    shares = MoneyField()
    ahead = MoneyField()
    loan = MoneyField(help_text="Principal and interest owed")
    fines = MoneyField()
    fee = MoneyField()
    net = MoneyField()
    notice_given_at = serializers.DateTimeField(allow_null=True)
    leaves_from = serializers.DateField(allow_null=True)
    hindrances = serializers.ListField(
        child=serializers.CharField(),
        help_text="notice, officer, guarantor, merry_go_round, appeal, owes_more_than_saved",
    )
