"""What may follow what: versions of a model, decisions, warnings."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.kernel.states import Moves


class ModelStatus(models.TextChoices):
    """What a model is used for."""

    CANDIDATE = "CANDIDATE", _("Trained, not in use")
    CHAMPION = "CHAMPION", _("Decides")
    CHALLENGER = "CHALLENGER", _("Runs beside the champion")
    RETIRED = "RETIRED", _("No longer used")


class DecisionStatus(models.TextChoices):
    """Whether a person has looked, or must."""

    MADE = "MADE", _("By the model")
    REVIEW_OPEN = "REVIEW_OPEN", _("A person must look")
    UPHELD = "UPHELD", _("A person agreed")
    OVERTURNED = "OVERTURNED", _("A person disagreed")
    OVERRIDDEN = "OVERRIDDEN", _("Overridden by two people")


class WarningStatus(models.TextChoices):
    """Where a warning stands."""

    OPEN = "OPEN", _("Open")
    ACKNOWLEDGED = "ACKNOWLEDGED", _("Someone works on it")
    CLOSED = "CLOSED", _("Over")


MODEL = Moves(
    {
        ModelStatus.CANDIDATE: [ModelStatus.CHAMPION, ModelStatus.CHALLENGER, ModelStatus.RETIRED],
        ModelStatus.CHALLENGER: [ModelStatus.CHAMPION, ModelStatus.RETIRED],
        ModelStatus.CHAMPION: [ModelStatus.RETIRED],
    }
)
DECISION = Moves(
    {
        DecisionStatus.MADE: [DecisionStatus.OVERRIDDEN],
        DecisionStatus.REVIEW_OPEN: [DecisionStatus.UPHELD, DecisionStatus.OVERTURNED, DecisionStatus.OVERRIDDEN],
        DecisionStatus.UPHELD: [DecisionStatus.OVERRIDDEN],
        DecisionStatus.OVERTURNED: [DecisionStatus.OVERRIDDEN],
    }
)
WARNING = Moves(
    {
        WarningStatus.OPEN: [WarningStatus.ACKNOWLEDGED, WarningStatus.CLOSED],
        WarningStatus.ACKNOWLEDGED: [WarningStatus.CLOSED],
    }
)
