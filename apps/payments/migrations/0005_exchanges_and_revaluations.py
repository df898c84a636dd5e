"""Exchanges by quote, and what positions were worth at the end of each day."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_exchange_lines"),
        ("fx", "0002_first_spread"),
        ("payments", "0004_refunds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Revaluation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("currency", models.CharField(max_length=8)),
                ("position_minor", models.BigIntegerField()),
                ("rate", models.DecimalField(decimal_places=10, max_digits=24)),
                ("rate_at", models.DateTimeField()),
                ("home_currency", models.CharField(max_length=8)),
                ("carried_minor", models.BigIntegerField(help_text="What the books said it was worth before")),
                ("value_minor", models.BigIntegerField(help_text="What it is worth at the closing rate")),
                (
                    "transfer_id",
                    models.BigIntegerField(help_text="The transfer in the books; none when nothing changed", null=True),
                ),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("day", "currency"), name="a_position_is_revalued_once_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("transfer_id__isnull", True), ("value_minor", models.F("carried_minor"))),
                            models.Q(
                                ("transfer_id__isnull", False),
                                models.Q(("value_minor", models.F("carried_minor")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_change_of_value_is_in_the_books",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="payment",
            name="quote",
            field=models.OneToOneField(
                help_text="The price of an exchange, used once",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="fx.quote",
            ),
        ),
        migrations.AlterField(
            model_name="payment",
            name="kind",
            field=models.CharField(
                choices=[
                    ("INTERNAL_TRANSFER", "Between own accounts"),
                    ("EXTERNAL_TRANSFER", "To another bank"),
                    ("P2P_TRANSFER", "Sent to a person"),
                    ("QR_PAYMENT", "Paid by QR"),
                    ("BILL_PAYMENT", "Bill"),
                    ("MOBILE_MONEY", "Mobile money"),
                    ("INTERNATIONAL_REMITTANCE", "Sent abroad"),
                    ("CARD_PAYMENT", "Card"),
                    ("MERCHANT_PAYMENT", "Shop"),
                    ("DEPOSIT", "Deposit"),
                    ("WITHDRAWAL", "Withdrawal"),
                    ("SALARY", "Salary"),
                    ("AIRTIME", "Airtime"),
                    ("FEE", "Fee"),
                    ("EXCISE_DUTY", "Excise duty"),
                    ("INTEREST", "Interest"),
                    ("REFUND", "Refund"),
                    ("REVERSAL", "Reversal"),
                    ("EXCHANGE", "Exchange"),
                ],
                max_length=24,
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "EXCHANGE"), ("quote__isnull", False)),
                    models.Q(models.Q(("kind", "EXCHANGE"), _negated=True), ("quote", None)),
                    _connector="OR",
                ),
                name="an_exchange_has_its_quote",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="revaluation",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_are_written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="3b9eacb805590d4d88a5da07237ca3222dc48331",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rows_are_written_once_18d02",
                    table="payments_revaluation",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="revaluation",
            trigger=pgtrigger.compiler.Trigger(
                name="table_is_never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="65a1a316a0883c6a2f994a0b3f666ae22f81b4e6",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_table_is_never_emptied_9ad93",
                    table="payments_revaluation",
                    when="BEFORE",
                ),
            ),
        ),
    ]
