"""When loans are of a worse stage is a dated row; a late loan that gets other terms keeps its class until it is cured."""

from datetime import date

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

SOURCE = "IFRS 9, 5.5.11 and B5.5.37; income and other terms by CBK/PG/04, recalled: confirm before lending"


def seed(apps, schema_editor):
    apps.get_model("lending", "AgeingRule").objects.create(
        stage_2_after=30, non_performing_after=90, cure_days=180, valid_from=date(2024, 1, 1), source=SOURCE
    )


class Migration(migrations.Migration):
    dependencies = [("lending", "0010_what_in_duplum_counts")]

    operations = [
        migrations.CreateModel(
            name="AgeingRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stage_2_after", models.PositiveSmallIntegerField()),
                ("non_performing_after", models.PositiveSmallIntegerField()),
                ("cure_days", models.PositiveSmallIntegerField()),
                ("valid_from", models.DateField(unique=True)),
                ("source", models.CharField(max_length=200)),
            ],
        ),
        migrations.AddField(
            model_name="loan",
            name="held_at_days",
            field=models.PositiveIntegerField(
                default=0, help_text="How late it was when it got other terms: it is classed by that until it is cured"
            ),
        ),
        migrations.AddField(
            model_name="loan",
            name="on_time_since",
            field=models.DateField(help_text="From when on the cure of a held class counts", null=True),
        ),
        migrations.AddConstraint(
            model_name="loan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("held_at_days", 0), ("on_time_since", None)),
                    models.Q(("held_at_days__gt", 0), ("on_time_since__isnull", False)),
                    _connector="OR",
                ),
                name="a_held_class_has_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="ageingrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("stage_2_after__lt", models.F("non_performing_after"))),
                name="stage_3_is_later_than_stage_2",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ageingrule",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_are_written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="a543e8fe3e95deac76d4bdeec44948ade01a20d8",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rows_are_written_once_2c927",
                    table="lending_ageingrule",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ageingrule",
            trigger=pgtrigger.compiler.Trigger(
                name="table_is_never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="f32ff1ff9d0bebd72dbe282ffda6893666e355a8",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_table_is_never_emptied_dd27e",
                    table="lending_ageingrule",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
