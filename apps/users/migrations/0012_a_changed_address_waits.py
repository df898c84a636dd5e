from django.db import migrations, models


class Migration(migrations.Migration):
    """When an e-mail address was changed: it resets no password for three days."""

    dependencies = [("users", "0011_no_log_of_axes")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="email_changed_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
