"""Consents by header in the sandbox count the tries of their answer themselves: nobody is messaged there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("open_banking", "0006_bind_tokens_to_certificates")]

    operations = [
        migrations.AddField(
            model_name="headerconsent",
            name="tries",
            field=models.PositiveSmallIntegerField(default=0, help_text="In the sandbox, where nobody is messaged"),
        ),
    ]
