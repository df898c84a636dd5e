"""What fraud tells the floors above."""

from dataclasses import dataclass

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionFlagged(Event):
    """A movement is held for a person to look at."""

    name = "fraud.transaction.flagged"
    reference: str
    user_id: int
    check_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionCleared(Event):
    """It was looked at and may go on."""

    name = "fraud.transaction.cleared"
    reference: str
    user_id: int
    by_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionBlocked(Event):
    """The screen stopped a movement outright, or a person did after a look (`by_id`; 0 for the screen)."""

    name = "fraud.transaction.blocked"
    reference: str
    user_id: int
    by_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagAged(Event):
    """A held movement has an hour or less left of the promised four, and nobody has decided."""

    name = "fraud.transaction.aged"
    flag_id: int
    reference: str
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChanged(Event):
    """Another version of a rule of the screen counts from now on."""

    name = "fraud.rule.changed"
    code: str
    version: int
    by_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDrifted(Event):
    """The payments of a week are spread otherwise than those the model in use was made of."""

    name = "fraud.model.drifted"
    model_id: int
    psi: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeOpened(Event):
    """A customer says that a line of theirs is wrong."""

    name = "fraud.dispute.opened"
    dispute_id: int
    owner_id: int
    line_id: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeResolved(Event):
    """It was decided, UPHELD or DECLINED."""

    name = "fraud.dispute.resolved"
    dispute_id: int
    owner_id: int
    outcome: str
