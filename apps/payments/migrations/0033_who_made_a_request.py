"""Who of a business made a request to pay: empty in rows of before, in every new one."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0032_standing_orders_of_businesses"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="paymentrequest",
            name="made_by",
            field=models.ForeignKey(
                help_text="Who pressed: the asker, or a member of the business that asks",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="paymentrequest",
            trigger=pgtrigger.compiler.Trigger(
                name="a_new_request_says_who_made_it",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF NEW.made_by_id IS NULL\nTHEN RAISE EXCEPTION 'a new request says who made it'\n    USING ERRCODE = 'check_violation', CONSTRAINT = 'a_new_request_says_who_made_it';\nEND IF;\nRETURN NEW;\n",
                    hash="80832be38fa8743893ffa8cd2f68ac25d41a30e9",
                    operation="INSERT",
                    pgid="pgtrigger_a_new_request_says_who_made_it_eb608",
                    table="payments_paymentrequest",
                    when="BEFORE",
                ),
            ),
        ),
    ]
