"""What scoring does: `score`, `decide`, `review`, `override`, and what is watched, asked and trained."""

from apps.credit_scoring.operations.analyse import analyse_payment_history
from apps.credit_scoring.operations.bureau import ask_bureau, give_listing_notice, require_listable
from apps.credit_scoring.operations.decide import decide
from apps.credit_scoring.operations.drift import read_drift
from apps.credit_scoring.operations.eligibility import check_eligibility, record_eligibility
from apps.credit_scoring.operations.override import override, run_override
from apps.credit_scoring.operations.predict import predict_default
from apps.credit_scoring.operations.rescore import rescore, score_many
from apps.credit_scoring.operations.review import review
from apps.credit_scoring.operations.score import score
from apps.credit_scoring.operations.train import ask_promotion, keep, run_promotion, train_models
from apps.credit_scoring.operations.warn import close_warning, look_for_warnings, raise_warning, take_warning

__all__ = [
    "analyse_payment_history",
    "ask_bureau",
    "ask_promotion",
    "check_eligibility",
    "close_warning",
    "decide",
    "give_listing_notice",
    "keep",
    "look_for_warnings",
    "override",
    "predict_default",
    "raise_warning",
    "read_drift",
    "record_eligibility",
    "require_listable",
    "rescore",
    "review",
    "run_override",
    "run_promotion",
    "score",
    "score_many",
    "take_warning",
    "train_models",
]
