"""What scoring does: `score`, `decide`, `review`, `override`, and what is watched, asked and trained."""

from apps.credit_scoring.operations.decide import decide
from apps.credit_scoring.operations.override import override, run_override
from apps.credit_scoring.operations.review import review
from apps.credit_scoring.operations.score import score

__all__ = [
    "decide",
    "override",
    "review",
    "run_override",
    "score",
]
