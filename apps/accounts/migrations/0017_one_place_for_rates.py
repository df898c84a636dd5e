"""Rates stand in dated terms alone."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0016_first_interest"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="product",
            name="interest_rate_is_a_rate",
        ),
        migrations.RemoveField(
            model_name="product",
            name="interest_rate",
        ),
    ]
