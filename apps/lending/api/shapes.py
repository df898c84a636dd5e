"""What the loans' API takes and gives."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.kernel.clock import local_date, now
from apps.kernel.money import Money
from apps.kernel.serializers import MoneyField, money_json
from apps.lending.models import Because, Instalment, Loan, LoanStatus, Purpose
from apps.users.api.strict import Strict


class ProductShown(serializers.Serializer[Any]):
    """A loan the bank offers. `rate` is a share: 0.05 is 5 %, for the time `rate_per` names."""

    code = serializers.CharField(source="product.code")
    name = serializers.CharField(source="product.__str__")
    about = serializers.CharField(source="product.said")
    purposes = serializers.ListField(child=serializers.ChoiceField(Purpose.choices), source="product.purposes")
    version = serializers.IntegerField()
    least = MoneyField()
    most = MoneyField()
    rate = serializers.DecimalField(max_digits=9, decimal_places=6)
    rate_per = serializers.CharField()
    interest_method = serializers.CharField()
    amortisation = serializers.CharField()
    every = serializers.IntegerField()
    unit = serializers.CharField()
    least_periods = serializers.IntegerField()
    most_periods = serializers.IntegerField()
    usual_periods = serializers.IntegerField()
    grace_minutes = serializers.IntegerField()
    penalty_rate = serializers.DecimalField(max_digits=8, decimal_places=6)
    decides_itself = serializers.BooleanField()


class ReasonShown(serializers.Serializer[Any]):
    """A reason, by code and in words."""

    code = serializers.CharField()
    says = serializers.CharField()


class LimitShown(serializers.Serializer[Any]):
    """What one can borrow by a product."""

    product = serializers.CharField(source="terms.product.code")
    amount = MoneyField()
    is_open = serializers.BooleanField(help_text="Whether it can be asked for now.")
    reasons = ReasonShown(many=True)
    blocks = ReasonShown(many=True, help_text="Rules that are not met now.")
    score = serializers.IntegerField(source="score.decision_score", allow_null=True)


class AskOffer(Strict):
    """A loan to be worked out."""

    product = serializers.CharField(max_length=20)
    amount = MoneyField(positive=True)
    periods = serializers.IntegerField(min_value=1, max_value=600, required=False, allow_null=True, default=None)


class Apply(AskOffer):
    """A loan to be asked for."""

    purpose = serializers.ChoiceField(Purpose.choices, default=Purpose.OTHER)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    account = serializers.IntegerField(required=False, allow_null=True, default=None, help_text="None: the main one.")
    accepts = serializers.BooleanField(
        default=True,
        help_text="An instant loan that is approved is paid out at once: the borrower saw its cost (quote) and agrees. "
        "False: it is offered first. Other loans are always offered and signed.",
    )


class AskMatch(Strict):
    """A need."""

    amount = MoneyField(positive=True)
    purpose = serializers.ChoiceField(Purpose.choices)
    periods = serializers.IntegerField(min_value=1, max_value=600, required=False, allow_null=True, default=None)


class Repay(Strict):
    """Money to pay back."""

    amount = MoneyField(positive=True)


class ChargeShown(serializers.Serializer[Any]):
    """A charge of the day a loan is paid out."""

    kind = serializers.CharField()
    amount = MoneyField()
    duty = MoneyField()


class PlannedShown(serializers.Serializer[Any]):
    """One instalment as planned."""

    number = serializers.IntegerField()
    due_on = serializers.DateField()
    principal = serializers.SerializerMethodField()
    interest = serializers.SerializerMethodField()
    total = serializers.SerializerMethodField()
    balance = serializers.SerializerMethodField()

    def _money(self, minor: int) -> dict[str, str]:
        return money_json(Money(minor, self.context["currency"]))

    @extend_schema_field(MoneyField())
    def get_principal(self, row: Any) -> dict[str, str]:
        """Principal."""
        return self._money(row.principal_minor)

    @extend_schema_field(MoneyField())
    def get_interest(self, row: Any) -> dict[str, str]:
        """Interest."""
        return self._money(row.interest_minor)

    @extend_schema_field(MoneyField())
    def get_total(self, row: Any) -> dict[str, str]:
        """Both."""
        return self._money(row.total_minor)

    @extend_schema_field(MoneyField())
    def get_balance(self, row: Any) -> dict[str, str]:
        """Principal left after it."""
        return self._money(row.balance_minor)


class OfferShown(serializers.Serializer[Any]):
    """What a loan would cost, all of it. `apr_pct` is the annual percentage rate of charge by the EU method."""

    product = serializers.CharField(source="terms.product.code")
    principal = MoneyField()
    periods = serializers.IntegerField()
    rate = serializers.DecimalField(max_digits=9, decimal_places=6)
    rate_per = serializers.CharField(source="terms.rate_per")
    received = MoneyField(help_text="What stays on the account.")
    charges = ChargeShown(many=True)
    interest = MoneyField(source="plan.interest")
    cost = MoneyField(help_text="Interest and charges.")
    repaid = MoneyField(help_text="Everything that is paid back.")
    instalment = MoneyField()
    down_payment = MoneyField(help_text="Taken from the money on the day it goes out.")
    # A charge over weeks on a small loan that somebody tries out comes to millions of per cent.
    apr_pct = serializers.DecimalField(max_digits=40, decimal_places=2)
    apr_method = serializers.SerializerMethodField()
    schedule = serializers.SerializerMethodField()

    def get_apr_method(self, _offer: Any) -> str:
        """`eu`: it compounds; not to be compared with one by US Regulation Z."""
        return "eu"

    @extend_schema_field(PlannedShown(many=True))
    def get_schedule(self, offer: Any) -> Any:
        """The instalments."""
        return PlannedShown(offer.plan.rows, many=True, context={"currency": offer.principal.currency}).data


class MatchShown(serializers.Serializer[Any]):
    """A product for a need, with why."""

    product = serializers.CharField(source="terms.product.code")
    name = serializers.CharField(source="terms.product.__str__")
    fit = serializers.IntegerField(help_text="0 to 100")
    can_be_had = serializers.BooleanField()
    limit = MoneyField(source="limit.amount")
    instalment = MoneyField(source="offer.instalment")
    cost = MoneyField(source="offer.cost")
    apr_pct = serializers.DecimalField(max_digits=40, decimal_places=2, source="offer.apr_pct")
    reasons = serializers.ListField(child=serializers.CharField())


class LoanShown(serializers.ModelSerializer[Loan]):
    """A loan. What is owed counts payments at once and interest to the last end of a day."""

    id = serializers.UUIDField(source="public_id")
    product = serializers.CharField(source="product.code")
    status = serializers.ChoiceField(LoanStatus.choices)
    account = serializers.IntegerField(source="account_id")
    principal = MoneyField()
    principal_left = MoneyField()
    interest_due = MoneyField()
    charges_left = MoneyField()
    arrears = MoneyField()
    paid = MoneyField()
    cost = MoneyField()
    is_overdue = serializers.SerializerMethodField()
    replaces = serializers.UUIDField(source="replaces.public_id", allow_null=True, default=None)

    class Meta:
        model = Loan
        fields: tuple[str, ...] = (
            "id",
            "reference",
            "product",
            "status",
            "account",
            "principal",
            "periods",
            "rate",
            "purpose",
            "cost",
            "apr_pct",
            "principal_left",
            "interest_due",
            "charges_left",
            "arrears",
            "paid",
            "is_overdue",
            "days_past_due",
            "because",
            "applied_at",
            "decided_at",
            "offer_until",
            "accepted_at",
            "disbursed_at",
            "first_due_on",
            "last_due_on",
            "over_at",
            "auto_debit",
            "replaces",
            "renewal",
            "version",
        )

    def get_is_overdue(self, loan: Loan) -> bool:
        """Whether an instalment fell due before today and was not paid in full."""
        return bool(loan.status == LoanStatus.ACTIVE and loan.oldest_due_on and loan.oldest_due_on < local_date(now()))


class LoanStatusShown(serializers.Serializer[Loan]):
    """Where a loan stands."""

    id = serializers.UUIDField(source="public_id")
    status = serializers.ChoiceField(LoanStatus.choices)
    principal_left = MoneyField()
    arrears = MoneyField()
    days_past_due = serializers.IntegerField()
    next_due_on = serializers.DateField(source="oldest_due_on", allow_null=True)


class InstalmentShown(serializers.ModelSerializer[Instalment]):
    """One instalment."""

    principal = MoneyField()
    interest = MoneyField()
    fee = MoneyField()
    penalty = MoneyField()
    total = MoneyField()
    paid = MoneyField()
    left = MoneyField()
    balance = MoneyField()
    status = serializers.SerializerMethodField()

    class Meta:
        model = Instalment
        fields = (
            "number",
            "due_on",
            "principal",
            "interest",
            "fee",
            "penalty",
            "total",
            "paid",
            "left",
            "balance",
            "settled_on",
            "status",
        )

    @extend_schema_field(serializers.ChoiceField(["DUE", "PARTLY_PAID", "PAID", "LATE"]))
    def get_status(self, row: Instalment) -> str:
        """DUE, PARTLY_PAID, PAID or LATE, as of today."""
        return row.status(local_date(now()))


class DayOffShown(serializers.Serializer[Any]):
    """What ending the loan would cost on a day."""

    on = serializers.DateField()
    total = MoneyField()
    saves = MoneyField(help_text="Less than paying as the schedule says.")


class PayoffShown(serializers.Serializer[Any]):
    """What ends the loan now."""

    total = MoneyField()
    principal = serializers.SerializerMethodField()
    interest = serializers.SerializerMethodField()
    charges = serializers.SerializerMethodField()
    is_free = serializers.BooleanField(help_text="Within the minutes in which a loan costs nothing.")
    days = DayOffShown(many=True, source="later", help_text="Today, tomorrow, the end of the month.")

    @extend_schema_field(MoneyField())
    def get_principal(self, owed: Any) -> dict[str, str]:
        """Principal."""
        return money_json(Money(owed.principal, owed.currency))

    @extend_schema_field(MoneyField())
    def get_interest(self, owed: Any) -> dict[str, str]:
        """Interest to today."""
        return money_json(Money(owed.interest, owed.currency))

    @extend_schema_field(MoneyField())
    def get_charges(self, owed: Any) -> dict[str, str]:
        """Fees and penalties."""
        return money_json(Money(owed.charges, owed.currency))


class RepaymentShown(serializers.Serializer[Any]):
    """A repayment, and what of it went where."""

    reference = serializers.CharField()
    loan = serializers.UUIDField(source="loan.public_id")
    amount = MoneyField()
    principal = MoneyField()
    interest = MoneyField()
    charges = MoneyField()
    origin = serializers.CharField(source="source", help_text="WALLET, AUTO, MPESA, CASH or GROUP.")
    paid_on = serializers.DateField()
    taken_back_on = serializers.DateField(
        source="taken_back.reversed_on", default=None, allow_null=True, help_text="It does not count from then on."
    )
    taken_back_because = serializers.ChoiceField(
        Because.choices, source="taken_back.because", default=None, allow_null=True
    )
    loan_status = serializers.CharField(source="loan.status")
