"""A group's constitution as a value: read from what was typed or kept, checked as a whole, written back as data."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

Frequency = Literal["WEEKLY", "FORTNIGHTLY", "MONTHLY"]
Rotation = Literal["NONE", "FIXED", "DRAWN", "AUCTIONED"]
ShareOut = Literal["SAVINGS", "TIME_WEIGHTED", "SHARES"]
Keeps = Literal["SELL_FIRST", "KEEP"]

WHOLE = 10_000  # basis points
MOST_MINOR = 10**11
CHOICES: Mapping[str, tuple[str, ...]] = {
    "frequency": ("WEEKLY", "FORTNIGHTLY", "MONTHLY"),
    "rotation": ("NONE", "FIXED", "DRAWN", "AUCTIONED"),
    "share_out_by": ("SAVINGS", "TIME_WEIGHTED", "SHARES"),
    "share_out_investments": ("SELL_FIRST", "KEEP"),
}
# The least and the most each number may be.
_BOUNDS: Mapping[str, tuple[int, int]] = {
    "savings_minor": (0, MOST_MINOR),
    "welfare_minor": (0, MOST_MINOR),
    "rotation_minor": (0, MOST_MINOR),
    "share_price_minor": (0, MOST_MINOR),
    "late_fine_minor": (0, MOST_MINOR),
    "absent_fine_minor": (0, MOST_MINOR),
    "grace_minutes": (0, 7 * 24 * 60),
    "due_day": (1, 31),
    "members_at_least": (2, 500),
    "quorum_bps": (1, WHOLE),
    "majority_bps": (WHOLE // 2 + 1, WHOLE),
    "amendment_bps": (WHOLE // 2 + 1, WHOLE),
    "dissolution_bps": (WHOLE // 2 + 1, WHOLE),
    "vote_days": (1, 60),
    "sign_offs": (2, 5),
    "vote_above_minor": (0, MOST_MINOR),
    "loan_multiple": (0, 10),
    "loan_rate_bps": (0, WHOLE),
    "loan_most_months": (1, 60),
    "loan_guarantors": (0, 10),
    "exit_notice_days": (0, 365),
    "exit_fee_bps": (0, WHOLE),
    "welfare_waiting_months": (0, 24),
    "share_out_month": (1, 12),
}


class NotAConstitution(ValueError):
    """What was given cannot be executed; `wrong` names each rule with a code of what is the matter."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {code}" for name, code in wrong.items()))
        self.wrong = dict(wrong)


@dataclass(frozen=True, slots=True, kw_only=True)
class Constitution:
    """What members agreed on. Amounts are minor units of the group's currency, shares of people basis points.

    A contribution is `savings + welfare + rotation`, due each `frequency` by the end of `due_day` (1 is Monday in
    weeks, 31 a month's last day) and late `grace_minutes` after it.
    """

    frequency: Frequency = "MONTHLY"
    due_day: int = 5
    grace_minutes: int = 60
    savings_minor: int = 0
    welfare_minor: int = 0
    rotation_minor: int = 0
    share_price_minor: int = 0  # 0: no share capital
    late_fine_minor: int = 0
    absent_fine_minor: int = 0
    other_fines: Mapping[str, int] = field(default_factory=dict)  # what for → how much
    rotation: Rotation = "NONE"
    members_at_least: int = 2
    quorum_bps: int = 5_000  # of the members who may vote, how many must
    majority_bps: int = 5_001  # of the votes cast, how many must be for it
    amendment_bps: int = 6_667
    dissolution_bps: int = 7_500
    vote_days: int = 3
    sign_offs: int = 2  # officers who approve money out, nobody their own
    vote_above_minor: int = 0  # money out over this needs a vote as well; 0: officers alone always may
    loan_multiple: int = 4  # of a member's savings
    loan_rate_bps: int = 1_000  # a month, on what is left
    loan_most_months: int = 12
    loan_guarantors: int = 2
    welfare_claims: Mapping[str, int] = field(default_factory=dict)  # what happened → what is paid
    welfare_waiting_months: int = 3
    exit_notice_days: int = 30
    exit_fee_bps: int = 0  # of the savings taken along
    share_out_by: ShareOut = "TIME_WEIGHTED"
    share_out_month: int = 12
    share_out_investments: Keeps = "SELL_FIRST"  # or kept, with the savings that stand in them

    @property
    def contribution_minor(self) -> int:
        """What a member pays each time."""
        return self.savings_minor + self.welfare_minor + self.rotation_minor

    @property
    def parts(self) -> dict[str, int]:
        """How a contribution is laid into the group's funds; welfare and rotation before savings."""
        parts = {"WELFARE": self.welfare_minor, "ROTATION": self.rotation_minor, "SAVINGS": self.savings_minor}
        return {fund: minor for fund, minor in parts.items() if minor}

    def as_data(self) -> dict[str, Any]:
        """As it is kept, every rule by name."""
        return {**asdict(self), "other_fines": dict(self.other_fines), "welfare_claims": dict(self.welfare_claims)}


def read(data: Mapping[str, Any]) -> Constitution:
    """A constitution from its data; what is not said is as the class has it. Raises NotAConstitution."""
    known = {one.name for one in fields(Constitution)}
    wrong = {name: "unknown" for name in data if name not in known}
    for name in known & set(data):
        if code := _fault(name, data[name]):
            wrong[name] = code
    if wrong:
        raise NotAConstitution(wrong)
    read_ = Constitution(**data)
    if wrong := _contradictions(read_):
        raise NotAConstitution(wrong)
    return read_


def _fault(name: str, value: Any) -> str:
    if name in CHOICES:
        return "" if value in CHOICES[name] else "not_a_choice"
    if name in _BOUNDS:
        least, most = _BOUNDS[name]
        return "" if _is_whole(value) and least <= value <= most else "out_of_bounds"
    ok = isinstance(value, Mapping) and len(value) <= 20 and all(map(_is_named_amount, value.items()))
    return "" if ok else "not_named_amounts"


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_named_amount(pair: tuple[Any, Any]) -> bool:
    name, minor = pair
    return isinstance(name, str) and 1 <= len(name.strip()) <= 60 and _is_whole(minor) and 0 < minor <= MOST_MINOR


_CONTRADICTIONS: tuple[tuple[str, str, Callable[[Constitution], bool]], ...] = (
    ("savings_minor", "nobody_pays", lambda one: one.contribution_minor == 0 and one.share_price_minor == 0),
    ("rotation_minor", "no_rotation", lambda one: one.rotation == "NONE" and one.rotation_minor > 0),
    ("rotation", "nothing_to_rotate", lambda one: one.rotation != "NONE" and one.rotation_minor == 0),
    ("due_day", "not_a_weekday", lambda one: one.frequency != "MONTHLY" and one.due_day > 7),
    ("welfare_claims", "no_welfare_fund", lambda one: bool(one.welfare_claims) and one.welfare_minor == 0),
    ("share_out_by", "no_shares", lambda one: one.share_out_by == "SHARES" and one.share_price_minor == 0),
    ("amendment_bps", "easier_than_others", lambda one: one.amendment_bps < one.majority_bps),
    ("dissolution_bps", "easier_than_others", lambda one: one.dissolution_bps < one.majority_bps),
)


def _contradictions(one: Constitution) -> dict[str, str]:
    return {name: code for name, code, is_so in _CONTRADICTIONS if is_so(one)}
