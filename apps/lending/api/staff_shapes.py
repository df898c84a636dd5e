"""What the loans' API takes from staff and shows them."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from apps.kernel.serializers import MoneyField
from apps.lending.api.shapes import LoanShown, RepaymentShown
from apps.lending.models import Because, Why
from apps.users.api.strict import Strict


class DeclineLoan(Strict):
    """Why."""

    reason = serializers.CharField(max_length=500)


class Review(Strict):
    """What a first officer thinks."""

    recommends = serializers.BooleanField()
    note = serializers.CharField(max_length=1900)


class ApproveNote(Strict):
    """A word for the record."""

    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class OtherTerms(Strict):
    """Other terms for a loan that runs. `rate` is a share for the product's time: 0.012 is 1.2 %."""

    why = serializers.ChoiceField(
        [Why.RESCHEDULED.value, Why.MORATORIUM.value, Why.REAGED.value, Why.NEW_RATE.value],
        help_text="More time, a pause without principal, arrears spread over what is left, another rate.",
    )
    periods = serializers.IntegerField(min_value=0, max_value=60, default=0)
    rate = serializers.DecimalField(
        max_digits=9, decimal_places=6, min_value=Decimal(0), required=False, allow_null=True, default=None
    )
    reason = serializers.CharField(max_length=500)


class Refinance(Strict):
    """A new loan in place of a late one: on the terms in force of another product, or of the same."""

    product = serializers.CharField(max_length=20)
    periods = serializers.IntegerField(min_value=1, max_value=600)
    reason = serializers.CharField(max_length=500)


class BackDated(Strict):
    """A payment that had come on `paid_on`, by the number of its receipt or of the bank's advice."""

    amount = MoneyField(positive=True)
    paid_on = serializers.DateField()
    came = serializers.ChoiceField(["CASH", "BANK"])
    document = serializers.CharField(max_length=40)
    reason = serializers.CharField(max_length=500)


class TakeBack(Strict):
    """A repayment that is to be taken back, by its reference; `to` is the loan that it was meant for."""

    repayment = serializers.CharField(max_length=12)
    because = serializers.ChoiceField(Because.choices)
    reason = serializers.CharField(max_length=500)
    to = serializers.CharField(
        max_length=14, required=False, allow_blank=True, default="", help_text="That loan's reference."
    )


class AskedShown(serializers.Serializer[Any]):
    """A request that waits for a second person."""

    approval = serializers.IntegerField()


class TakeLoanCash(Strict):
    """Cash for a loan."""

    loan = serializers.CharField(max_length=12, help_text="The loan's reference.")
    amount = MoneyField(positive=True)
    by_name = serializers.CharField(max_length=120)


class LoanCashShown(serializers.Serializer[Any]):
    """What was taken, and what it paid; no repayment while large cash waits for a second person."""

    receipt = serializers.CharField()
    status = serializers.CharField()
    approval = serializers.IntegerField(allow_null=True)
    repayment = RepaymentShown(allow_null=True)


class SwitchLending(Strict):
    """Stop lending, or start it again."""

    on = serializers.BooleanField()
    reason = serializers.CharField(max_length=500)


class StaffLoanShown(LoanShown):
    """With whom and how it stands."""

    borrower = serializers.IntegerField(source="borrower_id")
    borrower_name = serializers.CharField(source="borrower.full_name")

    class Meta(LoanShown.Meta):
        fields = (
            *LoanShown.Meta.fields,
            "borrower",
            "borrower_name",
            "score",
            "loss_class",
            "stage",
            "held_at_days",
            "on_time_since",
            "review",
        )


class AtRiskShown(serializers.Serializer[Any]):
    """Portfolio at risk beyond so many days; `strict` counts restructured loans whatever their lateness."""

    days = serializers.IntegerField()
    loans = serializers.IntegerField()
    principal = MoneyField()
    share = serializers.DecimalField(max_digits=7, decimal_places=4)
    strict_principal = MoneyField()
    strict_share = serializers.DecimalField(max_digits=7, decimal_places=4)


class ClassShown(serializers.Serializer[Any]):
    """Loans of a product in one class and stage."""

    product = serializers.CharField()
    loss_class = serializers.CharField()
    stage = serializers.IntegerField()
    loans = serializers.IntegerField()
    principal = MoneyField()
    provision = MoneyField()


class PortfolioShown(serializers.Serializer[Any]):
    """The loan book."""

    loans = serializers.IntegerField()
    principal = MoneyField()
    arrears = MoneyField()
    interest = MoneyField()
    provision = MoneyField(help_text="Expected loss by IFRS 9.")
    regulatory = MoneyField(help_text="What the regulator's tables ask for.")
    coverage = serializers.DecimalField(max_digits=9, decimal_places=4, allow_null=True)
    at_risk = AtRiskShown(many=True)
    classes = ClassShown(many=True)


class SwitchShown(serializers.Serializer[Any]):
    """Whether the bank lends."""

    is_on = serializers.BooleanField()
    approval = serializers.IntegerField(allow_null=True, help_text="The request that waits for a second person.")
