"""People can switch a provider off: nothing is sent to it until they switch it on again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0005_withdrawn_approvals")]

    operations = [
        migrations.AddField(
            model_name="providerstate",
            name="is_off",
            field=models.BooleanField(db_default=False, default=False, help_text="Switched off by people"),
        ),
    ]
