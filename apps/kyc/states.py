"""How a hit moves."""

from apps.kernel.states import Moves

HIT = Moves(
    {
        "OPEN": ["CLEARED", "CONFIRMED", "GONE"],
        "CLEARED": ["OPEN"],
        "CONFIRMED": ["CLEARED"],  # by two people: a mistake is put right
        "GONE": ["OPEN"],
    }
)
