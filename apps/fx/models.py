"""Currencies the bank quotes, rates it was told, feeds it did not believe, its spread, and quotes it gave."""

import uuid
from decimal import Decimal
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.fx import rules
from apps.kernel import money
from apps.kernel.money import Money
from apps.kernel.triggers import append_only


class CurrencyCode(models.TextChoices):
    """The currencies of nations that the bank can quote; `kernel.money` says their decimals and numbers."""

    KES = "KES", _("Kenyan shilling")
    USD = "USD", _("US dollar")
    EUR = "EUR", _("Euro")
    GBP = "GBP", _("Pound sterling")
    UGX = "UGX", _("Ugandan shilling")
    TZS = "TZS", _("Tanzanian shilling")
    RWF = "RWF", _("Rwandan franc")
    ZAR = "ZAR", _("South African rand")


class Currency(models.Model):
    """A currency and whether the bank quotes it now. Decimals and number are `kernel.money`'s: one truth."""

    code = models.CharField(max_length=8, choices=CurrencyCode.choices, primary_key=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "currencies"
        default_permissions = ()
        permissions = [
            ("view_rates", "Can see exchange rates, positions and quotes"),
            ("manage_rates", "Can change the spread and accept rates, four eyes"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(code__in=CurrencyCode.values), name="currency_is_known"),
            models.CheckConstraint(condition=~Q(code="KES") | Q(is_active=True), name="the_home_currency_is_quoted"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def name(self) -> str:
        """In the reader's language."""
        return str(self.get_code_display())

    @property
    def decimals(self) -> int:
        """Digits after the point."""
        return money.decimals(self.code)

    @property
    def number(self) -> int:
        """ISO 4217."""
        return money.ISO_NUMBERS[self.code]


class ExchangeRate(models.Model):
    """What one unit of `base` was worth in `quote`, the home currency, when a provider was last believed."""

    base = models.ForeignKey(Currency, on_delete=models.PROTECT, related_name="+", db_column="base", db_index=False)
    quote = models.ForeignKey(Currency, on_delete=models.PROTECT, related_name="+", db_column="quote", db_index=False)
    rate = models.DecimalField(max_digits=24, decimal_places=10)
    source = models.CharField(max_length=40)
    as_of = models.DateTimeField(help_text=_("The provider's own moment"))
    fetched_at = models.DateTimeField()
    valid_until = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["base", "fetched_at"], name="one_rate_a_moment"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="a_rate_is_positive"),
            models.CheckConstraint(condition=~Q(base=F("quote")), name="a_rate_has_two_currencies"),
            models.CheckConstraint(condition=Q(valid_until__gt=F("fetched_at")), name="a_rate_holds_for_a_while"),
        ]
        indexes = [models.Index(fields=["-fetched_at"], name="rates_newest_first")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.base_id}/{self.quote_id} {self.rate}"


class Because(models.TextChoices):
    """Why a feed did not become rates."""

    NOT_REACHED = "NOT_REACHED", _("The provider did not answer")
    NOT_JSON = "NOT_JSON", _("The answer was not rates")
    ERROR = "ERROR", _("The provider reported an error")
    WRONG_BASE = "WRONG_BASE", _("Another base currency than asked")
    MISSING = "MISSING", _("A currency is missing")
    NOT_A_RATE = "NOT_A_RATE", _("A rate is zero, negative or no number")
    OUTDATED = "OUTDATED", _("The feed is old")
    JUMP = "JUMP", _("A rate moved too far at once")


class RefusedFeed(models.Model):
    """A feed that was not believed; the good rates before it stand. `figures` are kept where two people may accept."""

    source = models.CharField(max_length=40)
    because = models.CharField(max_length=12, choices=Because.choices)
    detail = models.CharField(max_length=300)
    figures = models.JSONField(default=dict, blank=True, help_text=_("Home units for one of each, as text"))
    as_of = models.DateTimeField(null=True)
    received_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(because__in=Because.values), name="a_refusal_says_why"),
        ]
        indexes = [models.Index(fields=["-received_at"], name="refused_newest_first")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.because} {self.received_at:%Y-%m-%d %H:%M}"


class Spread(models.Model):
    """What the bank takes of every exchange from a day on: 0.015 is 1.5 % of the mid rate."""

    rate = models.DecimalField(max_digits=6, decimal_places=5)
    valid_from = models.DateField(unique=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lte=Decimal("0.1")), name="spread_is_a_fair_share"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.rate} {self.valid_from}"


class FixedSide(models.TextChoices):
    """Which amount the customer chose; the other follows from the rate."""

    GIVE = "GIVE", _("What you give")
    GET = "GET", _("What you get")


class QuoteQuerySet(models.QuerySet["Quote"]):
    """Quotes by whose they are."""

    def owned_by(self, user: Any) -> "QuoteQuerySet":
        """Given to this person."""
        return self.filter(user_id=user.pk)


class Quote(models.Model):
    """An exchange at a price that holds for a minute, for one person, once.

    Rates are units of `get_currency` for one of `give_currency`; worths are minor units of the home currency at mid.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    give_currency = models.CharField(max_length=8)
    give_minor = models.BigIntegerField()
    get_currency = models.CharField(max_length=8)
    get_minor = models.BigIntegerField()
    fixed = models.CharField(max_length=4, choices=FixedSide.choices)
    mid_rate = models.DecimalField(max_digits=36, decimal_places=18)
    rate = models.DecimalField(max_digits=36, decimal_places=18, help_text=_("What the customer gets"))
    spread_rate = models.DecimalField(max_digits=6, decimal_places=5)
    home_currency = models.CharField(max_length=8)
    give_worth_minor = models.BigIntegerField()
    get_worth_minor = models.BigIntegerField()
    rates_at = models.DateTimeField(help_text=_("When the rates were fetched"))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects = QuoteQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(give_minor__gt=0, get_minor__gt=0, get_worth_minor__gt=0),
                name="a_quote_exchanges_something",
            ),
            models.CheckConstraint(
                condition=Q(give_worth_minor__gte=F("get_worth_minor")), name="a_quote_never_costs_the_bank"
            ),
            models.CheckConstraint(condition=~Q(give_currency=F("get_currency")), name="a_quote_has_two_currencies"),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(used_at__lt=F("expires_at")),
                name="a_quote_is_used_in_time",
            ),
        ]
        indexes = [models.Index(fields=["expires_at"], condition=Q(used_at=None), name="quotes_not_used")]
        triggers = [pgtrigger.ReadOnly(name="quotes_keep_their_word", exclude=["used_at"])]

    def __str__(self) -> str:
        return f"{self.give} → {self.get}"

    @property
    def give(self) -> Money:
        """What leaves the customer's account."""
        return Money(self.give_minor, self.give_currency)

    @property
    def get(self) -> Money:
        """What comes into the other one."""
        return Money(self.get_minor, self.get_currency)

    @property
    def rate_words(self) -> str:
        """`1 USD = 128.0500 KES`: what the customer gets."""
        return rules.in_words(self.give_currency, self.get_currency, self.rate)

    @property
    def mid_words(self) -> str:
        """The same at the middle rate."""
        return rules.in_words(self.give_currency, self.get_currency, self.mid_rate)

    @property
    def give_worth(self) -> Money:
        """What is given, at mid, in the home currency."""
        return Money(self.give_worth_minor, self.home_currency)

    @property
    def get_worth(self) -> Money:
        """What is got, at mid, in the home currency."""
        return Money(self.get_worth_minor, self.home_currency)

    @property
    def cost(self) -> Money:
        """What the exchange costs beside the mid rate, in the home currency."""
        return self.give_worth - self.get_worth
