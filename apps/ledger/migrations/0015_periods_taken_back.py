"""A period that was declared by mistake is taken back: its days and its name are free again."""

import django.contrib.postgres.constraints
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0014_reopened_by_two"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="period",
            name="periods_do_not_overlap",
        ),
        migrations.AlterField(
            model_name="period",
            name="name",
            field=models.CharField(max_length=40),
        ),
        migrations.AlterField(
            model_name="period",
            name="status",
            field=models.CharField(
                choices=[("OPEN", "Open"), ("CLOSED", "Closed"), ("WITHDRAWN", "Taken back")],
                default="OPEN",
                max_length=9,
            ),
        ),
        migrations.AlterField(
            model_name="periodchange",
            name="status",
            field=models.CharField(
                choices=[("OPEN", "Open"), ("CLOSED", "Closed"), ("WITHDRAWN", "Taken back")], max_length=9
            ),
        ),
        migrations.AddConstraint(
            model_name="period",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("status", "WITHDRAWN"), _negated=True),
                expressions=[
                    (
                        models.Func(
                            models.F("first_on"), models.F("last_on"), models.Value("[]"), function="daterange"
                        ),
                        "&&",
                    )
                ],
                name="periods_do_not_overlap",
            ),
        ),
        migrations.AddConstraint(
            model_name="period",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "WITHDRAWN"), _negated=True),
                fields=("name",),
                name="a_period_has_its_own_name",
            ),
        ),
    ]
