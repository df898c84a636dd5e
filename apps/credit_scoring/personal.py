"""What credit scoring holds of a person: scores and decisions with their reasons (Data Protection Act 2019, s. 35)."""

from apps.kernel import personal
from apps.kernel.personal import Part

personal.holds(
    Part("bureau_reports", "credit_scoring.BureauReport", "user",
         ("bureau", "status", "score", "open_accounts", "accounts_in_arrears", "reference", "consented_at",
          "asked_at")),
    Part("listing_notices", "credit_scoring.ListingNotice", "user",
         ("loan_reference", "owed_minor", "currency", "noticed_on", "list_from")),
    Part("credit_facts", "credit_scoring.FeatureSnapshot", "user", ("as_of", "measured", "declared")),
    Part("credit_scores", "credit_scoring.CreditScore", "user",
         ("score", "risk_level", "probability_of_default", "max_loan_amount_minor", "currency", "factors", "notes",
          "model_version", "computed_at", "valid_until")),
    Part("credit_decisions", "credit_scoring.Decision", "user",
         ("public_id", "product", "amount_minor", "currency", "inputs", "model_version", "outcome", "reasons", "status",
          "final_outcome", "review_note", "decided_at", "reviewed_at")),
    Part("loan_eligibility", "credit_scoring.LoanEligibility", "user",
         ("product", "is_eligible", "limit_minor", "currency", "reasons", "created_at")),
    Part("payment_history", "credit_scoring.PaymentHistoryAnalysis", "user",
         ("on_time", "late", "missed", "repayment_rate", "analysed_at")),
    Part("default_predictions", "credit_scoring.DefaultPrediction", "user",
         ("loan_reference", "horizon_days", "probability", "band", "drivers", "model_version", "predicted_at")),
    Part("early_warnings", "credit_scoring.EarlyWarning", "user",
         ("loan_reference", "signal", "severity", "facts", "status", "raised_at")),
)  # fmt: skip
personal.leave_out(
    "Work of staff.", "credit_scoring.BureauReport.asked_by", "credit_scoring.ListingNotice.given_by",
    "credit_scoring.ModelVersion.trained_by", "credit_scoring.Decision.decided_by",
    "credit_scoring.Decision.reviewed_by", "credit_scoring.EarlyWarning.taken_by",
    "credit_scoring.EarlyWarning.closed_by",
)  # fmt: skip
