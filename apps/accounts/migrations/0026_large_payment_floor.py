"""From which amount on money that leaves an account is much."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0025_unfreezing_takes_the_mandate"),
    ]

    operations = [
        migrations.CreateModel(
            name="LargePaymentFloor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount_minor", models.BigIntegerField()),
                ("valid_from", models.DateField(unique=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)), name="a_large_payment_is_more_than_nothing"
                    )
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="largepaymentfloor",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_are_written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="869550000e360e421256b50b4c14a4729cdbb401",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rows_are_written_once_9a201",
                    table="accounts_largepaymentfloor",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="largepaymentfloor",
            trigger=pgtrigger.compiler.Trigger(
                name="table_is_never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="4e30200a7ba3506e4d6f6827345aebffcffbaaa8",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_table_is_never_emptied_0efbc",
                    table="accounts_largepaymentfloor",
                    when="BEFORE",
                ),
            ),
        ),
    ]
