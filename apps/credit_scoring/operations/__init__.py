"""What scoring does: `score`, `decide`, `review`, `override`, and what is watched, asked and trained."""

from apps.credit_scoring.operations.decide import decide
from apps.credit_scoring.operations.override import override, run_override
from apps.credit_scoring.operations.review import review
from apps.credit_scoring.operations.score import score
from apps.credit_scoring.operations.train import ask_promotion, keep, run_promotion, train_models

__all__ = [
    "ask_promotion",
    "decide",
    "keep",
    "override",
    "review",
    "run_override",
    "run_promotion",
    "score",
    "train_models",
]
