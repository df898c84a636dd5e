"""How a hit, a verification and a paper move."""

from apps.kernel.states import Moves

HIT = Moves(
    {
        "OPEN": ["CLEARED", "CONFIRMED", "GONE"],
        "CLEARED": ["OPEN"],
        "CONFIRMED": ["CLEARED"],  # by two people: a mistake is put right
        "GONE": ["OPEN"],
    }
)
VERIFICATION = Moves(
    {
        "STARTED": ["IN_REVIEW"],
        "WAITING_FOR_CUSTOMER": ["IN_REVIEW"],
        "IN_REVIEW": ["WAITING_FOR_CUSTOMER", "APPROVED", "REJECTED"],
    }
)
DOCUMENT = Moves(
    {
        "UPLOADED": ["IN_REVIEW"],
        "IN_REVIEW": ["VERIFIED", "REJECTED"],
        "VERIFIED": ["EXPIRED"],
    }
)
