"""Beside who allowed the reopening of a period: who asked for it. What was reopened before is not asked."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

BY_TWO = "status <> 'OPEN' OR reason = '' OR (asked_by_id IS NOT NULL AND by_id IS NOT NULL AND asked_by_id <> by_id)"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0013_entries_in_fewer_steps"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="periodchange",
            name="asked_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddConstraint(
                    model_name="periodchange",
                    constraint=models.CheckConstraint(
                        condition=~Q(status="OPEN")
                        | Q(reason="")
                        | (Q(asked_by__isnull=False) & Q(by__isnull=False) & ~Q(asked_by=F("by"))),
                        name="no_one_reopens_a_period_alone",
                    ),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE ledger_period_change ADD CONSTRAINT no_one_reopens_a_period_alone"
                    f" CHECK ({BY_TWO}) NOT VALID",
                    "ALTER TABLE ledger_period_change DROP CONSTRAINT no_one_reopens_a_period_alone",
                )
            ],
        ),
    ]
