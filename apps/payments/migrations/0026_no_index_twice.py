"""No index that another one begins with: it was written with every row and asked by no query."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

INDEXES = [
    ("payments_askedbacksignature_asked_id_b73812a6", "payments_askedbacksignature", "asked_id"),
    ("payments_askerblock_blocker_id_5f4b30d6", "payments_askerblock", "blocker_id"),
    ("payments_biller_code_cee79541", "payments_biller", "code"),
    ("payments_biller_code_cee79541_like", "payments_biller", "code varchar_pattern_ops"),
    ("payments_bulkpayment_business_id_ac80118d", "payments_bulkpayment", "business_id"),
    ("payments_bulkpayment_customer_id_223e4f48", "payments_bulkpayment", "customer_id"),
    ("payments_bulkpayment_from_account_id_a03feacc", "payments_bulkpayment", "from_account_id"),
    ("payments_bulkpayment_made_by_id_400abce5", "payments_bulkpayment", "made_by_id"),
    ("payments_bulkrow_bulk_id_740e81b7", "payments_bulkrow", "bulk_id"),
    ("payments_bulksignature_bulk_id_d2840d08", "payments_bulksignature", "bulk_id"),
    ("payments_incomingtransfer_account_id_7d87a318", "payments_incomingtransfer", "account_id"),
    ("payments_jointpayment_business_id_db83196a", "payments_jointpayment", "business_id"),
    ("payments_jointsignature_joint_id_3dcf06ec", "payments_jointsignature", "joint_id"),
    ("payments_merchant_created_by_id_f9bb4007", "payments_merchant", "created_by_id"),
    ("payments_nostroentry_statement_id_03dfb71e", "payments_nostroentry", "statement_id"),
    ("payments_payee_owner_id_e202fef1", "payments_payee", "owner_id"),
    ("payments_payment_merchant_id_2ca42133", "payments_payment", "merchant_id"),
    ("payments_payment_payer_id_90660d0f", "payments_payment", "payer_id"),
    ("payments_payment_qr_code_id_1982b955", "payments_payment", "qr_code_id"),
    ("payments_payment_request_id_dfba2578", "payments_payment", "request_id"),
    ("payments_payment_sale_id_6f38f6a1", "payments_payment", "sale_id"),
    ("payments_payment_settlement_id_be2c3321", "payments_payment", "settlement_id"),
    ("payments_paymentrequest_asked_id_3c5f41c5", "payments_paymentrequest", "asked_id"),
    ("payments_paymentrequest_asker_id_6be91281", "payments_paymentrequest", "asker_id"),
    ("payments_possale_merchant_id_a1e7af00", "payments_possale", "merchant_id"),
    ("payments_posterminal_merchant_id_4f032c0c", "payments_posterminal", "merchant_id"),
    ("payments_refund_made_by_id_f6eba629", "payments_refund", "made_by_id"),
    ("payments_settlement_merchant_id_663d22ec", "payments_settlement", "merchant_id"),
    ("payments_splitbill_owner_id_14e1ce11", "payments_splitbill", "owner_id"),
    ("payments_standingorder_owner_id_3c48dc5f", "payments_standingorder", "owner_id"),
    ("payments_standingorderrun_order_id_21efac19", "payments_standingorderrun", "order_id"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0023_no_index_twice"),
        ("fx", "0002_first_spread"),
        ("payments", "0025_no_words_in_clear"),
        ("users", "0009_no_index_twice"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(
                condition=models.Q(("qr_code__isnull", False)), fields=["qr_code"], name="payments_by_qr_code"
            ),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(
                condition=models.Q(("request__isnull", False)), fields=["request"], name="payments_by_request"
            ),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(condition=models.Q(("sale__isnull", False)), fields=["sale"], name="payments_by_sale"),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(
                condition=models.Q(("settlement__isnull", False)), fields=["settlement"], name="payments_by_settlement"
            ),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="askedbacksignature",
                    name="asked",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="payments.askedback",
                    ),
                ),
                migrations.AlterField(
                    model_name="askerblock",
                    name="blocker",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="biller",
                    name="code",
                    field=models.SlugField(
                        db_index=False, help_text="Short and lasting, like kplc-prepaid", max_length=24
                    ),
                ),
                migrations.AlterField(
                    model_name="bulkpayment",
                    name="business",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="users.businessprofile",
                    ),
                ),
                migrations.AlterField(
                    model_name="bulkpayment",
                    name="customer",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="bulkpayment",
                    name="from_account",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                migrations.AlterField(
                    model_name="bulkpayment",
                    name="made_by",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="bulkrow",
                    name="bulk",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rows",
                        to="payments.bulkpayment",
                    ),
                ),
                migrations.AlterField(
                    model_name="bulksignature",
                    name="bulk",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="payments.bulkpayment",
                    ),
                ),
                migrations.AlterField(
                    model_name="incomingtransfer",
                    name="account",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                migrations.AlterField(
                    model_name="jointpayment",
                    name="business",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="users.businessprofile",
                    ),
                ),
                migrations.AlterField(
                    model_name="jointsignature",
                    name="joint",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="payments.jointpayment",
                    ),
                ),
                migrations.AlterField(
                    model_name="merchant",
                    name="created_by",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="nostroentry",
                    name="statement",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="payments.nostrostatement",
                    ),
                ),
                migrations.AlterField(
                    model_name="payee",
                    name="owner",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payees",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="payment",
                    name="merchant",
                    field=models.ForeignKey(
                        db_index=False,
                        help_text="The shop that is paid; its money waits for the day's settlement",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="takings",
                        to="payments.merchant",
                    ),
                ),
                migrations.AlterField(
                    model_name="payment",
                    name="payer",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="payment",
                    name="qr_code",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="payments.qrcode",
                    ),
                ),
                migrations.AlterField(
                    model_name="payment",
                    name="request",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="payments.paymentrequest",
                    ),
                ),
                migrations.AlterField(
                    model_name="payment",
                    name="sale",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="payments.possale",
                    ),
                ),
                migrations.AlterField(
                    model_name="payment",
                    name="settlement",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="takings",
                        to="payments.settlement",
                    ),
                ),
                migrations.AlterField(
                    model_name="paymentrequest",
                    name="asked",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests_received",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="paymentrequest",
                    name="asker",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests_made",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="possale",
                    name="merchant",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sales",
                        to="payments.merchant",
                    ),
                ),
                migrations.AlterField(
                    model_name="posterminal",
                    name="merchant",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="terminals",
                        to="payments.merchant",
                    ),
                ),
                migrations.AlterField(
                    model_name="refund",
                    name="made_by",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="settlement",
                    name="merchant",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settlements",
                        to="payments.merchant",
                    ),
                ),
                migrations.AlterField(
                    model_name="splitbill",
                    name="owner",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="standingorder",
                    name="owner",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="standing_orders",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="standingorderrun",
                    name="order",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="payments.standingorder",
                    ),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    [f"DROP INDEX {index}" for index, _table, _column in INDEXES],
                    [f"CREATE INDEX {index} ON {table} ({column})" for index, table, column in INDEXES],
                )
            ],
        ),
    ]
