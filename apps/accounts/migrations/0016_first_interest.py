"""What products paid so far becomes dated terms of one slice; the tax that is withheld; products for goals and deposits."""

from datetime import date

from django.db import migrations

OPENED = date(2023, 7, 1)
LAW = "Income Tax Act (Cap. 470), section 35(3)(b) and Third Schedule, Head B, paragraph 5(b)"
GOAL = {"code": "GOAL", "name": "Goal", "account_type": "GOAL", "currency": "KES"}
DEPOSIT = {"code": "FIXED", "name": "Fixed deposit", "account_type": "FIXED_DEPOSIT", "currency": "KES"}
GOAL_SLICES = [(0, "0.07500"), (10_000_000, "0.08000")]


def seed(apps, schema_editor):
    Product = apps.get_model("accounts", "Product")
    InterestTerms = apps.get_model("accounts", "InterestTerms")
    InterestTier = apps.get_model("accounts", "InterestTier")
    apps.get_model("accounts", "WithholdingRate").objects.create(rate="0.15", valid_from=date(1991, 1, 1), source=LAW)
    for product in Product.objects.filter(interest_rate__gt=0):
        terms = InterestTerms.objects.create(product=product, valid_from=OPENED, basis="DAILY")
        InterestTier.objects.create(terms=terms, from_minor=0, rate=product.interest_rate)
    goal, _new = Product.objects.get_or_create(code=GOAL["code"], defaults=GOAL)
    Product.objects.get_or_create(code=DEPOSIT["code"], defaults=DEPOSIT)
    terms = InterestTerms.objects.create(product=goal, valid_from=OPENED, basis="DAILY")
    for from_minor, rate in GOAL_SLICES:
        InterestTier.objects.create(terms=terms, from_minor=from_minor, rate=rate)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0015_interest_and_transfer_rules")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
