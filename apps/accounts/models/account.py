"""An account, and the product that says how it behaves."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.money import MoneyOf
from apps.users.models import BusinessProfile, User


class AccountType(models.TextChoices):
    """What an account is for."""

    TRANSACTION = "TRANSACTION", _("Current account")
    SAVINGS = "SAVINGS", _("Savings account")
    BUSINESS = "BUSINESS", _("Business account")
    GOAL = "GOAL", _("Goal")
    FIXED_DEPOSIT = "FIXED_DEPOSIT", _("Fixed deposit")


POTS = (AccountType.GOAL.value, AccountType.FIXED_DEPOSIT.value)  # money leaves them by their own acts alone


class AccountStatus(models.TextChoices):
    """Whether money may leave."""

    ACTIVE = "ACTIVE", _("Active")
    FROZEN = "FROZEN", _("Frozen")
    DORMANT = "DORMANT", _("Dormant")
    CLOSED = "CLOSED", _("Closed")


class ProductQuerySet(models.QuerySet["Product"]):
    """Products by who may have them."""

    def to_open(self) -> "ProductQuerySet":
        """Those anybody may open: goals, deposits and businesses' accounts begin on pages of their own."""
        return self.filter(is_active=True).exclude(account_type__in=[*POTS, AccountType.BUSINESS])


class Product(models.Model):
    """A kind of account the bank offers. Amounts are minor units of `currency`; rates are per year."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60)
    account_type = models.CharField(max_length=13, choices=AccountType.choices)
    currency = models.CharField(max_length=8, default="KES")
    minimum_balance_minor = models.BigIntegerField(default=0)
    overdraft_limit_minor = models.BigIntegerField(default=0)
    interest_day_count = models.CharField(max_length=8, default="ACT_365", choices=[("ACT_365", "actual/365")])
    interest_posting = models.CharField(max_length=7, default="MONTHLY", choices=[("MONTHLY", _("Monthly"))])
    opens_at_registration = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    minimum_balance, overdraft_limit = MoneyOf("minimum_balance_minor"), MoneyOf("overdraft_limit_minor")

    objects = ProductQuerySet.as_manager()

    class Meta:
        permissions = [("manage_products", "Can change products")]
        constraints = [
            models.CheckConstraint(
                condition=Q(minimum_balance_minor__gte=0, overdraft_limit_minor__gte=0),
                name="product_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(minimum_balance_minor=0) | Q(overdraft_limit_minor=0), name="a_minimum_or_an_overdraft"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def floor_minor(self) -> int:
        """The lowest balance an account may have: the minimum, or the overdraft below zero."""
        return self.minimum_balance_minor - self.overdraft_limit_minor


class AccountQuerySet(models.QuerySet["Account"]):
    """Accounts by whose they are and what they may do."""

    def owned_by(self, user: Any) -> "AccountQuerySet":
        """One's own."""
        return self.filter(owner_id=user.pk)

    def held_by(self, user: Any) -> "AccountQuerySet":
        """One's own, and those of the businesses one belongs to: to look at, not to pay from alone."""
        mine = BusinessProfile.objects.visible_to(user).values("party")
        return self.filter(Q(owner_id=user.pk) | Q(owner__in=mine))

    def acted_for_by(self, user: Any) -> "AccountQuerySet":
        """One's own, and those of the businesses one signs for: to pay into, or to ask the bank about."""
        mine = BusinessProfile.objects.signed_by(user).values("party")
        return self.filter(Q(owner_id=user.pk) | Q(owner__in=mine))

    def open(self) -> "AccountQuerySet":
        """Not closed."""
        return self.exclude(status=AccountStatus.CLOSED)

    def to_pay_from(self) -> "AccountQuerySet":
        """Active ones that are no goal and no deposit."""
        return self.filter(status=AccountStatus.ACTIVE).exclude(account_type__in=POTS)

    def for_payments(self) -> "AccountQuerySet":
        """Without goals and deposits, which have pages of their own."""
        return self.exclude(account_type__in=POTS)

    def visible_to(self, user: User) -> "AccountQuerySet":
        """One's own and of one's businesses; for staff with the right, everyone's."""
        return self.all() if user.has_perm("accounts.view_transactions") else self.held_by(user)

    def in_order(self) -> "AccountQuerySet":
        """The main account first, other currencies after those in the home currency, closed ones last."""
        closed = models.Case(models.When(status=AccountStatus.CLOSED, then=1), default=0)
        foreign = models.Case(models.When(currency=settings.HOME_CURRENCY, then=0), default=1)
        kind = models.Case(models.When(account_type=AccountType.TRANSACTION, then=0), default=1)
        return self.order_by(closed, foreign, kind, "pk")


class Account(models.Model):
    """Money a customer keeps here; its balance lives in the ledger."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="accounts", db_index=False
    )
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    ledger_account = models.OneToOneField("ledger.LedgerAccount", on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=12, unique=True)
    account_type = models.CharField(max_length=13, choices=AccountType.choices)
    currency = models.CharField(max_length=8)
    nickname = models.CharField(max_length=40, blank=True, default="")
    status = models.CharField(max_length=7, choices=AccountStatus.choices, default=AccountStatus.ACTIVE)
    frozen_by_bank = models.BooleanField(default=False)
    frozen_because = models.CharField(max_length=200, blank=True, default="")
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        permissions = [
            ("view_transactions", "Can see customers' accounts and their lines"),
            ("freeze_account", "Can freeze customers' accounts"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=AccountStatus.values), name="account_status_is_known"),
            models.CheckConstraint(
                condition=Q(status="CLOSED", closed_at__gte=F("opened_at")) | (~Q(status="CLOSED") & Q(closed_at=None)),
                name="closed_accounts_have_a_time",
            ),
        ]
        indexes = [models.Index(fields=["owner", "status"], name="accounts_of_a_person")]

    def __str__(self) -> str:
        return f"{self.number}"

    @property
    def name(self) -> str:
        """What the holder calls it."""
        return self.nickname or str(self.get_account_type_display())

    @property
    def masked_number(self) -> str:
        """`•••• 0042`."""
        return f"•••• {self.number[-4:]}"
