"""Until when the feed of payments to a paybill was read to its end."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One small table."""

    dependencies = [("mpesa", "0013_no_index_twice")]

    operations = [
        migrations.CreateModel(
            name="PulledUntil",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("shortcode", models.CharField(max_length=10, unique=True)),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
