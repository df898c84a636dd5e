from django.db import migrations

import apps.kernel.fields


class Migration(migrations.Migration):
    """Places outside the bank are kept sealed alone."""

    dependencies = [
        ("open_banking", "0010_seal_places"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="paymentterms",
            name="destination_clear",
        ),
        migrations.RemoveField(
            model_name="paymentterms",
            name="payee_address_clear",
        ),
        migrations.RemoveField(
            model_name="transactionrequest",
            name="details_clear",
        ),
        migrations.AlterField(
            model_name="paymentterms",
            name="payee_address",
            field=apps.kernel.fields.EncryptedText(
                help_text="Phone or account number, as it is shown", null=True, row="public_id"
            ),
        ),
        migrations.AlterField(
            model_name="transactionrequest",
            name="details",
            field=apps.kernel.fields.EncryptedJSON(
                help_text="To whom and how it is charged, as it was asked and is answered", null=True, row="public_id"
            ),
        ),
    ]
