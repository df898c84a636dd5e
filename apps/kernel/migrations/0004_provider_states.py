"""A circuit breaker per outside provider."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0003_engine_room")]

    operations = [
        migrations.CreateModel(
            name="ProviderState",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("failures", models.PositiveIntegerField(default=0, help_text="In a row")),
                ("open_until", models.DateTimeField(null=True, help_text="Left alone until then")),
                ("last_error", models.CharField(blank=True, default="", max_length=300)),
                ("changed_at", models.DateTimeField()),
            ],
        ),
    ]
