"""What scoring tells the floors above."""

from dataclasses import dataclass

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreChanged(Event):
    """A customer's score is another than before (`before` 0: the first one)."""

    name = "credit_scoring.score.changed"
    score_id: int
    user_id: int
    before: int
    score: int
    risk_level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionMade(Event):
    """A decision, or what a person made of it: `by_person` then says so."""

    name = "credit_scoring.decision.made"
    decision_id: int
    user_id: int
    outcome: str
    product: str
    loan_reference: str
    by_person: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningRaised(Event):
    """Something was noticed about a live loan."""

    name = "credit_scoring.warning.raised"
    warning_id: int
    user_id: int
    loan_reference: str
    signal: str
    severity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDrifted(Event):
    """Today's customers are not those the model was made of (`psi` as text)."""

    name = "credit_scoring.model.drifted"
    reading_id: int
    model: str
    psi: str
