"""Who froze an account is kept, and who of a business agreed to let go of one that another froze."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

PERSON = {"on_delete": django.db.models.deletion.PROTECT, "related_name": "+", "to": settings.AUTH_USER_MODEL}


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("accounts", "0024_lines_in_rising_order"),
    ]

    operations = [
        migrations.AddField("account", "frozen_by", models.ForeignKey(db_index=False, null=True, **PERSON)),
        migrations.CreateModel(
            name="UnfreezeSignature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="unfreezing",
                        to="accounts.account",
                    ),
                ),
                ("user", models.ForeignKey(db_index=False, **PERSON)),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("account", "user"), name="unfreezing_is_agreed_once_each")
                ],
            },
        ),
    ]
