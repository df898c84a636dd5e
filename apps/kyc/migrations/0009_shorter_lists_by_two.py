"""A list that is much shorter is kept as it was brought until a second person allows it."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kyc", "0008_no_index_twice"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OfferedList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha256", models.CharField(max_length=64)),
                ("packed", models.BinaryField()),
                ("offered_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="listversion",
            name="allowed_by",
            field=models.ForeignKey(
                help_text="Who allowed a file that is much shorter",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="listversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("allowed_by", None),
                    models.Q(("allowed_by", models.F("loaded_by")), _negated=True),
                    _connector="OR",
                ),
                name="another_allows_a_shorter_list",
            ),
        ),
        migrations.AddField(
            model_name="offeredlist",
            name="offered_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="offeredlist",
            name="watch_list",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="kyc.watchlist"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="offeredlist",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_are_written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="efb686a2abe3aec83a38933e0884a22e51024a7d",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rows_are_written_once_ebb8a",
                    table="kyc_offeredlist",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="offeredlist",
            trigger=pgtrigger.compiler.Trigger(
                name="table_is_never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="6e6e37ca5ee519e46a960d5f2546aa03f18246c7",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_table_is_never_emptied_ef650",
                    table="kyc_offeredlist",
                    when="BEFORE",
                ),
            ),
        ),
    ]
