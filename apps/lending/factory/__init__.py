"""The product factory: terms as they are written down, checked, shown in words and tried out before anybody asks."""

from apps.lending.factory.draft import FIELDS, MONEY, SHARES, draft, fees_of, primitives
from apps.lending.factory.preview import Preview, preview
from apps.lending.factory.soundness import Fault, faults
from apps.lending.factory.words import Change, changes, said_of

__all__ = [
    "FIELDS",
    "MONEY",
    "SHARES",
    "Change",
    "Fault",
    "Preview",
    "changes",
    "draft",
    "faults",
    "fees_of",
    "preview",
    "primitives",
    "said_of",
]
