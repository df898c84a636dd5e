"""An account's lines are indexed upwards: rows of a group that come in rising order fill its pages; they are read
backwards as fast.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0023_no_index_twice"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="transaction", name="lines_newest_first"),
        migrations.AddIndex(
            model_name="transaction",
            index=models.Index(fields=["account", "id"], name="lines_newest_first"),
        ),
    ]
