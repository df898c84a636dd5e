"""What leaves an account at once is much from 50,000 shillings on, until the bank says otherwise."""

from datetime import date
from typing import Any

from django.db import migrations


def bring_in(apps: Any, _editor: Any) -> None:
    """The first row."""
    apps.get_model("accounts", "LargePaymentFloor").objects.create(amount_minor=50_000_00, valid_from=date(2026, 1, 1))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0026_large_payment_floor")]

    operations = [migrations.RunPython(bring_in, migrations.RunPython.noop)]
