"""Of some kinds one request about a subject waits at a time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0007_no_index_twice")]

    operations = [
        migrations.AddField(
            model_name="approval",
            name="stands_alone",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stands_alone", True), ("status", "PENDING")),
                fields=("kind", "subject"),
                name="one_waiting_request_about_it",
            ),
        ),
    ]
