"""Credit as windows: every score and decision, the models, what is watched, and the figures in force."""

from django.contrib import admin

from apps.credit_scoring.models import (
    ArrearsRate,
    BureauReport,
    CreditScore,
    Decision,
    DecisionLine,
    DefaultPrediction,
    DriftReading,
    EarlyWarning,
    FactorWeight,
    ListingNotice,
    ListingRule,
    LoanEligibility,
    LoanLimitRule,
    ModelVersion,
    PaymentHistoryAnalysis,
    PricingRule,
)
from apps.credit_scoring.policies import REVIEWS, SEES_FIGURES
from apps.kernel.admin import Window


class Reviewed(Window):
    """With names, for who reviews."""

    sees = REVIEWS
    list_select_related = ("user",)


class Figure(Window):
    """Without names, for who sees the portfolio."""

    sees = SEES_FIGURES


@admin.register(CreditScore)
class Scores(Reviewed):
    """Every score."""

    list_display = ("user", "score", "decision_score", "risk_level", "model_version", "is_thin_file", "computed_at")
    list_filter = ("risk_level", "is_thin_file")


@admin.register(Decision)
class Decisions(Reviewed):
    """Every decision."""

    list_display = ("public_id", "user", "product", "amount", "outcome", "final_outcome", "status", "decided_at")
    list_filter = ("outcome", "status", "product")
    search_fields = ("loan_reference__exact",)


@admin.register(LoanEligibility)
class Eligibilities(Reviewed):
    """What was told before anyone applied."""

    list_display = ("user", "product", "is_eligible", "limit", "created_at", "expires_at")
    list_filter = ("is_eligible", "product")


@admin.register(PaymentHistoryAnalysis)
class Histories(Reviewed):
    """How people repaid."""

    list_display = ("user", "on_time", "late", "missed", "repayment_rate", "analysed_at")


@admin.register(DefaultPrediction)
class Predictions(Reviewed):
    """Which loans may fail."""

    list_display = ("loan_reference", "user", "probability", "band", "horizon_days", "predicted_at")
    list_filter = ("band",)
    search_fields = ("loan_reference__exact",)


@admin.register(EarlyWarning)
class Warnings(Reviewed):
    """What was noticed."""

    list_display = ("loan_reference", "user", "signal", "severity", "status", "raised_at")
    list_filter = ("signal", "severity", "status")
    search_fields = ("loan_reference__exact",)


@admin.register(BureauReport)
class Reports(Reviewed):
    """What the bureau was asked."""

    list_display = ("user", "bureau", "status", "score", "consented_at", "asked_at")
    list_filter = ("status",)


@admin.register(ListingNotice)
class Notices(Reviewed):
    """Who was told of a coming listing."""

    list_display = ("loan_reference", "user", "owed", "noticed_on", "list_from")


@admin.register(ModelVersion)
class Models(Figure):
    """Every model."""

    list_display = ("name", "kind", "status", "trained_on", "is_synthetic", "trained_at", "in_use_from")
    list_filter = ("status", "kind")
    exclude = ("artefact",)


@admin.register(DriftReading)
class Readings(Figure):
    """Every weekly look."""

    list_display = ("model", "read_on", "scores", "psi", "is_alarm")
    list_filter = ("is_alarm",)
    list_select_related = ("model",)


@admin.register(FactorWeight)
class Weights(Figure):
    """How the five factors weigh."""

    list_display = ("factor", "weight", "valid_from", "source")


@admin.register(DecisionLine)
class Lines(Figure):
    """Where a machine says yes and no."""

    list_display = ("approve_above", "reject_upto", "valid_from", "source")


@admin.register(LoanLimitRule)
class Limits(Figure):
    """What a limit is made of."""

    list_display = ("deposit_share", "first_loan", "valid_from", "source")


@admin.register(PricingRule)
class Prices(Figure):
    """What a rate is made of."""

    list_display = ("product", "cost_of_funds", "operating_cost", "margin", "floor_rate", "cap_rate", "valid_from")


@admin.register(ArrearsRate)
class Arrears(Figure):
    """How loans fail by days late."""

    list_display = ("days_from", "probability", "valid_from", "source")


@admin.register(ListingRule)
class Listings(Figure):
    """When a bureau may be told."""

    list_display = ("notice_days", "floor", "valid_from", "source")
