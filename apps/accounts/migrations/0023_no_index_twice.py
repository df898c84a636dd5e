"""No index that another one begins with: it was written with every row and asked by no query."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

INDEXES = [
    ("accounts_account_owner_id_7b1fcbd0", "accounts_account", "owner_id"),
    ("accounts_autotransferrule_owner_id_5dce02d0", "accounts_autotransferrule", "owner_id"),
    ("accounts_autotransferrun_rule_id_2c3892f4", "accounts_autotransferrun", "rule_id"),
    ("accounts_cashmovement_made_by_id_88658c71", "accounts_cashmovement", "made_by_id"),
    ("accounts_cashmovement_till_id_ba3e86fc", "accounts_cashmovement", "till_id"),
    ("accounts_depositinstalment_deposit_id_31bb186e", "accounts_depositinstalment", "deposit_id"),
    ("accounts_depositrate_chart_id_bf45ce5e", "accounts_depositrate", "chart_id"),
    ("accounts_feeband_rule_id_fdb3d494", "accounts_feeband", "rule_id"),
    ("accounts_fixeddeposit_owner_id_ff4b9d1d", "accounts_fixeddeposit", "owner_id"),
    ("accounts_goalmember_goal_id_80eb904d", "accounts_goalmember", "goal_id"),
    ("accounts_goalmove_goal_id_e88a2a92", "accounts_goalmove", "goal_id"),
    ("accounts_interestpayment_account_id_87fcd926", "accounts_interestpayment", "account_id"),
    ("accounts_interestterms_product_id_c15e9eb8", "accounts_interestterms", "product_id"),
    ("accounts_interesttier_terms_id_fdc21379", "accounts_interesttier", "terms_id"),
    ("accounts_limituse_user_id_af09e26c", "accounts_limituse", "user_id"),
    ("accounts_mandateband_mandate_id_7eb21c73", "accounts_mandateband", "mandate_id"),
    ("accounts_mandatesignatory_mandate_id_c4805887", "accounts_mandatesignatory", "mandate_id"),
    ("accounts_mandatesignature_mandate_id_1207f2e2", "accounts_mandatesignature", "mandate_id"),
    ("accounts_savingsgoal_owner_id_82892321", "accounts_savingsgoal", "owner_id"),
    ("accounts_till_teller_id_630ed6c8", "accounts_till", "teller_id"),
    ("accounts_transaction_account_id_95e78ffb", "accounts_transaction", "account_id"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0022_imports_from_other_banks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="account",
                    name="owner",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="autotransferrule",
                    name="owner",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfer_rules",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="autotransferrun",
                    name="rule",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="accounts.autotransferrule",
                    ),
                ),
                migrations.AlterField(
                    model_name="cashmovement",
                    name="made_by",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="cashmovement",
                    name="till",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="movements",
                        to="accounts.till",
                    ),
                ),
                migrations.AlterField(
                    model_name="depositinstalment",
                    name="deposit",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="instalments",
                        to="accounts.fixeddeposit",
                    ),
                ),
                migrations.AlterField(
                    model_name="depositrate",
                    name="chart",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rates",
                        to="accounts.depositchart",
                    ),
                ),
                migrations.AlterField(
                    model_name="feeband",
                    name="rule",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bands",
                        to="accounts.feerule",
                    ),
                ),
                migrations.AlterField(
                    model_name="fixeddeposit",
                    name="owner",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deposits",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="goalmember",
                    name="goal",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="accounts.savingsgoal",
                    ),
                ),
                migrations.AlterField(
                    model_name="goalmove",
                    name="goal",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to="accounts.savingsgoal",
                    ),
                ),
                migrations.AlterField(
                    model_name="interestpayment",
                    name="account",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="interest_payments",
                        to="accounts.account",
                    ),
                ),
                migrations.AlterField(
                    model_name="interestterms",
                    name="product",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="interest_terms",
                        to="accounts.product",
                    ),
                ),
                migrations.AlterField(
                    model_name="interesttier",
                    name="terms",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tiers",
                        to="accounts.interestterms",
                    ),
                ),
                migrations.AlterField(
                    model_name="limituse",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="mandateband",
                    name="mandate",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bands",
                        to="accounts.mandate",
                    ),
                ),
                migrations.AlterField(
                    model_name="mandatesignatory",
                    name="mandate",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatories",
                        to="accounts.mandate",
                    ),
                ),
                migrations.AlterField(
                    model_name="mandatesignature",
                    name="mandate",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="accounts.mandate",
                    ),
                ),
                migrations.AlterField(
                    model_name="savingsgoal",
                    name="owner",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="goals",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="till",
                    name="teller",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tills",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="transaction",
                    name="account",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="accounts.account",
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
