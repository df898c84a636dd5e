import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

import apps.kernel.fields


class Migration(migrations.Migration):
    """Places outside the bank are kept sealed alone."""

    dependencies = [
        ("payments", "0028_seal_places"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="bulkrow",
            name="destination_clear",
        ),
        migrations.RemoveField(
            model_name="bulkrow",
            name="payee_address_clear",
        ),
        migrations.RemoveField(
            model_name="bulkrow",
            name="payee_typed_clear",
        ),
        migrations.RemoveField(
            model_name="payee",
            name="destination_clear",
        ),
        migrations.RemoveField(
            model_name="payee",
            name="payee_address_clear",
        ),
        migrations.RemoveField(
            model_name="payment",
            name="destination_clear",
        ),
        migrations.RemoveField(
            model_name="payment",
            name="payee_address_clear",
        ),
        migrations.RemoveField(
            model_name="standingorder",
            name="destination_clear",
        ),
        migrations.RemoveField(
            model_name="standingorder",
            name="payee_address_clear",
        ),
        migrations.AlterField(
            model_name="payee",
            name="payee_address",
            field=apps.kernel.fields.EncryptedText(
                help_text="Phone or account number, as it is shown", null=True, row="public_id"
            ),
        ),
        migrations.AlterField(
            model_name="payment",
            name="destination",
            field=apps.kernel.fields.EncryptedJSON(
                help_text="Where the rail takes it: phone, paybill, bank account", null=True, row="public_id"
            ),
        ),
        migrations.AlterField(
            model_name="payment",
            name="payee_address",
            field=apps.kernel.fields.EncryptedText(
                help_text="Phone or account number, as it is shown", null=True, row="public_id"
            ),
        ),
        migrations.AlterField(
            model_name="standingorder",
            name="payee_address",
            field=apps.kernel.fields.EncryptedText(
                help_text="Phone or account number, as it is shown", null=True, row="public_id"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bulkrow",
            trigger=pgtrigger.compiler.Trigger(
                name="a_submitted_row_pays_the_same",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF (SELECT status FROM payments_bulkpayment WHERE id = COALESCE(OLD.bulk_id, NEW.bulk_id)) NOT IN ('DRAFT', 'CHECKED')\nTHEN RAISE EXCEPTION 'what a submitted batch pays does not change'\n    USING ERRCODE = 'check_violation', CONSTRAINT = 'a_submitted_row_pays_the_same';\nEND IF;\nRETURN COALESCE(NEW, OLD);\n",
                    hash="6f1ec67999317f81db08649a95678b7eb7016576",
                    operation='UPDATE OF "number", "bulk_id", "rail", "to_account_id", "payee_key", "amount_minor", "fee_minor", "duty_minor", "note", "kind"',
                    pgid="pgtrigger_a_submitted_row_pays_the_same_3dbb3",
                    table="payments_bulkrow",
                    when="BEFORE",
                ),
            ),
        ),
    ]
