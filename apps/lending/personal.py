"""What lending holds of a person: loans, schedules, repayments, what was put up for them and what was said."""

from apps.kernel import personal
from apps.kernel.personal import Part

personal.holds(
    Part("loans", "lending.Loan", "borrower",
         ("reference", "currency", "principal_minor", "periods", "rate", "purpose", "purpose_note", "status", "score",
          "apr_pct", "applied_at", "decided_at", "because", "disbursed_on", "first_due_on", "last_due_on", "over_at",
          "paid_minor", "arrears_minor", "days_past_due")),
    Part("loan_instalments", "lending.Instalment", "loan__borrower",
         ("loan_id", "number", "due_on", "currency", "principal_minor", "interest_minor", "fee_minor", "penalty_minor",
          "settled_on", "is_current")),
    Part("loan_repayments", "lending.Repayment", "loan__borrower",
         ("loan_id", "reference", "source", "currency", "amount_minor", "paid_on")),
    Part("loan_repayments_taken_back", "lending.RepaymentReversal", "loan__borrower",
         ("loan_id", "repayment_id", "because", "reversed_on")),
    Part("guarantees_given", "lending.Guarantee", "guarantor",
         ("public_id", "currency", "amount_minor", "status", "asked_at", "answered_at", "over_at")),
    Part("collateral", "lending.Collateral", "loan__borrower",
         ("public_id", "kind", "described", "number", "currency", "value_minor", "valued_on", "expires_on")),
    Part("credit_limits", "lending.CreditLimit", "user", ("product_id", "amount_minor", "currency", "until", "reason")),
    Part("collection_letters", "lending.CollectionLetter", "to",
         ("public_id", "kind", "language", "currency", "owed_minor", "arrears_minor", "days_late", "made_at")),
    Part("collection_contacts", "lending.CollectionEntry", "contacted", ("what", "outcome", "at")),
    Part("promises_to_pay", "lending.Promise", "loan__borrower",
         ("loan_id", "currency", "amount_minor", "due_on", "status", "made_at")),
    Part("more_time", "lending.MoreTime", "loan__borrower", ("loan_id", "says", "status", "asked_at", "answer")),
)  # fmt: skip
personal.leave_out(
    "Work of staff, or of the borrower, whose rows are given by the loan.",
    "lending.ProductTerms.made_by", "lending.Loan.made_by", "lending.Loan.reviewed_by", "lending.Loan.decided_by",
    "lending.CollectionCase.officer", "lending.CollectionEntry.by", "lending.Promise.made_by", "lending.Visit.officer",
    "lending.Visit.made_by", "lending.CollectionLetter.made_by", "lending.MoreTime.answered_by",
    "lending.GuarantorCall.asked_by", "lending.CreditLimit.asked_by", "lending.CreditLimit.decided_by",
    "lending.Schedule.made_by", "lending.Repayment.made_by", "lending.Collateral.made_by",
    "lending.CollateralRelease.made_by", "lending.CollateralPaper.made_by", "lending.StressRun.made_by",
    "lending.RepaymentReversal.asked_by",
    "lending.RepaymentReversal.decided_by", "lending.Tranche.made_by", "lending.Tranche.paid_by",
)  # fmt: skip
