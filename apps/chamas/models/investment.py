"""What a group owns outside the bank: bought or brought in, valued and sold by decision, each on a day and a paper."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.chamas.models.group import ChamaGroup
from apps.chamas.models.paper import GroupPaper
from apps.chamas.rules.investments import units_text
from apps.kernel.money import MoneyOf
from apps.kernel.triggers import append_only


class InvestmentKind(models.TextChoices):
    """What it is."""

    UNIT_TRUST = "UNIT_TRUST", _("Unit trust or money market fund")
    TREASURY_BILL = "TREASURY_BILL", _("Treasury bill or bond")
    SHARES = "SHARES", _("Company shares")
    LAND = "LAND", _("Land or a building")
    BUSINESS = "BUSINESS", _("Business")
    OTHER = "OTHER", _("Something else")


class InvestmentQuerySet(models.QuerySet["Investment"]):
    """Investments by whether the group still has them."""

    def held(self) -> "InvestmentQuerySet":
        """Something of it is the group's."""
        return self.filter(over_at=None)


class Investment(models.Model):
    """One thing the group owns. `cost_left_minor` is what was paid for the units that it still has, or what they were
    worth when they were brought in: all investments of a group together are its fund INVESTMENTS, below zero.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    group = models.ForeignKey(ChamaGroup, on_delete=models.PROTECT, related_name="investments")
    kind = models.CharField(max_length=13, choices=InvestmentKind.choices)
    name = models.CharField(max_length=80)
    custodian = models.CharField(max_length=80, help_text=_("Who keeps it or the register it stands in"))
    custody_reference = models.CharField(max_length=60, help_text=_("Title, certificate or account number there"))
    reference = models.CharField(max_length=10, unique=True, help_text=_("What is quoted when it earns something"))
    bought_on = models.DateField(help_text=_("When it came into the books of the group"))
    is_brought = models.BooleanField(
        default=False, help_text=_("It was the group's or its members' before; nobody was paid for it")
    )
    units = models.DecimalField(max_digits=20, decimal_places=6)
    units_left = models.DecimalField(max_digits=20, decimal_places=6)
    cost_minor = models.BigIntegerField()
    cost_left_minor = models.BigIntegerField()
    currency = models.CharField(max_length=8)
    payee = models.ForeignKey("accounts.Account", on_delete=models.PROTECT, null=True, related_name="+")
    receipt = models.CharField(max_length=60, help_text=_("What people quote of how it came"))
    transfer_id = models.BigIntegerField(unique=True)
    over_at = models.DateTimeField(null=True, blank=True)

    cost = MoneyOf("cost_minor")
    cost_left = MoneyOf("cost_left_minor")

    objects = InvestmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("investment of a group")
        verbose_name_plural = _("investments of groups")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=InvestmentKind.values), name="group_investment_kind_is_known"),
            models.CheckConstraint(
                condition=Q(cost_minor__gt=0, cost_left_minor__gte=0, cost_left_minor__lte=F("cost_minor")),
                name="a_group_investment_cost_something",
            ),
            models.CheckConstraint(
                condition=Q(units__gt=0, units_left__gte=0, units_left__lte=F("units")),
                name="no_more_units_are_left_than_bought",
            ),
            models.CheckConstraint(
                condition=Q(over_at=None, units_left__gt=0) | Q(over_at__isnull=False, units_left=0, cost_left_minor=0),
                name="an_investment_that_is_over_is_sold",
            ),
            models.CheckConstraint(
                condition=Q(is_brought=False, payee__isnull=False) | Q(is_brought=True, payee=None),
                name="what_is_bought_is_paid_for",
            ),
        ]
        indexes = [models.Index(fields=["group"], condition=Q(over_at=None), name="investments_of_a_group")]

    def __str__(self) -> str:
        return self.name


class InvestmentValuation(models.Model):
    """What the units of a day were worth, by whose word, on what paper. Written once; a newer row corrects it."""

    investment = models.ForeignKey(Investment, on_delete=models.PROTECT, related_name="valuations", db_index=False)
    valued_on = models.DateField()
    value_minor = models.BigIntegerField()
    units = models.DecimalField(max_digits=20, decimal_places=6, help_text=_("That were the group's then"))
    currency = models.CharField(max_length=8)
    says = models.CharField(max_length=80, help_text=_("Who says so: fund manager, valuer, market"))
    paper = models.ForeignKey(GroupPaper, on_delete=models.PROTECT, null=True, related_name="+")
    reference = models.CharField(max_length=60, help_text=_("The decision that wrote it"))
    at = models.DateTimeField()

    value = MoneyOf("value_minor")

    class Meta:
        default_permissions = ()
        triggers = append_only()
        constraints = [
            models.UniqueConstraint(fields=["investment", "reference"], name="a_decision_values_an_investment_once"),
            models.CheckConstraint(condition=Q(value_minor__gte=0, units__gt=0), name="a_valuation_is_of_something"),
        ]
        indexes = [models.Index(fields=["investment", "-valued_on", "-id"], name="newest_valuation")]

    def __str__(self) -> str:
        return f"{self.investment_id} {self.valued_on}"

    @property
    def units_text(self) -> str:
        """Without noughts at the end."""
        return units_text(self.units)


class InvestmentSaleStatus(models.TextChoices):
    """Where a sale stands: agreed on, it waits for the buyer's money."""

    OPEN = "OPEN", _("Waits for the buyer's money")
    DONE = "DONE", _("Sold")
    LAPSED = "LAPSED", _("Not paid in time")


class InvestmentSale(models.Model):
    """Units that the group decided to sell at a price; they are sold when the whole price has come by `reference`."""

    investment = models.ForeignKey(Investment, on_delete=models.PROTECT, related_name="sales", db_index=False)
    reference = models.CharField(max_length=10, unique=True, help_text=_("What the buyer quotes"))
    units = models.DecimalField(max_digits=20, decimal_places=6)
    price_minor = models.BigIntegerField(help_text=_("Nothing for what is lost for good"))
    currency = models.CharField(max_length=8)
    status = models.CharField(max_length=6, choices=InvestmentSaleStatus.choices, default=InvestmentSaleStatus.OPEN)
    key = models.CharField(max_length=120)
    agreed_at = models.DateTimeField()
    open_until = models.DateTimeField()
    over_at = models.DateTimeField(null=True, blank=True)

    price = MoneyOf("price_minor")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["investment"], condition=Q(status="OPEN"), name="one_open_sale_each"),
            models.UniqueConstraint(fields=["investment", "key"], name="a_sale_is_agreed_once"),
            models.CheckConstraint(condition=Q(units__gt=0, price_minor__gte=0), name="a_sale_sells_something"),
            models.CheckConstraint(
                condition=Q(status="OPEN", over_at=None) | Q(status__in=["DONE", "LAPSED"], over_at__isnull=False),
                name="sales_that_are_over_have_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def units_text(self) -> str:
        """Without noughts at the end."""
        return units_text(self.units)


class InvestmentReceipt(models.Model):
    """Money that an investment brought: the price of units sold, with what they had cost, or earnings (no sale)."""

    investment = models.ForeignKey(Investment, on_delete=models.PROTECT, related_name="receipts")
    sale = models.OneToOneField(InvestmentSale, on_delete=models.PROTECT, null=True, related_name="receipt")
    amount_minor = models.BigIntegerField()
    cost_minor = models.BigIntegerField(help_text=_("Of the units sold"))
    currency = models.CharField(max_length=8)
    key = models.CharField(max_length=120)
    transfer_id = models.BigIntegerField(unique=True)
    at = models.DateTimeField()

    amount = MoneyOf("amount_minor")
    cost = MoneyOf("cost_minor")

    class Meta:
        default_permissions = ()
        triggers = append_only()
        constraints = [
            models.UniqueConstraint(
                fields=["investment", "key"], condition=Q(sale=None), name="an_investment_earns_once_per_key"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0, cost_minor__gte=0) & (Q(sale__isnull=False) | Q(cost_minor=0)),
                name="earnings_cost_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.investment_id} {self.amount_minor}"
