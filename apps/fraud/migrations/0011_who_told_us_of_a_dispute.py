"""A dispute of a business is opened by one who signs for it; who that was is kept. Older ones do not say."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("fraud", "0010_known_rules"),
    ]

    operations = [
        migrations.AddField(
            "dispute",
            "opened_by",
            models.ForeignKey(
                db_index=False,
                help_text=(
                    "Who told us, where the owner did not: one who signs for the business, or staff on the phone"
                ),
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
