"""How returns of tax are written in JSON; amounts owed are positive."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.compliance.models import TaxComputation, TaxKind, TaxLine, TaxReturn
from apps.kernel.money import Money
from apps.kernel.serializers import MONEY_SCHEMA, MoneyField, money_json
from apps.users.api.strict import Strict


class TaxLineShown(serializers.ModelSerializer[TaxLine]):
    """The entries behind a figure, by the kind of transfer they came from and the product."""

    part: Any = serializers.CharField()
    amount = serializers.SerializerMethodField()

    class Meta:
        model = TaxLine
        fields = ("part", "source", "product", "entries", "amount", "first_on", "last_on")

    @extend_schema_field(MONEY_SCHEMA)
    def get_amount(self, row: TaxLine) -> dict[str, str]:
        """In the currency of the return."""
        return money_json(Money(row.amount_minor, row.computation.tax_return.currency))


@extend_schema_field(MONEY_SCHEMA)
class Figure(serializers.Field):
    """One figure of a computation, by its name, in the currency of the return."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(source="*", read_only=True)

    def to_representation(self, row: TaxComputation) -> dict[str, str]:
        """As money."""
        return money_json(Money(getattr(row.figures, self.name), row.tax_return.currency))


class TaxFiguresShown(serializers.ModelSerializer[TaxComputation]):
    """One computation: opening + accrued - reversed + late - paid - on_account = closing, as the tax account says."""

    opening = Figure("opening")
    accrued = Figure("accrued")
    reversed = Figure("reversed")
    late = Figure("late")
    paid = Figure("paid")
    on_account = Figure("on_account")
    closing = Figure("closing")
    credit = Figure("credit")
    payable = Figure("payable")

    class Meta:
        model = TaxComputation
        fields = ("number", "at", "by", "opening", "accrued", "reversed", "late", "paid", "on_account", "closing",
                  "credit", "payable")  # fmt: skip


FIELDS = ("id", "reference", "kind", "currency", "first_on", "last_on", "due_on", "status", "payable", "is_settled",
          "computed_by", "filed_by", "filed_at", "acknowledgement", "prn", "bank_reference", "paid_on", "pay_asked_by",
          "paid_by")  # fmt: skip


class TaxReturnShown(serializers.ModelSerializer[TaxReturn]):
    """A tax of a month."""

    kind: Any = serializers.CharField()
    status: Any = serializers.CharField()
    payable = MoneyField()
    is_settled = serializers.BooleanField()

    class Meta:
        model = TaxReturn
        fields: ClassVar[tuple[str, ...]] = FIELDS


class TaxReturnWhole(TaxReturnShown):
    """With the figures of its last computation and the rows behind them."""

    figures = TaxFiguresShown(source="computation")
    lines = TaxLineShown(source="computation.lines", many=True)

    class Meta(TaxReturnShown.Meta):
        fields: ClassVar[tuple[str, ...]] = (*FIELDS, "figures", "lines")


class MakeTaxReturn(Strict):
    """A tax, and a day of the month it is for."""

    kind: Any = serializers.ChoiceField(choices=TaxKind.choices)
    month = serializers.DateField()
    currency = serializers.RegexField(r"^[A-Z]{3,4}$", default="KES")


class FileTaxReturn(Strict):
    """The number by which the revenue authority acknowledged it."""

    acknowledgement = serializers.CharField(max_length=60)


class PayTaxReturn(Strict):
    """How it was paid, and a word for who allows it."""

    prn = serializers.CharField(max_length=30)
    bank_reference = serializers.CharField(max_length=60)
    paid_on = serializers.DateField()
    reason = serializers.CharField(max_length=200)


class PayOnAccount(PayTaxReturn):
    """A payment within the month, before there is a return."""

    kind: Any = serializers.ChoiceField(choices=TaxKind.choices)
    amount = MoneyField(positive=True)


class TaxOpenShown(serializers.Serializer[Any]):
    """What of a tax came up since its last return and is not covered; `due_on` is of the oldest day."""

    kind = serializers.CharField()
    amount = MoneyField()
    since = serializers.DateField()
    due_on = serializers.DateField()
