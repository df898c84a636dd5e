"""Cash whose transfer two of staff took back in the books says so, that of before too."""

from django.db import migrations, models
from django.db.models import Q

_SETTLED = ["DONE", "REVERSED"]
_FILL = """
UPDATE accounts_cashmovement c SET status = 'REVERSED'
  FROM ledger_transfer back
 WHERE back.reverses_id = c.transfer_id AND c.status = 'DONE'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0027_first_large_payment_floor"),
        ("ledger", "0013_entries_in_fewer_steps"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="cashmovement", name="done_cash_is_in_the_books"),
        migrations.AlterField(
            model_name="cashmovement",
            name="status",
            field=models.CharField(
                choices=[
                    ("WAITING", "Waiting for approval"),
                    ("DONE", "Done"),
                    ("RETURNED", "Not approved"),
                    ("REVERSED", "Taken back"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="cashmovement",
            constraint=models.CheckConstraint(
                condition=Q(("done_at__isnull", False), ("status__in", _SETTLED), ("transfer_id__isnull", False))
                | (~Q(("status__in", _SETTLED)) & Q(("done_at", None), ("transfer_id", None))),
                name="done_cash_is_in_the_books",
            ),
        ),
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
    ]
