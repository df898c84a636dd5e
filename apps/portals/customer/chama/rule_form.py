"""The rules of a group as questions a person can answer; what comes out is a constitution's data."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.chamas.rules.constitution import WHOLE, Constitution
from apps.chamas.words import part_of_people
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.portals.amounts import read_amount, typed
from apps.portals.customer.forms import AmountField, Sheet

_NUMBER = {"inputmode": "numeric", "autocomplete": "off"}
_PEOPLE = (3_334, 5_000, 5_001, 6_667, 7_500, WHOLE)
WRONG = {
    "length": _("A group needs a name of 3 to 60 letters. Nothing was done."),
    "out_of_bounds": _("That is too little or too much."),
    "nobody_pays": _("Somebody must pay something: savings, welfare, the merry-go-round or shares."),
    "no_rotation": _("Leave this empty, or choose how turns are ordered."),
    "nothing_to_rotate": _("Say how much everybody pays into the merry-go-round."),
    "not_a_weekday": _("For weeks the day is from 1 (Monday) to 7 (Sunday)."),
    "no_welfare_fund": _("Say how much everybody pays for welfare first."),
    "no_shares": _("Give shares a price first, or share by savings."),
    "easier_than_others": _("This must not be easier than any other decision."),
    "not_named_amounts": _("Write one on each line, like: Bereavement = 5,000"),
    "not_a_choice": _("Choose one."),
}


def _amount(label: Any) -> AmountField:
    return AmountField(label=label, required=False, may_be_zero=True)


def _whole(label: Any, least: int, most: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        error_messages={"required": _("Write a number."), "invalid": _("Write a number.")},
        widget=forms.TextInput(attrs=_NUMBER),
    )


def _share(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        min_value=Decimal(0),
        max_value=Decimal(100),
        decimal_places=2,
        error_messages={"required": _("Write a number."), "invalid": _("Write a number.")},
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )


def _lines(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=1500,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
    )


class Rules(Sheet):
    """Every rule, by the name it has in a constitution."""

    savings_minor = _amount(_("Savings"))
    welfare_minor = _amount(_("Welfare"))
    rotation_minor = _amount(_("Merry-go-round"))
    frequency = forms.ChoiceField(
        label=_("How often"),
        choices=[("WEEKLY", _("Each week")), ("FORTNIGHTLY", _("Every two weeks")), ("MONTHLY", _("Each month"))],
    )
    due_day = _whole(_("By which day"), 1, 31)
    grace_minutes = _whole(_("Minutes after that day before it is late"), 0, 7 * 24 * 60)
    rotation = forms.ChoiceField(
        label=_("How turns of the merry-go-round are ordered"),
        choices=[
            ("NONE", _("There is none")),
            ("FIXED", _("By a list")),
            ("DRAWN", _("By lot")),
            ("AUCTIONED", _("By offers for an early turn")),
        ],
    )
    late_fine_minor = _amount(_("Fine for paying late"))
    absent_fine_minor = _amount(_("Fine for missing a meeting"))
    other_fines = _lines(_("Other fines, one on each line"))
    welfare_claims = _lines(_("What welfare pays for, one on each line"))
    welfare_waiting_months = _whole(_("Months of membership before welfare pays"), 0, 24)
    loan_multiple = _whole(_("Loans: times a member's savings (0: the group does not lend)"), 0, 10)
    loan_rate_bps = _share(_("Interest a month, in percent"))
    loan_most_months = _whole(_("Months a loan may run"), 1, 60)
    loan_guarantors = _whole(_("Guarantors of a loan"), 0, 10)
    share_price_minor = _amount(_("Price of a share (0: no shares)"))
    members_at_least = _whole(_("Members to begin with"), 2, 500)
    sign_offs = _whole(_("Officers who sign before money leaves"), 2, 3)
    vote_above_minor = _amount(_("Members vote as well on more than (0: never)"))
    vote_days = _whole(_("Days a vote is open"), 1, 60)
    quorum_bps = forms.TypedChoiceField(label=_("How many must vote"), coerce=int)
    majority_bps = forms.TypedChoiceField(label=_("Votes that pass it"), coerce=int)
    amendment_bps = forms.TypedChoiceField(label=_("Votes for new rules"), coerce=int)
    dissolution_bps = forms.TypedChoiceField(label=_("Votes to end the group"), coerce=int)
    exit_notice_days = _whole(_("Days of notice before leaving"), 0, 365)
    exit_fee_bps = _share(_("Percent of savings that stays when one leaves"))
    share_out_by = forms.ChoiceField(
        label=_("What was earned is shared by"),
        choices=[
            ("SAVINGS", _("Savings")),
            ("TIME_WEIGHTED", _("Savings, and for how long")),
            ("SHARES", _("Shares held")),
        ],
    )
    share_out_month = _whole(_("Month of the share-out (12: December)"), 1, 12)
    share_out_investments = forms.ChoiceField(
        label=_("Investments at the share-out"),
        choices=[
            ("SELL_FIRST", _("Sold before it")),
            ("KEEP", _("Stay in the group, with the savings that stand in them")),
        ],
    )

    TOPICS = (
        (_("What everybody pays"), ("savings_minor", "welfare_minor", "rotation_minor", "frequency", "due_day")),
        (_("Merry-go-round"), ("rotation",)),
        (_("Fines"), ("late_fine_minor", "grace_minutes", "absent_fine_minor", "other_fines")),
        (_("Welfare"), ("welfare_claims", "welfare_waiting_months")),
        (
            _("Loans and shares"),
            ("loan_multiple", "loan_rate_bps", "loan_most_months", "loan_guarantors", "share_price_minor"),
        ),
        (
            _("Deciding"),
            (
                "members_at_least",
                "sign_offs",
                "vote_above_minor",
                "vote_days",
                "quorum_bps",
                "majority_bps",
                "amendment_bps",
                "dissolution_bps",
            ),
        ),
        (
            _("Leaving and sharing out"),
            ("exit_notice_days", "exit_fee_bps", "share_out_by", "share_out_month", "share_out_investments"),
        ),
    )
    HINTS = {
        "due_day": _("Each month: 1 to 31, and 31 is its last day. Each week: 1 is Monday, 7 Sunday."),
        "other_fines": _("Like: Phone rings in the meeting = 50"),
        "welfare_claims": _("Like: Bereavement = 5,000"),
    }

    def __init__(self, *args: Any, terms: Constitution, currency: str = "KES", **kwargs: Any) -> None:
        self.terms, self.currency = terms, currency
        initial = {name: _shown(name, value, currency) for name, value in terms.as_data().items()}
        super().__init__(*args, initial=initial | kwargs.pop("initial", {}), **kwargs)
        for name in ("quorum_bps", "majority_bps", "amendment_bps", "dissolution_bps"):
            least = _PEOPLE if name == "quorum_bps" else _PEOPLE[2:]
            field: Any = self.fields[name]
            field.choices = [(bps, part_of_people(bps)) for bps in sorted({*least, getattr(terms, name)})]

    @property
    def topics(self) -> list[tuple[str, list[tuple[forms.BoundField, str, str]], bool]]:
        """For the page: the name of each part, its questions with what stands before and above them, and whether it
        is open.
        """
        return [
            (
                str(title),
                [(self[name], self._before(name), str(self.HINTS.get(name, ""))) for name in names],
                not nth or any(name in self.errors for name in names),
            )
            for nth, (title, names) in enumerate(self.TOPICS)
        ]

    def _before(self, name: str) -> str:
        return self.currency if isinstance(self.fields[name], AmountField) else ""

    def clean(self) -> dict[str, Any]:
        """Lines of names and amounts are read."""
        for name in ("other_fines", "welfare_claims"):
            try:
                self.cleaned_data[name] = _read_lines(self.cleaned_data.get(name, ""), self.currency)
            except (DomainError, ValueError):
                self.add_error(name, WRONG["not_named_amounts"])
        return self.cleaned_data

    def rules(self) -> dict[str, Any]:
        """As a constitution keeps them; a rule that was not asked stays as it was."""
        said = {name: _kept(name, value) for name, value in self.cleaned_data.items() if name in self.terms.as_data()}
        return {**self.terms.as_data(), **said}

    def refuse(self, no: DomainError, field: str | None = None) -> None:
        """Say what is the matter with each rule."""
        for name, codes in (no.facts.get("errors") or {}).items():
            for code in codes:
                self.add_error(name if name in self.fields else None, WRONG.get(code, code))
        if not no.facts.get("errors"):
            super().refuse(no, field)


def _shown(name: str, value: Any, currency: str) -> Any:
    if isinstance(value, dict):
        return "\n".join(f"{what} = {typed(Money(minor, currency))}" for what, minor in value.items())
    if name.endswith("_minor"):
        return typed(Money(value, currency)) if value else ""
    return f"{value / 100:g}" if name in ("loan_rate_bps", "exit_fee_bps") else value


def _kept(name: str, value: Any) -> Any:
    if name.endswith("_minor"):
        return value.minor if value else 0
    return int(value * 100) if name in ("loan_rate_bps", "exit_fee_bps") else value


def _read_lines(text: str, currency: str) -> dict[str, int]:
    rows = {}
    for line in (line.strip() for line in text.splitlines() if line.strip()):
        name, sign, amount = line.rpartition("=")
        if not sign or not name.strip():
            raise ValueError(line)
        rows[" ".join(name.split())] = read_amount(amount.strip(), currency).minor
    return rows
