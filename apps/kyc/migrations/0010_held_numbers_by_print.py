"""Held numbers are found by their print alone, to be made anew with another key."""

from django.conf import settings
from django.db import migrations, models

import apps.kernel.fields


class Migration(migrations.Migration):
    dependencies = [
        ("kyc", "0009_shorter_lists_by_two"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="heldnumber",
            name="number_print",
            field=apps.kernel.fields.PrintCopy(max_length=32, source="kyc.KycDocument.number_print"),
        ),
        migrations.AddIndex(
            model_name="heldnumber",
            index=models.Index(fields=["number_print"], name="held_numbers_by_print"),
        ),
    ]
