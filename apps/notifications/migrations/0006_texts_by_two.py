"""Beside who wrote a version of a text: who allowed it. Versions from before are not asked, for one person wrote them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

BY_TWO = "edited_by_id IS NULL OR (allowed_by_id IS NOT NULL AND allowed_by_id <> edited_by_id)"


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0005_reports_by_print"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="templateversion",
            name="allowed_by",
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
                    model_name="templateversion",
                    constraint=models.CheckConstraint(
                        condition=Q(edited_by=None) | (Q(allowed_by__isnull=False) & ~Q(allowed_by=F("edited_by"))),
                        name="no_one_changes_a_text_alone",
                    ),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE notifications_templateversion ADD CONSTRAINT no_one_changes_a_text_alone"
                    f" CHECK ({BY_TWO}) NOT VALID",
                    "ALTER TABLE notifications_templateversion DROP CONSTRAINT no_one_changes_a_text_alone",
                )
            ],
        ),
    ]
