"""Ways of saving together that people know, as rules to begin with; each rule is then the group's own to change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.chamas.models import GroupKind
from apps.chamas.rules import constitution
from apps.chamas.rules.constitution import Constitution


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One way; `rules` say only what differs from a constitution that says nothing (amounts in minor units)."""

    code: str
    name: Promise
    about: Promise
    kind: GroupKind
    rules: Mapping[str, Any]

    @property
    def terms(self) -> Constitution:
        """As a whole constitution."""
        return constitution.read(self.rules)


PRESETS: tuple[Preset, ...] = (
    Preset(
        code="merry-go-round",
        name=_("Merry-go-round"),
        about=_("Everybody pays in, one member takes it all, until everybody had a turn."),
        kind=GroupKind.MERRY_GO_ROUND,
        rules={
            "rotation": "DRAWN",
            "rotation_minor": 100_000,
            "welfare_minor": 10_000,
            "late_fine_minor": 5_000,
            "members_at_least": 5,
            "loan_multiple": 0,
            "share_out_by": "SAVINGS",
        },
    ),
    Preset(
        code="savings",
        name=_("Savings group"),
        about=_("Everybody saves a little each month and takes it out, with what it earned, in December."),
        kind=GroupKind.SAVINGS,
        rules={
            "savings_minor": 100_000,
            "welfare_minor": 20_000,
            "late_fine_minor": 5_000,
            "members_at_least": 5,
            "loan_multiple": 0,
        },
    ),
    Preset(
        code="table-banking",
        name=_("Table banking"),
        about=_("What is saved is lent to members, who pay interest to the group."),
        kind=GroupKind.SAVINGS,
        rules={
            "savings_minor": 100_000,
            "welfare_minor": 20_000,
            "late_fine_minor": 10_000,
            "absent_fine_minor": 10_000,
            "members_at_least": 5,
            "loan_multiple": 3,
            "loan_rate_bps": 1_000,
            "loan_most_months": 6,
            "vote_above_minor": 5_000_000,
        },
    ),
    Preset(
        code="investment",
        name=_("Investment group"),
        about=_("Members buy shares, the group invests, and dividends follow the shares."),
        kind=GroupKind.INVESTMENT,
        rules={
            "savings_minor": 200_000,
            "share_price_minor": 100_000,
            "late_fine_minor": 20_000,
            "members_at_least": 5,
            "loan_multiple": 0,
            "share_out_by": "SHARES",
            "vote_above_minor": 1,
        },
    ),
    Preset(
        code="sacco",
        name=_("SACCO group"),
        about=_("Savings and shares, and loans of up to three times what a member saved."),
        kind=GroupKind.SACCO,
        rules={
            "savings_minor": 200_000,
            "share_price_minor": 10_000,
            "welfare_minor": 10_000,
            "late_fine_minor": 10_000,
            "members_at_least": 10,
            "loan_multiple": 3,
            "loan_rate_bps": 100,
            "loan_most_months": 36,
            "share_out_by": "SHARES",
            "vote_above_minor": 10_000_000,
        },
    ),
)


def preset(code: str) -> Preset:
    """The one of a code. Raises LookupError."""
    for one in PRESETS:
        if one.code == code:
            return one
    raise LookupError(f"there is no preset {code!r}")
