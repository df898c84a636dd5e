from django.db import migrations, models

import apps.kernel.fields


class Migration(migrations.Migration):
    """Whom a consent pays is kept sealed alone."""

    dependencies = [
        ("open_banking", "0013_seal_consents"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="consent",
            name="payee_clear",
        ),
        migrations.AlterField(
            model_name="consent",
            name="payee",
            field=apps.kernel.fields.EncryptedText(
                help_text="Name, and phone or account as they are shown", null=True, row="public_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("amount_minor__gt", 0),
                        ("consent_type", "PIS"),
                        ("payment_initiation", True),
                        models.Q(("currency", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("consent_type", "PIS"), _negated=True),
                        ("amount_minor", None),
                        ("payment_initiation", False),
                    ),
                    _connector="OR",
                ),
                name="only_payments_have_an_amount",
            ),
        ),
    ]
