"""Access tokens keep the thumbprint of the certificate they were given behind (RFC 8705)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("open_banking", "0005_sandbox_payments_limits_and_proofs")]

    operations = [
        migrations.AddField(
            model_name="accesstoken",
            name="certificate_thumbprint",
            field=models.CharField(
                blank=True,
                default="",
                editable=False,
                help_text="SHA-256 in hex of the certificate it was given behind; it opens nothing without that one",
                max_length=64,
            ),
        ),
    ]
