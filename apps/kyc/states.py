"""How a hit, a verification and a paper move."""

from apps.kernel.states import Moves

HIT = Moves(
    {
        "OPEN": ["CLEARED", "CONFIRMED", "GONE"],
        "CLEARED": ["OPEN"],
        "GONE": ["OPEN"],
    }
)
# By two people a mistake is put right too.
HIT_BY_TWO = Moves({"OPEN": ["CLEARED"], "CONFIRMED": ["CLEARED"]})
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
