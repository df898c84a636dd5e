"""Sales of 500 shillings and more are large until the bank says otherwise."""

from datetime import date
from typing import Any

from django.db import migrations


def bring_in(apps: Any, _editor: Any) -> None:
    """The first row."""
    floors = apps.get_model("payments", "SaleAlertFloor").objects
    floors.create(currency="KES", amount_minor=500_00, valid_from=date(2026, 1, 1))


class Migration(migrations.Migration):
    dependencies = [("payments", "0015_sale_alerts_and_stopped_shops")]

    operations = [migrations.RunPython(bring_in, migrations.RunPython.noop)]
