"""The sheets of the product factory: every term a loan can have, grouped, read into the plain values of a draft."""

from decimal import Decimal
from itertools import permutations
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.kernel.money import Money
from apps.lending import factory
from apps.lending.factory.draft import COUNTS, FEE_MONEY, FLAGS, MONEY, NUMBERS, SHARES, plain
from apps.lending.factory.soundness import CHOICES
from apps.lending.factory.words import LABELS
from apps.lending.models import LoanFeeKind, LossTable, Owed, ProductTerms, Purpose, ReferenceRate
from apps.portals.customer.forms import AmountField, Sheet

GROUPS: tuple[tuple[Promise, tuple[str, ...]], ...] = (
    (
        _("How much, how long"),
        ("least_minor", "most_minor", "every", "unit", "least_periods", "most_periods", "usual_periods"),
    ),
    (
        _("Price"),
        ("rate", "rate_per", "reference", "least_rate", "most_rate", "interest_method", "is_daily", "day_count"),
    ),
    (
        _("How it comes back"),
        ("amortisation", "principal_pct", "down_payment_pct", "instalment_multiple_minor", "rounding", "smoothing",
         "principal_grace", "interest_deferred", "interest_free", "repayment_order"),
    ),
    (
        _("Early and late"),
        ("grace_minutes", "penalty_rate", "penalty_after_days", "penalty_cap_rate", "in_duplum",
         "write_off_after_days"),
    ),
    (
        _("Who can have it"),
        ("least_tier", "least_account_days", "least_score", "deposit_multiple", "savings_multiple", "guarantee_cover",
         "loan_to_value"),
    ),
    (_("Who decides"), ("decides_itself", "two_officers_above_minor", "offer_days", "source")),
)  # fmt: skip
HINTS: dict[str, Promise] = {
    "rate": _("Per cent. With a reference rate this is the margin on top of it, a year."),
    "least_rate": _("Per cent. Both bounds, or neither: one price for all."),
    "principal_pct": _("Only for a balloon: the rest comes with the last instalment."),
    "interest_deferred": _("Nothing is forgiven: the next instalment after them asks for it."),
    "interest_free": _("Forgiven: these instalments bear none."),
    "down_payment_pct": _("Paid back at once, on the day the loan is paid out."),
    "penalty_rate": _("Per cent, for each late day."),
    "loan_to_value": _("Per cent. Empty: no collateral is asked for."),
    "deposit_multiple": _("Empty: deposits do not bound the limit."),
    "savings_multiple": _("Empty: savings do not bound the limit."),
    "instalment_multiple_minor": _("Empty: to the cent."),
    "day_count": _("Counts where interest is by days, or an instalment is some days."),
}
OPTIONAL = ("least_rate", "most_rate", "loan_to_value", *NUMBERS, "instalment_multiple_minor", "reference")
_DIGITS = {"inputmode": "decimal", "autocomplete": "off"}


def _decimal(label: Any, *, required: bool, places: int = 4) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=required,
        min_value=0,
        max_digits=9,
        decimal_places=places,
        widget=forms.TextInput(attrs=dict(_DIGITS)),
    )


class Terms(Sheet):
    """Every term of a version. Shares are typed in per cent, amounts in whole money."""

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        for _title, names in GROUPS:
            for name in names:
                field = self._field(name)
                if not isinstance(field, forms.BooleanField):
                    field.widget.attrs.setdefault("class", "input")
                self.fields[name] = field

    def _field(self, name: str) -> forms.Field:
        label: Any = LABELS[name]
        needed = name not in OPTIONAL
        if name in MONEY:
            return AmountField(label=label, required=needed, currency=self.currency, may_be_zero=True)
        if name in SHARES or name in NUMBERS:
            return _decimal(label, required=needed)
        if name in COUNTS:
            return forms.IntegerField(label=label, min_value=0, max_value=32_767, widget=forms.TextInput(dict(_DIGITS)))
        if name in FLAGS:
            return forms.BooleanField(label=label, required=False)
        if name in CHOICES:
            return forms.ChoiceField(label=label, choices=CHOICES[name].choices)
        if name == "reference":
            codes = ReferenceRate.objects.order_by("code").values_list("code", flat=True).distinct()
            return forms.ChoiceField(
                label=label, required=False, choices=[("", _("None")), *((code, code) for code in codes)]
            )
        if name == "repayment_order":
            return forms.ChoiceField(label=label, choices=_orders())
        return forms.CharField(label=label, max_length=200)

    @property
    def groups(self) -> list[tuple[Promise, list[tuple[forms.BoundField, Promise | str, str]]]]:
        """The fields as the page shows them: group by group, each with its hint and prefix."""
        return [
            (title, [(self[name], HINTS.get(name, ""), self.currency if name in MONEY else "") for name in names])
            for title, names in GROUPS
        ]

    def values(self) -> dict[str, Any]:
        """As `factory.draft` takes them."""
        asked, found = self.cleaned_data, {}
        for name in factory.FIELDS:
            value = asked[name]
            if name in MONEY:
                found[name] = None if value is None else value.minor
            elif name in SHARES:
                found[name] = None if value is None else plain(value / 100)
            elif name in NUMBERS:
                found[name] = None if value is None else plain(value)
            elif name == "repayment_order":
                found[name] = value.split(",")
            else:
                found[name] = value
        found["down_payment_pct"] = found["down_payment_pct"] or "0"
        return found

    @staticmethod
    def written(terms: ProductTerms) -> dict[str, Any]:
        """A version as it stands in the fields."""
        found: dict[str, Any] = {}
        for name in factory.FIELDS:
            value = getattr(terms, name)
            if name in MONEY and value is not None:
                value = Money(value, terms.currency)
            elif name in SHARES and value is not None:
                value = plain(Decimal(value) * 100)
            elif name in NUMBERS and value is not None:
                value = plain(Decimal(value))
            elif name == "repayment_order":
                value = ",".join(value)
            found[name] = value
        return found


def _orders() -> list[tuple[str, str]]:
    return [(",".join(one), ", ".join(str(Owed(each).label) for each in one)) for one in permutations(Owed.values)]


class Fee(Sheet):
    """One kind of fee; all empty is none. Excise duty comes on top by law, not on a premium."""

    flat = AmountField(label=_("Flat"), required=False, may_be_zero=True)
    rate = _decimal(_("And per cent"), required=False, places=3)
    least = AmountField(label=_("At least"), required=False, may_be_zero=True)
    most = AmountField(label=_("At most"), required=False, may_be_zero=True)

    def __init__(self, *args: Any, currency: str, kind: LoanFeeKind, **kwargs: Any) -> None:
        super().__init__(*args, prefix=kind.lower(), **kwargs)
        self.kind = kind
        for field in self.fields.values():
            if isinstance(field, AmountField):
                field.currency = currency

    @property
    def title(self) -> str:
        """What it is charged for."""
        return str(self.kind.label)

    def fee(self) -> dict[str, Any] | None:
        """As `factory.draft` takes it; None when nothing is charged."""
        asked = self.cleaned_data
        minor = {name: asked[name].minor if asked[name] is not None else None for name in ("flat", "least", "most")}
        rate = (asked["rate"] or Decimal(0)) / 100
        if not (minor["flat"] or minor["least"] or rate):
            return None
        flat, least = minor["flat"] or 0, minor["least"] or 0
        return {"kind": self.kind.value, "rate": plain(rate)} | dict(
            zip(FEE_MONEY, (flat, least, minor["most"]), strict=True)
        )


class Ask(Sheet):
    """From when and why; and the loan to try the terms with. `seen` is set by the page that showed what they do."""

    valid_from = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(label=_("Reason"), max_length=400, required=False)
    amount = AmountField(label=_("Try it with"))
    periods = forms.IntegerField(label=_("Over so many instalments"), min_value=1, max_value=600)
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


def _loss_tables() -> list[tuple[str, str]]:
    """Asked each time the form is made."""
    return list(LossTable.objects.order_by("name").values_list("code", "name"))


class NewProduct(Sheet):
    """What a product is, besides its terms."""

    code = forms.CharField(
        label=_("Code"), max_length=20, widget=forms.TextInput(attrs={"autocapitalize": "characters"})
    )
    name = forms.CharField(label=_("Name in English"), max_length=60)
    name_sw = forms.CharField(label=_("Name in Kiswahili"), max_length=60)
    about = forms.CharField(label=_("What it is, in English"), max_length=200)
    about_sw = forms.CharField(label=_("What it is, in Kiswahili"), max_length=200)
    purposes = forms.MultipleChoiceField(
        label=_("What it is for"), choices=Purpose.choices, widget=forms.SelectMultiple(attrs={"size": 6})
    )
    loss_table = forms.ChoiceField(label=_("Classed by the table of"), choices=_loss_tables)
    loss_given_default = _decimal(_("Lost of a loan that fails, per cent"), required=True)

    def facts(self) -> dict[str, Any]:
        """As `ask_product` takes them."""
        asked = self.cleaned_data
        return {
            **{name: asked[name] for name in ("name", "name_sw", "about", "about_sw", "purposes", "loss_table")},
            "code": asked["code"].strip().upper(),
            "currency": "KES",
            "loss_given_default": plain(asked["loss_given_default"] / 100),
        }


class Reference(Sheet):
    """A reference rate's value from a day on."""

    code = forms.CharField(label=_("Code"), max_length=20)
    percent = _decimal(_("Per cent a year"), required=True)
    valid_from = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    source = forms.CharField(label=_("Where it was published"), max_length=200)
    reason = forms.CharField(label=_("Reason"), max_length=400)


class Why(Sheet):
    """Why something is asked for."""

    reason = forms.CharField(label=_("Reason"), max_length=400)


class Editor:
    """All sheets of one version together: bound to what was sent, or showing the terms it starts from."""

    def __init__(self, sent: QueryDict | None, *, start: ProductTerms, begin: dict[str, Any]) -> None:
        currency = start.currency
        self.terms = Terms(sent, currency=currency, initial=Terms.written(start))
        held = {fee.kind: fee for fee in start.charged}
        self.fees = [
            Fee(sent, currency=currency, kind=kind, initial=_fee_written(held.get(kind), currency))
            for kind in LoanFeeKind
        ]
        self.ask = Ask(sent, initial=begin)
        self.more: list[Sheet] = []

    @property
    def sheets(self) -> list[Sheet]:
        """Every sheet, the errors of each said in one place."""
        return [self.terms, *self.fees, self.ask, *self.more]

    @property
    def wrong(self) -> list[Sheet]:
        """Those with something to correct."""
        return [sheet for sheet in self.sheets if sheet.is_bound and sheet.errors]

    @property
    def status(self) -> int:
        """That of the worst sheet."""
        return max(sheet.status for sheet in self.sheets)

    def is_valid(self) -> bool:
        """All of them; every sheet is looked at, so that all errors are shown at once."""
        looked = [sheet.is_valid() for sheet in self.sheets]
        return all(looked)

    def kept(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The plain values of the terms, and of the fees."""
        return self.terms.values(), [fee for fee in (one.fee() for one in self.fees) if fee]

    def refuse(self, errors: dict[str, list[Any]], sentence: str) -> None:
        """Say each error at its field; what belongs to none, in the summary."""
        for name, sentences in errors.items():
            sheet = next((one for one in self.sheets if name in one.fields), self.ask)
            for one in sentences:
                sheet.add_error(name if name in sheet.fields else None, _now(str(one)))
        if not errors:
            self.ask.add_error(None, sentence)


def _fee_written(fee: Any, currency: str) -> dict[str, Any]:
    if fee is None:
        return {}
    minor = {"flat": fee.flat_minor, "least": fee.least_minor, "most": fee.most_minor}
    found: dict[str, Any] = {name: Money(value, currency) for name, value in minor.items() if value}
    return found | ({"rate": plain(fee.rate * 100)} if fee.rate else {})
