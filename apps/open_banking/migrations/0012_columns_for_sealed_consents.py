from django.db import migrations

from apps.kernel.sealing import text_aside


class Migration(migrations.Migration):
    """Whom a consent pays, in clear, stands aside for the same thing sealed."""

    dependencies = [
        ("open_banking", "0011_no_places_in_clear"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="consent", name="only_payments_have_amount_and_payee"),
        *text_aside("open_banking", "consent", "payee"),
    ]
