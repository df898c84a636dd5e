"""Loading watch lists, finding who may be on them, and deciding who is."""

from apps.kyc.operations.screening.check import Found, check_name, may_be_sanctioned
from apps.kyc.operations.screening.decide import CLEAR, clear, confirm, run_clear
from apps.kyc.operations.screening.load import MuchShorter, load_list
from apps.kyc.operations.screening.people import screen_changed, screen_people, screen_version, wake
from apps.kyc.operations.screening.shorter import SHORTER, ask_shorter, run_shorter
from apps.kyc.operations.screening.weights import count_words

__all__ = [
    "CLEAR",
    "SHORTER",
    "Found",
    "MuchShorter",
    "ask_shorter",
    "check_name",
    "clear",
    "confirm",
    "count_words",
    "load_list",
    "may_be_sanctioned",
    "run_clear",
    "run_shorter",
    "screen_changed",
    "screen_people",
    "screen_version",
    "wake",
]
