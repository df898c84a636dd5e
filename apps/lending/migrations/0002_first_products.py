"""The loans the bank opens with, and how its regulator classes them. Every figure is a dated row with its source."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import migrations

START = date(2024, 1, 1)
TABLES = {
    "CBK_BANK": ("Banks (CBK/PG/04)", "CBK prudential guideline CBK/PG/04, recalled: confirm before lending"),
    "CBK_MICROFINANCE": (
        "Deposit-taking microfinance",
        "Microfinance regulations 2008, recalled: confirm before lending",
    ),
    "SASRA_SACCO": ("Deposit-taking SACCO", "SASRA regulations 2010, recalled: confirm before lending"),
}
BANDS = {
    "CBK_BANK": "NORMAL 0 0.01|WATCH 31 0.03|SUBSTANDARD 91 0.20|DOUBTFUL 181 1|LOSS 361 1",
    "CBK_MICROFINANCE": "NORMAL 0 0.01|WATCH 1 0.05|SUBSTANDARD 31 0.25|DOUBTFUL 61 0.75|LOSS 91 1",
    "SASRA_SACCO": "PERFORMING 0 0.01|WATCH 1 0.05|SUBSTANDARD 31 0.25|DOUBTFUL 181 0.50|LOSS 361 1",
}
SHILLINGS = 100
COMMON = {"version": 1, "valid_from": START, "source": "Opening terms of the bank", "penalty_rate": Decimal("0.001")}
COMMON["repayment_order"] = ["PENALTY", "FEE", "INTEREST", "PRINCIPAL"]
PRODUCTS = [
    {
        "code": "INSTANT",
        "name": "Instant loan",
        "name_sw": "Mkopo wa papo hapo",
        "about": "Up to 80 % of your average deposits, on your account in seconds, back in 30 days.",
        "about_sw": "Hadi asilimia 80 ya wastani wa amana zako, kwenye akaunti kwa sekunde, urudishe ndani ya siku 30.",
        "purposes": ["EVERYDAY", "EMERGENCY", "STOCK", "HEALTH", "OTHER"],
        "table": "CBK_BANK",
        "terms": {
            "least_minor": 500 * SHILLINGS,
            "most_minor": 100_000 * SHILLINGS,
            "rate": Decimal("0.05"),
            "rate_per": "TERM",
            "interest_method": "FLAT",
            "amortisation": "EQUAL_INSTALMENTS",
            "every": 30,
            "unit": "DAY",
            "least_periods": 1,
            "most_periods": 1,
            "usual_periods": 1,
            "deposit_multiple": Decimal("0.8"),
            "decides_itself": True,
            "two_officers_above_minor": 50_000 * SHILLINGS,
        },
        "fees": [],
    },
    {
        "code": "SAVINGS_BACKED",
        "name": "Savings-backed loan",
        "name_sw": "Mkopo wa akiba",
        "about": "Up to four times your savings, guaranteed by people who save here, at 1 % a month.",
        "about_sw": "Hadi mara nne ya akiba yako, ukidhaminiwa na wanaoweka akiba hapa, kwa asilimia 1 kwa mwezi.",
        "purposes": ["SCHOOL", "HOME", "FARM", "BUSINESS", "OTHER"],
        "table": "SASRA_SACCO",
        "terms": {
            "least_minor": 5_000 * SHILLINGS,
            "most_minor": 500_000 * SHILLINGS,
            "rate": Decimal("0.01"),
            "rate_per": "MONTH",
            "interest_method": "DECLINING",
            "amortisation": "EQUAL_INSTALMENTS",
            "every": 1,
            "unit": "MONTH",
            "least_periods": 3,
            "most_periods": 36,
            "usual_periods": 12,
            "savings_multiple": Decimal(4),
            "guarantee_cover": Decimal("0.75"),
            "two_officers_above_minor": 50_000 * SHILLINGS,
            "grace_minutes": 60,
        },
        "fees": [("ARRANGEMENT", 0, Decimal("0.01"), 100 * SHILLINGS), ("INSURANCE", 0, Decimal("0.005"), 0)],
    },
    {
        "code": "BUSINESS",
        "name": "Business loan",
        "name_sw": "Mkopo wa biashara",
        "about": "For stock and tools: 1.5 % a month on what you still owe, over 3 to 24 months.",
        "about_sw": "Kwa bidhaa na vifaa: asilimia 1.5 kwa mwezi ya unachodaiwa, miezi 3 hadi 24.",
        "purposes": ["BUSINESS", "STOCK", "FARM"],
        "table": "CBK_BANK",
        "terms": {
            "least_minor": 10_000 * SHILLINGS,
            "most_minor": 500_000 * SHILLINGS,
            "rate": Decimal("0.015"),
            "rate_per": "MONTH",
            "interest_method": "DECLINING",
            "amortisation": "EQUAL_INSTALMENTS",
            "is_daily": True,
            "every": 1,
            "unit": "MONTH",
            "least_periods": 3,
            "most_periods": 24,
            "usual_periods": 12,
            "deposit_multiple": Decimal(2),
            "least_tier": "TIER_2",
            "least_account_days": 90,
            "two_officers_above_minor": 100_000 * SHILLINGS,
        },
        "fees": [("ARRANGEMENT", 0, Decimal("0.02"), 200 * SHILLINGS), ("INSURANCE", 0, Decimal("0.005"), 0)],
    },
    {
        "code": "EMERGENCY",
        "name": "Emergency loan",
        "name_sw": "Mkopo wa dharura",
        "about": "A small loan in four weekly parts, 1 % a week of what was lent.",
        "about_sw": "Mkopo mdogo kwa sehemu nne za kila wiki, asilimia 1 kwa wiki ya kiasi ulichokopa.",
        "purposes": ["EMERGENCY", "HEALTH"],
        "table": "CBK_BANK",
        "terms": {
            "least_minor": 500 * SHILLINGS,
            "most_minor": 20_000 * SHILLINGS,
            "rate": Decimal("0.01"),
            "rate_per": "WEEK",
            "interest_method": "FLAT",
            "amortisation": "EQUAL_INSTALMENTS",
            "every": 1,
            "unit": "WEEK",
            "least_periods": 2,
            "most_periods": 8,
            "usual_periods": 4,
            "deposit_multiple": Decimal("0.5"),
            "two_officers_above_minor": 20_000 * SHILLINGS,
        },
        "fees": [],
    },
]


def seed(apps, schema_editor):
    tables = {}
    for code, (name, source) in TABLES.items():
        tables[code] = apps.get_model("lending", "LossTable").objects.create(code=code, name=name)
        for band in BANDS[code].split("|"):
            word, days, rate = band.split()
            apps.get_model("lending", "LossBand").objects.create(
                table=tables[code], code=word, from_days=days, rate=Decimal(rate), valid_from=START, source=source
            )
    opened = datetime(2024, 1, 1, tzinfo=ZoneInfo("Africa/Nairobi"))
    for one in PRODUCTS:
        product = apps.get_model("lending", "LoanProduct").objects.create(
            loss_table=tables[one["table"]],
            **{key: one[key] for key in ("code", "name", "name_sw", "about", "about_sw", "purposes")},
        )
        terms = apps.get_model("lending", "ProductTerms").objects.create(
            product=product, created_at=opened, **COMMON | one["terms"]
        )
        for kind, flat, rate, least in one["fees"]:
            apps.get_model("lending", "LoanFee").objects.create(
                terms=terms, kind=kind, flat_minor=flat, rate=rate, least_minor=least
            )


class Migration(migrations.Migration):
    dependencies = [("lending", "0001_products_loans_and_schedules")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
