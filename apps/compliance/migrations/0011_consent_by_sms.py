"""A word on consent may come by SMS: who texts STOP says no."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0010_no_index_twice"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="consentrecord",
            name="consent_door_is_known",
        ),
        migrations.AlterField(
            model_name="consentrecord",
            name="channel",
            field=models.CharField(
                choices=[
                    ("PORTAL", "On the website"),
                    ("API", "In the app"),
                    ("BRANCH", "At a branch"),
                    ("SMS", "By SMS"),
                ],
                max_length=6,
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__in", ["PORTAL", "API", "BRANCH", "SMS"])), name="consent_door_is_known"
            ),
        ),
    ]
