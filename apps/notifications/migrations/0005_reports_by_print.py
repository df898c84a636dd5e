"""The print of a report is matched under any key in force; nothing changes in the table."""

from django.db import migrations

import apps.kernel.fields


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0004_no_index_twice"),
    ]

    operations = [
        migrations.AlterField(
            model_name="providerreport",
            name="address_print",
            field=apps.kernel.fields.PrintColumn(max_length=32, null=True),
        ),
    ]
