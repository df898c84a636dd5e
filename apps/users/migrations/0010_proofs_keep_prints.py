from django.db import migrations, models


class Migration(migrations.Migration):
    """Whom a payment was to is no longer kept with its proof; proofs of minutes ago are asked for again."""

    dependencies = [
        ("users", "0009_no_index_twice"),
    ]

    operations = [
        migrations.RunSQL("UPDATE users_stepupchallenge SET payee = '' WHERE payee <> ''", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="stepupchallenge",
            name="payee",
            field=models.CharField(
                blank=True, default="", help_text="A print of who is paid, if anybody", max_length=160
            ),
        ),
    ]
