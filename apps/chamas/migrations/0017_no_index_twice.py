"""No index that another one begins with: it was written with every row and asked by no query."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

INDEXES = [
    ("chamas_attendance_meeting_id_7be2ba01", "chamas_attendance", "meeting_id"),
    ("chamas_balanceconfirmation_member_id_7ec2d213", "chamas_balanceconfirmation", "member_id"),
    ("chamas_bid_round_id_3f5c03af", "chamas_bid", "round_id"),
    ("chamas_cashnote_treasurer_id_aee27f4d", "chamas_cashnote", "treasurer_id"),
    ("chamas_constitutionacceptance_version_id_c049877e", "chamas_constitutionacceptance", "version_id"),
    ("chamas_constitutionversion_group_id_5bd714e2", "chamas_constitutionversion", "group_id"),
    ("chamas_contribution_cycle_id_36c88b10", "chamas_contribution", "cycle_id"),
    ("chamas_contribution_member_id_5e5c5cd1", "chamas_contribution", "member_id"),
    ("chamas_cycle_group_id_18404d61", "chamas_cycle", "group_id"),
    ("chamas_drawword_round_id_cda14868", "chamas_drawword", "round_id"),
    ("chamas_fine_group_id_eb499f81", "chamas_fine", "group_id"),
    ("chamas_fine_member_id_5be97eb7", "chamas_fine", "member_id"),
    ("chamas_fund_group_id_870f9450", "chamas_fund", "group_id"),
    ("chamas_groupentry_group_id_0a989013", "chamas_groupentry", "group_id"),
    ("chamas_groupentry_member_id_9e70a804", "chamas_groupentry", "member_id"),
    ("chamas_groupguarantee_loan_id_da242cb7", "chamas_groupguarantee", "loan_id"),
    ("chamas_grouploan_member_id_65d8af14", "chamas_grouploan", "member_id"),
    ("chamas_grouploanrow_loan_id_21455a39", "chamas_grouploanrow", "loan_id"),
    ("chamas_grouppaper_group_id_6362d237", "chamas_grouppaper", "group_id"),
    ("chamas_grouprepayment_loan_id_969b4b81", "chamas_grouprepayment", "loan_id"),
    ("chamas_investmentsale_investment_id_56c49c0f", "chamas_investmentsale", "investment_id"),
    ("chamas_investmentvaluation_investment_id_50313d64", "chamas_investmentvaluation", "investment_id"),
    ("chamas_meeting_group_id_f6fac1fa", "chamas_meeting", "group_id"),
    ("chamas_membership_group_id_33282b39", "chamas_membership", "group_id"),
    ("chamas_membership_user_id_eb71fa45", "chamas_membership", "user_id"),
    ("chamas_minutes_meeting_id_6ed66846", "chamas_minutes", "meeting_id"),
    ("chamas_minutessignature_minutes_id_0d99e355", "chamas_minutessignature", "minutes_id"),
    ("chamas_payin_group_id_bbb9e482", "chamas_payin", "group_id"),
    ("chamas_payin_member_id_3be7fa28", "chamas_payin", "member_id"),
    ("chamas_proposal_group_id_f757624c", "chamas_proposal", "group_id"),
    ("chamas_proposal_made_by_id_02a78eda", "chamas_proposal", "made_by_id"),
    ("chamas_rollmark_meeting_id_b4646592", "chamas_rollmark", "meeting_id"),
    ("chamas_round_group_id_acc2ee01", "chamas_round", "group_id"),
    ("chamas_sharing_group_id_f9ed6814", "chamas_sharing", "group_id"),
    ("chamas_signoff_proposal_id_04ffd8e9", "chamas_signoff", "proposal_id"),
    ("chamas_turn_round_id_ceadcfbb", "chamas_turn", "round_id"),
    ("chamas_vote_proposal_id_01d4b160", "chamas_vote", "proposal_id"),
    ("chamas_welfareclaim_member_id_ea09a99c", "chamas_welfareclaim", "member_id"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("chamas", "0016_members_confirm_balances"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="attendance",
                    name="meeting",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attendance",
                        to="chamas.meeting",
                    ),
                ),
                migrations.AlterField(
                    model_name="balanceconfirmation",
                    name="member",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="confirmations",
                        to="chamas.membership",
                    ),
                ),
                migrations.AlterField(
                    model_name="bid",
                    name="round",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bids",
                        to="chamas.round",
                    ),
                ),
                migrations.AlterField(
                    model_name="cashnote",
                    name="treasurer",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="chamas.membership",
                    ),
                ),
                migrations.AlterField(
                    model_name="constitutionacceptance",
                    name="version",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acceptances",
                        to="chamas.constitutionversion",
                    ),
                ),
                migrations.AlterField(
                    model_name="constitutionversion",
                    name="group",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="chamas.chamagroup",
                    ),
                ),
                migrations.AlterField(
                    model_name="contribution",
                    name="cycle",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contributions",
                        to="chamas.cycle",
                    ),
                ),
                migrations.AlterField(
                    model_name="contribution",
                    name="member",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contributions",
                        to="chamas.membership",
                    ),
                ),
                migrations.AlterField(
                    model_name="cycle",
                    name="group",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cycles",
                        to="chamas.chamagroup",
                    ),
                ),
                migrations.AlterField(
                    model_name="drawword",
                    name="round",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="words",
                        to="chamas.round",
                    ),
                ),
                migrations.AlterField(
                    model_name="fine",
                    name="group",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fines",
                        to="chamas.chamagroup",
                    ),
                ),
                migrations.AlterField(
                    model_name="fine",
                    name="member",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fines",
                        to="chamas.membership",
                    ),
                ),
                migrations.AlterField(
                    model_name="fund",
                    name="group",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="funds",
                        to="chamas.chamagroup",
                    ),
                ),
                migrations.AlterField(
                    model_name="groupentry",
                    name="group",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="chamas.chamagroup",
                    ),
                ),
                migrations.AlterField(
                    model_name="groupentry",
                    name="member",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="chamas.membership",
                    ),
                ),
                migrations.AlterField(
                    model_name="groupguarantee",
                    name="loan",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="guarantees",
                        to="chamas.grouploan",
                    ),
                ),
                migrations.AlterField(
                    model_name="grouploan",
                    name="member",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="group_loans",
                        to="chamas.membership",
                    ),
                ),
                migrations.AlterField(
                    model_name="grouploanrow",
                    name="loan",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rows",
                        to="chamas.grouploan",
                    ),
                ),
                migrations.AlterField(
                    model_name="grouppaper",
                    name="group",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="chamas.chamagroup",
                    ),
                ),
                migrations.AlterField(
                    model_name="grouprepayment",
                    name="loan",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="repayments",
                        to="chamas.grouploan",
                    ),
                ),
                migrations.AlterField(
                    model_name="investmentsale",
                    name="investment",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sales",
                        to="chamas.investment",
                    ),
                ),
                migrations.AlterField(
                    model_name="investmentvaluation",
                    name="investment",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="valuations",
                        to="chamas.investment",
                    ),
                ),
                migrations.AlterField(
                    model_name="meeting",
                    name="group",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meetings",
                        to="chamas.chamagroup",
                    ),
                ),
                migrations.AlterField(
                    model_name="membership",
                    name="group",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="chamas.chamagroup",
                    ),
                ),
                migrations.AlterField(
                    model_name="membership",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="minutes",
                    name="meeting",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="minutes",
                        to="chamas.meeting",
                    ),
                ),
                migrations.AlterField(
                    model_name="minutessignature",
                    name="minutes",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="chamas.minutes",
                    ),
                ),
                migrations.AlterField(
                    model_name="payin",
                    name="group",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pay_ins",
                        to="chamas.chamagroup",
                    ),
                ),
                migrations.AlterField(
                    model_name="payin",
                    name="member",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pay_ins",
                        to="chamas.membership",
                    ),
                ),
                migrations.AlterField(
                    model_name="proposal",
                    name="group",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposals",
                        to="chamas.chamagroup",
                    ),
                ),
                migrations.AlterField(
                    model_name="proposal",
                    name="made_by",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="chamas.membership",
                    ),
                ),
                migrations.AlterField(
                    model_name="rollmark",
                    name="meeting",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="roll",
                        to="chamas.meeting",
                    ),
                ),
                migrations.AlterField(
                    model_name="round",
                    name="group",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rounds",
                        to="chamas.chamagroup",
                    ),
                ),
                migrations.AlterField(
                    model_name="sharing",
                    name="group",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sharings",
                        to="chamas.chamagroup",
                    ),
                ),
                migrations.AlterField(
                    model_name="signoff",
                    name="proposal",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sign_offs",
                        to="chamas.proposal",
                    ),
                ),
                migrations.AlterField(
                    model_name="turn",
                    name="round",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="turns",
                        to="chamas.round",
                    ),
                ),
                migrations.AlterField(
                    model_name="vote",
                    name="proposal",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="votes",
                        to="chamas.proposal",
                    ),
                ),
                migrations.AlterField(
                    model_name="welfareclaim",
                    name="member",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="welfare_claims",
                        to="chamas.membership",
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
