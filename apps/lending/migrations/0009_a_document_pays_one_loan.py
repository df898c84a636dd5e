"""A receipt or advice that was recorded for one loan is recorded for no other, whoever asks at the same moment."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lending", "0008_no_index_twice")]

    operations = [
        migrations.AddConstraint(
            model_name="repayment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("key__startswith", "document/")), fields=("key",), name="a_document_pays_one_loan"
            ),
        ),
    ]
