"""What terms of a product may say: the words of its form, one list each."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Purpose(models.TextChoices):
    """What a person wants money for."""

    EVERYDAY = "EVERYDAY", _("Everyday needs")
    EMERGENCY = "EMERGENCY", _("An emergency")
    BUSINESS = "BUSINESS", _("My business")
    STOCK = "STOCK", _("Stock to sell")
    FARM = "FARM", _("Farming")
    SCHOOL = "SCHOOL", _("School fees")
    HEALTH = "HEALTH", _("Health")
    HOME = "HOME", _("Building or rent")
    ASSET = "ASSET", _("A phone, a boda or a machine")
    OTHER = "OTHER", _("Something else")


class RatePer(models.TextChoices):
    """The time a rate is for."""

    TERM = "TERM", _("for the whole term")
    WEEK = "WEEK", _("a week")
    MONTH = "MONTH", _("a month")
    YEAR = "YEAR", _("a year")


class Unit(models.TextChoices):
    """What a repayment period is counted in."""

    DAY = "DAY", _("days")
    WEEK = "WEEK", _("weeks")
    MONTH = "MONTH", _("months")


class InterestMethod(models.TextChoices):
    """What interest is worked out on."""

    DECLINING = "DECLINING", _("On what is still owed")
    FLAT = "FLAT", _("On the amount first lent")


class Amortisation(models.TextChoices):
    """How the principal comes back."""

    EQUAL_INSTALMENTS = "EQUAL_INSTALMENTS", _("Equal instalments")
    EQUAL_PRINCIPAL = "EQUAL_PRINCIPAL", _("Equal parts of the principal")
    FIXED_PRINCIPAL_PCT = "FIXED_PRINCIPAL_PCT", _("A fixed share, the rest at the end")
    INTEREST_ONLY = "INTEREST_ONLY", _("Interest first, the principal at the end")
    BULLET = "BULLET", _("Everything at the end")


class DayCount(models.TextChoices):
    """How days become a part of a year."""

    THIRTY_360 = "30/360", "30/360"
    ACTUAL_360 = "actual/360", "actual/360"
    ACTUAL_364 = "actual/364", "actual/364"
    ACTUAL_365 = "actual/365", "actual/365"
    ACTUAL_ACTUAL = "actual/actual", "actual/actual"


class Rounding(models.TextChoices):
    """How a figure of a schedule becomes whole cents."""

    HALF_EVEN = "HALF_EVEN", _("A half to the even digit")
    HALF_UP = "HALF_UP", _("A half up")
    UP = "UP", _("Always up")


class Owed(models.TextChoices):
    """What a borrower may owe on an instalment."""

    PENALTY = "PENALTY", _("Penalty")
    FEE = "FEE", _("Fee")
    INTEREST = "INTEREST", _("Interest")
    PRINCIPAL = "PRINCIPAL", _("Principal")


class LoanFeeKind(models.TextChoices):
    """What a loan is charged for besides interest."""

    ARRANGEMENT = "ARRANGEMENT", _("Arrangement fee")
    INSURANCE = "INSURANCE", _("Credit life insurance")
    VALUATION = "VALUATION", _("Valuation of the collateral")
