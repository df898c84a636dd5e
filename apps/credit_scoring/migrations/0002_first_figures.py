"""The figures credit opens with. Those marked so are opening assumptions, to be confirmed before a licensed lender
relies on them; each later change is a row of its own."""

from datetime import date

from django.db import migrations

OPENS = date(2020, 1, 1)
CATALOGUE = "KitBank product catalogue, credit_scoring"
ASSUMED = "Opening assumption of KitBank, to be replaced by its own experience"
WEIGHTS = {"PAYMENT_HISTORY": 35, "SAVINGS": 20, "INCOME": 20, "OBLIGATIONS": 15, "TENURE": 10}
ARREARS = {1: "0.05", 8: "0.12", 15: "0.25", 31: "0.50", 61: "0.75", 91: "0.97"}


def seed(apps, schema_editor):
    def table(name):
        return apps.get_model("credit_scoring", name).objects

    for factor, weight in WEIGHTS.items():
        table("FactorWeight").get_or_create(
            factor=factor, valid_from=OPENS, defaults={"weight": weight, "source": CATALOGUE}
        )
    table("DecisionLine").get_or_create(
        valid_from=OPENS,
        defaults={"approve_above": 600, "reject_upto": 450, "source": f"{CATALOGUE}; the lower line: {ASSUMED}"},
    )
    table("LoanLimitRule").get_or_create(
        valid_from=OPENS,
        currency="KES",
        defaults={
            "deposit_share": "0.8",
            "first_loan_minor": 2_000_00,
            "source": f"{CATALOGUE}; the first loan: {ASSUMED}",
        },
    )
    table("PricingRule").get_or_create(
        product="",
        valid_from=OPENS,
        defaults={
            "cost_of_funds": "0.08",
            "operating_cost": "0.04",
            "margin": "0.03",
            "loss_given_default": "0.60",
            "floor_rate": "0.13",
            "cap_rate": "0.36",
            "source": ASSUMED,
        },
    )
    for days, probability in ARREARS.items():
        table("ArrearsRate").get_or_create(
            days_from=days, valid_from=OPENS, defaults={"probability": probability, "source": ASSUMED}
        )
    table("ListingRule").get_or_create(
        valid_from=OPENS,
        currency="KES",
        defaults={
            "notice_days": 30,
            "floor_minor": 1_000_00,
            "source": "Digital credit providers, 2021 draft as reported by the press; confirm with the final text",
        },
    )


class Migration(migrations.Migration):
    dependencies = [("credit_scoring", "0001_scores_and_decisions")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
