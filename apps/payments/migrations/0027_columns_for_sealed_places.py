import uuid

import pgtrigger.migrations
from django.db import migrations, models

from apps.kernel.sealing import dictionary_aside, text_aside

PLACES = ["payment", "payee", "standingorder", "bulkrow"]


class Migration(migrations.Migration):
    """What was kept in clear of places outside the bank stands aside for the same thing sealed."""

    dependencies = [
        ("payments", "0026_no_index_twice"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(model_name="bulkrow", name="a_submitted_row_pays_the_same"),
        *[operation for model in PLACES for operation in dictionary_aside("payments", model, "destination")],
        *[operation for model in PLACES for operation in text_aside("payments", model, "payee_address")],
        *text_aside("payments", "bulkrow", "payee_typed"),
        migrations.AddField(
            model_name="bulkrow", name="public_id", field=models.UUIDField(default=uuid.uuid4, editable=False)
        ),
        migrations.RunSQL("UPDATE payments_bulkrow SET public_id = gen_random_uuid()", migrations.RunSQL.noop),
    ]
