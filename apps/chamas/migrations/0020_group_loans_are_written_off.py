"""Loans of groups may be written off, and what comes back of them is told apart."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chamas", "0019_swaps_end_without_an_answer"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="groupentry",
            name="entry_kind_is_known",
        ),
        migrations.RemoveConstraint(
            model_name="grouploan",
            name="group_loans_have_their_times",
        ),
        migrations.AddField(
            model_name="grouploan",
            name="recovered_minor",
            field=models.BigIntegerField(default=0, help_text="Of that, what came back afterwards"),
        ),
        migrations.AddField(
            model_name="grouploan",
            name="written_off_minor",
            field=models.BigIntegerField(default=0, help_text="Principal that the group lost"),
        ),
        migrations.AlterField(
            model_name="groupentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("CONTRIBUTION", "Contribution"),
                    ("SHARE_PURCHASE", "Shares bought"),
                    ("FINE", "Fine paid"),
                    ("PAYOUT", "Merry-go-round payout"),
                    ("LOAN", "Loan to a member"),
                    ("LOAN_REPAYMENT", "Loan paid back"),
                    ("LOAN_INTEREST", "Interest on a loan"),
                    ("LOAN_LOSS", "Loan written off"),
                    ("LOAN_RECOVERY", "Lost loan that came back"),
                    ("WELFARE_CLAIM", "Welfare paid"),
                    ("WITHDRAWAL", "Savings taken out"),
                    ("EXIT", "Share of a member who left"),
                    ("EXIT_FEE", "Fee for leaving"),
                    ("REFUND", "Given back"),
                    ("DIVIDEND", "Dividend"),
                    ("SHARE_OUT", "Share-out"),
                    ("INVESTMENT", "Investment"),
                    ("INVESTMENT_RETURN", "From an investment"),
                    ("EXPENSE", "Spent for the group"),
                    ("BROUGHT", "Brought into the group"),
                    ("MOVED", "Moved between funds"),
                    ("REVERSAL", "Taken back"),
                ],
                max_length=17,
            ),
        ),
        migrations.AlterField(
            model_name="grouploan",
            name="status",
            field=models.CharField(
                choices=[
                    ("ASKED", "Guarantors and the group decide"),
                    ("ACTIVE", "Being paid back"),
                    ("PAID", "Paid back"),
                    ("CANCELLED", "Not taken"),
                    ("WRITTEN_OFF", "Written off"),
                ],
                default="ASKED",
                max_length=11,
            ),
        ),
        migrations.AddConstraint(
            model_name="groupentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "CONTRIBUTION",
                            "SHARE_PURCHASE",
                            "FINE",
                            "PAYOUT",
                            "LOAN",
                            "LOAN_REPAYMENT",
                            "LOAN_INTEREST",
                            "LOAN_LOSS",
                            "LOAN_RECOVERY",
                            "WELFARE_CLAIM",
                            "WITHDRAWAL",
                            "EXIT",
                            "EXIT_FEE",
                            "REFUND",
                            "DIVIDEND",
                            "SHARE_OUT",
                            "INVESTMENT",
                            "INVESTMENT_RETURN",
                            "EXPENSE",
                            "BROUGHT",
                            "MOVED",
                            "REVERSAL",
                        ],
                    )
                ),
                name="entry_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="grouploan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("over_at", None), ("paid_out_at", None), ("status", "ASKED")),
                    models.Q(
                        ("left_minor__gt", 0), ("over_at", None), ("paid_out_at__isnull", False), ("status", "ACTIVE")
                    ),
                    models.Q(
                        ("left_minor", 0),
                        ("over_at__isnull", False),
                        ("paid_out_at__isnull", False),
                        ("status", "PAID"),
                    ),
                    models.Q(("over_at__isnull", False), ("paid_out_at", None), ("status", "CANCELLED")),
                    models.Q(
                        ("left_minor", 0),
                        ("over_at__isnull", False),
                        ("paid_out_at__isnull", False),
                        ("status", "WRITTEN_OFF"),
                    ),
                    _connector="OR",
                ),
                name="group_loans_have_their_times",
            ),
        ),
        migrations.AddConstraint(
            model_name="grouploan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("status", "WRITTEN_OFF"),
                        ("written_off_minor__gt", 0),
                        ("written_off_minor__lte", models.F("principal_minor")),
                    ),
                    models.Q(models.Q(("status", "WRITTEN_OFF"), _negated=True), ("written_off_minor", 0)),
                    _connector="OR",
                ),
                name="a_group_loses_what_it_wrote_off",
            ),
        ),
        migrations.AddConstraint(
            model_name="grouploan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("recovered_minor__gte", 0), ("recovered_minor__lte", models.F("written_off_minor"))
                ),
                name="a_group_recovers_no_more_than_it_lost",
            ),
        ),
    ]
