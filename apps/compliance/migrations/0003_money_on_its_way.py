"""The people on the way of one money stand beside its alert; a case says when more of them are found."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0002_first_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="caseentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("OPENED", "Case opened"),
                    ("ALERT", "Alert joined the case"),
                    ("PATH", "More people on the way of the money"),
                    ("CLAIMED", "Taken up"),
                    ("ASSIGNED", "Assigned"),
                    ("NOTE", "Note"),
                    ("EVIDENCE", "Evidence attached"),
                    ("SUSPICION", "Suspicion recorded: the clock of two days runs"),
                    ("NO_SUSPICION", "Closed without suspicion"),
                    ("REPORT", "Decided to report"),
                    ("DRAFTED", "Report drafted"),
                    ("RETURNED", "Report sent back to its maker"),
                    ("APPROVED", "Report approved by the MLRO"),
                    ("FILED", "Report filed"),
                    ("RECEIVED", "Receipt of the report recorded"),
                    ("REOPENED", "Opened again"),
                    ("REMINDED", "Reminded: twelve hours or less are left"),
                ],
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            name="AlertParty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(help_text="The window in which they were seen", max_length=120)),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("actual", models.BigIntegerField(help_text="In the rule's own unit, as the alert's")),
                ("amount_minor", models.BigIntegerField(help_text="Money that passed through, KES minor units")),
                ("joined_at", models.DateTimeField()),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parties",
                        to="compliance.suspiciousactivityalert",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["person", "-id"], name="paths_of_a_person")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("alert", "person", "key"), name="a_person_is_on_a_path_once_a_window"
                    )
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="alertparty",
            trigger=pgtrigger.compiler.Trigger(
                name="rows_are_written_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="f320e3a1a225d3edb7b581f1af0afdf60c1a44ad",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_rows_are_written_once_6f2d8",
                    table="compliance_alertparty",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="alertparty",
            trigger=pgtrigger.compiler.Trigger(
                name="table_is_never_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
                    hash="e877598472b8c6e209dbe1ba9c4370069869d6de",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_table_is_never_emptied_a4ac8",
                    table="compliance_alertparty",
                    when="BEFORE",
                ),
            ),
        ),
    ]
