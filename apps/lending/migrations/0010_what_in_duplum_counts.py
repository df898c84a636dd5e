"""Interest and charges that were paid since a loan became non-performing count under in duplum as those unpaid do."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lending", "0009_a_document_pays_one_loan")]

    operations = [
        migrations.AddField(
            model_name="loan",
            name="paid_since_non_performing_minor",
            field=models.BigIntegerField(
                default=0, help_text="Interest and charges paid since, which in duplum counts too"
            ),
        ),
    ]
