"""No index that another one begins with: it was written with every row and asked by no query."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

INDEXES = [
    ("open_banking_accesslog_consent_id_d2011cf0", "open_banking_accesslog", "consent_id"),
    ("open_banking_accesslog_user_id_f4071ad3", "open_banking_accesslog", "user_id"),
    ("open_banking_consent_app_id_f3a27c6a", "open_banking_consent", "app_id"),
    ("open_banking_consent_user_id_4c3cfc23", "open_banking_consent", "user_id"),
    ("open_banking_consentaccount_consent_id_4f9bfadb", "open_banking_consentaccount", "consent_id"),
    ("open_banking_consentevent_consent_id_1385e9c7", "open_banking_consentevent", "consent_id"),
    ("open_banking_counterpartylimit_account_id_fb719c5e", "open_banking_counterpartylimit", "account_id"),
    ("open_banking_customview_account_id_f8b6bd1f", "open_banking_customview", "account_id"),
    ("open_banking_linkedaccount_link_id_d9f83c7f", "open_banking_linkedaccount", "link_id"),
    ("open_banking_linkedline_account_id_935bb72f", "open_banking_linkedline", "account_id"),
    ("open_banking_sandboxaccount_persona_id_f6125bde", "open_banking_sandboxaccount", "persona_id"),
    ("open_banking_sandboxline_account_id_4e7bc454", "open_banking_sandboxline", "account_id"),
    ("open_banking_sandboxpayment_app_id_266be6f3", "open_banking_sandboxpayment", "app_id"),
    ("open_banking_sandboxpersona_developer_id_81d4d52a", "open_banking_sandboxpersona", "developer_id"),
    ("open_banking_transactionrequest_app_id_5e173582", "open_banking_transactionrequest", "app_id"),
    ("open_banking_transactionrequest_consent_id_a1bf2bd7", "open_banking_transactionrequest", "consent_id"),
    ("open_banking_unattendedreads_consent_id_904ee278", "open_banking_unattendedreads", "consent_id"),
    ("open_banking_usedassertion_app_id_8545d3ff", "open_banking_usedassertion", "app_id"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0023_no_index_twice"),
        ("open_banking", "0007_answers_in_the_sandbox"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="accesslog",
                    name="consent",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reads",
                        to="open_banking.consent",
                    ),
                ),
                migrations.AlterField(
                    model_name="accesslog",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="consent",
                    name="app",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="consent",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="consentaccount",
                    name="consent",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chosen",
                        to="open_banking.consent",
                    ),
                ),
                migrations.AlterField(
                    model_name="consentevent",
                    name="consent",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="open_banking.consent",
                    ),
                ),
                migrations.AlterField(
                    model_name="counterpartylimit",
                    name="account",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                migrations.AlterField(
                    model_name="customview",
                    name="account",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                migrations.AlterField(
                    model_name="linkedaccount",
                    name="link",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="accounts",
                        to="open_banking.linkedbank",
                    ),
                ),
                migrations.AlterField(
                    model_name="linkedline",
                    name="account",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="open_banking.linkedaccount",
                    ),
                ),
                migrations.AlterField(
                    model_name="sandboxaccount",
                    name="persona",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="accounts",
                        to="open_banking.sandboxpersona",
                    ),
                ),
                migrations.AlterField(
                    model_name="sandboxline",
                    name="account",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="open_banking.sandboxaccount",
                    ),
                ),
                migrations.AlterField(
                    model_name="sandboxpayment",
                    name="app",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="sandboxpersona",
                    name="developer",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="personas",
                        to="open_banking.developeraccount",
                    ),
                ),
                migrations.AlterField(
                    model_name="transactionrequest",
                    name="app",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="transactionrequest",
                    name="consent",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="open_banking.consent",
                    ),
                ),
                migrations.AlterField(
                    model_name="unattendedreads",
                    name="consent",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="open_banking.consent",
                    ),
                ),
                migrations.AlterField(
                    model_name="usedassertion",
                    name="app",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
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
