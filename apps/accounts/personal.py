"""What accounts hold of a person: accounts, lines, cash, statements, rules, goals, deposits. It is books, and stays."""

from apps.kernel import personal
from apps.kernel.personal import Part

personal.holds(
    Part("accounts", "accounts.Account", "owner",
         ("id", "number", "account_type", "currency", "nickname", "status", "opened_at", "closed_at")),
    Part("transactions", "accounts.Transaction", "account__owner",
         ("account_id", "txn_type", "amount_minor", "currency", "running_balance_minor", "description", "counterparty",
          "merchant", "category", "reference", "booked_on", "posted_at")),
    Part("cash", "accounts.CashMovement", "account__owner",
         ("kind", "status", "amount_minor", "fee_minor", "duty_minor", "currency", "receipt", "purpose", "created_at",
          "done_at")),
    Part("transfer_rules", "accounts.AutoTransferRule", "owner",
         ("kind", "from_account_id", "to_account_id", "currency", "amount_minor", "rate", "threshold_minor",
          "floor_minor", "cadence", "day", "is_active", "created_at", "ended_at")),
    Part("goals", "accounts.SavingsGoal", "owner",
         ("name", "target_minor", "currency", "by_date", "picture", "locked_until", "created_at", "closed_at")),
    Part("goals_joined", "accounts.GoalMember", "user", ("goal_id", "status", "invited_at", "answered_at")),
    Part("goal_moves", "accounts.GoalMove", "user", ("goal_id", "amount_minor", "currency", "at")),
    Part("deposits", "accounts.FixedDeposit", "owner",
         ("principal_minor", "currency", "months", "rate", "starts_on", "matures_on", "on_maturity", "status",
          "opened_at", "ended_at")),
    Part("imports", "accounts.ImportBatch", "owner", ("account", "rows", "accepted", "at")),
    Part("statements", "accounts.Statement", "account__owner", ("account_id", "from_date", "to_date", "made_at")),
)  # fmt: skip
personal.leave_out("A counter of the day; the payments are given.", "accounts.LimitUse.user")
personal.holds(
    Part("mandates", "accounts.MandateSignatory", "user", ("mandate_id",)),
    Part("mandates_signed", "accounts.MandateSignature", "user", ("mandate_id", "at")),
)  # fmt: skip
personal.leave_out(
    "Who acted for an account; its holder has the account.",
    "accounts.Account.frozen_by",
    "accounts.UnfreezeSignature.user",
)
personal.leave_out("Who wrote a mandate down, in the name of a business.", "accounts.Mandate.made_by")
personal.leave_out(
    "Work of staff.",
    "accounts.Till.teller",
    "accounts.CashMovement.made_by",
    "accounts.InterestReturn.asked_by",
    "accounts.InterestReturn.allowed_by",
)
