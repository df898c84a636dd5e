"""No index that another one begins with: it was written with every row and asked by no query."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

INDEXES = [
    ("compliance_alertparty_alert_id_b28410f2", "compliance_alertparty", "alert_id"),
    ("compliance_alertparty_person_id_efd6bfc7", "compliance_alertparty", "person_id"),
    ("compliance_breachentry_breach_id_077a799f", "compliance_breachentry", "breach_id"),
    ("compliance_breachperson_breach_id_b826658e", "compliance_breachperson", "breach_id"),
    ("compliance_case_subject_id_f944b329", "compliance_case", "subject_id"),
    ("compliance_caseentry_case_id_7f94b307", "compliance_caseentry", "case_id"),
    ("compliance_consentrecord_user_id_487e092e", "compliance_consentrecord", "user_id"),
    ("compliance_datarequest_user_id_d02ebef5", "compliance_datarequest", "user_id"),
    ("compliance_evidence_case_id_1d05b24c", "compliance_evidence", "case_id"),
    ("compliance_processingactivity_code_bfcaa2b1", "compliance_processingactivity", "code"),
    ("compliance_processingactivity_code_bfcaa2b1_like", "compliance_processingactivity", "code varchar_pattern_ops"),
    ("compliance_reportversion_report_id_acb59105", "compliance_reportversion", "report_id"),
    ("compliance_suspiciousactivityalert_subject_id_5fccb9c0", "compliance_suspiciousactivityalert", "subject_id"),
    ("compliance_taxcomputation_tax_return_id_ea7648f8", "compliance_taxcomputation", "tax_return_id"),
    ("compliance_taxline_computation_id_c57c6f0a", "compliance_taxline", "computation_id"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0009_tax_returns"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="alertparty",
                    name="alert",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parties",
                        to="compliance.suspiciousactivityalert",
                    ),
                ),
                migrations.AlterField(
                    model_name="alertparty",
                    name="person",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="breachentry",
                    name="breach",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="compliance.breach",
                    ),
                ),
                migrations.AlterField(
                    model_name="breachperson",
                    name="breach",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="touched",
                        to="compliance.breach",
                    ),
                ),
                migrations.AlterField(
                    model_name="case",
                    name="subject",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="caseentry",
                    name="case",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="compliance.case",
                    ),
                ),
                migrations.AlterField(
                    model_name="consentrecord",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="datarequest",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="evidence",
                    name="case",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="compliance.case",
                    ),
                ),
                migrations.AlterField(
                    model_name="processingactivity",
                    name="code",
                    field=models.SlugField(db_index=False, max_length=30),
                ),
                migrations.AlterField(
                    model_name="reportversion",
                    name="report",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="compliance.suspicioustransactionreport",
                    ),
                ),
                migrations.AlterField(
                    model_name="suspiciousactivityalert",
                    name="subject",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="taxcomputation",
                    name="tax_return",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="computations",
                        to="compliance.taxreturn",
                    ),
                ),
                migrations.AlterField(
                    model_name="taxline",
                    name="computation",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="compliance.taxcomputation",
                    ),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    [f"DROP INDEX {index}" for index, _table, _column in INDEXES],
                    [f"CREATE INDEX {index} ON {table} ({column})" for index, table, column in INDEXES],
                )
            ],
        )
    ]
