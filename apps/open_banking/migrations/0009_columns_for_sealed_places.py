import uuid

from django.db import migrations, models

from apps.kernel.sealing import dictionary_aside, text_aside

KEPT = [("paymentterms", "destination"), ("transactionrequest", "details")]


class Migration(migrations.Migration):
    """Where apps pay to outside the bank, in clear, stands aside for the same thing sealed."""

    dependencies = [
        ("open_banking", "0008_no_index_twice"),
    ]

    operations = [
        *text_aside("open_banking", "paymentterms", "payee_address"),
        *[operation for kept in KEPT for operation in dictionary_aside("open_banking", *kept)],
        migrations.AddField(
            model_name="paymentterms", name="public_id", field=models.UUIDField(default=uuid.uuid4, editable=False)
        ),
        migrations.RunSQL("UPDATE open_banking_paymentterms SET public_id = gen_random_uuid()", migrations.RunSQL.noop),
    ]
