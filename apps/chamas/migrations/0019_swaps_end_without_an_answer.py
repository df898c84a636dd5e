"""A swap may be taken back, and lapses."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chamas", "0018_minutes_keep_the_role_of_who_signs"),
    ]

    operations = [
        migrations.AlterField(
            model_name="swap",
            name="answered_at",
            field=models.DateTimeField(blank=True, help_text="When it ended, by whatever", null=True),
        ),
        migrations.AlterField(
            model_name="swap",
            name="status",
            field=models.CharField(
                choices=[
                    ("ASKED", "Waits for an answer"),
                    ("DONE", "Swapped"),
                    ("DECLINED", "Declined"),
                    ("WITHDRAWN", "Taken back"),
                    ("LAPSED", "Not answered"),
                ],
                default="ASKED",
                max_length=9,
            ),
        ),
    ]
