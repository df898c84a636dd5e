"""Which status of a payment may follow which."""

from apps.kernel.states import Moves

PAYMENT = Moves(
    {
        "AWAITING_CONFIRMATION": ["COMPLETED", "HELD", "PENDING", "FAILED", "CANCELLED"],
        "HELD": ["COMPLETED", "PENDING", "FAILED", "CANCELLED"],
        "PENDING": ["COMPLETED", "CHECKING", "FAILED"],
        "CHECKING": ["COMPLETED", "FAILED"],  # only by what the provider or a person found out
        "COMPLETED": ["REVERSED"],
    }
)
REFUND = Moves({"WAITING": ["DONE", "RETURNED"]})
ORDER = Moves(
    {
        "AWAITING_CONFIRMATION": ["ACTIVE", "CANCELLED"],
        "ACTIVE": ["PAUSED", "DONE", "CANCELLED"],
        "PAUSED": ["ACTIVE", "DONE", "CANCELLED"],
    }
)
RUN = Moves(
    {
        "WAITING": ["UNDER_WAY", "PAID", "FAILED", "SKIPPED", "MISSED"],
        "UNDER_WAY": ["PAID", "FAILED"],
    }
)
REQUEST = Moves(
    {
        "OPEN": ["PAYING", "DECLINED", "CANCELLED", "EXPIRED"],
        "PAYING": ["PAID", "OPEN"],  # open again when the payment did not arrive
    }
)
JOINT = Moves(
    {
        "WAITING": ["SIGNED", "DECLINED", "CANCELLED", "EXPIRED"],
        "SIGNED": ["DECLINED", "CANCELLED"],  # while its payment is held for a moment
    }
)
JOINT_ORDER = Moves({"WAITING": ["SIGNED", "DECLINED", "CANCELLED", "EXPIRED"], "SIGNED": ["STOPPED"]})
SALE = Moves({"OPEN": ["PAID", "VOIDED", "EXPIRED"]})
MERCHANT = Moves({"ACTIVE": ["SUSPENDED", "CLOSED"], "SUSPENDED": ["ACTIVE", "CLOSED"]})
# A file of payments: read, checked, asked for, run. What ran is never called back; what did not can be cancelled.
BULK = Moves(
    {
        "DRAFT": ["CHECKED", "CANCELLED"],
        "CHECKED": ["WAITING", "CANCELLED"],
        "WAITING": ["RUNNING", "REJECTED", "CANCELLED"],
        "RUNNING": ["DONE", "PARTLY_FAILED"],
    }
)
# An order of airtime. What is over stays over: words that say otherwise are kept, and a person looks.
AIRTIME = Moves({"SENDING": ["SENT", "DELIVERED", "FAILED"], "SENT": ["DELIVERED", "FAILED"]})
# What another bank was asked to do. A return may be told of before the settlement it undoes was.
BANK_ORDER = Moves(
    {
        "WAITING": ["SENT", "REJECTED"],
        "SENT": ["TAKEN", "SETTLED", "REJECTED"],
        "TAKEN": ["SETTLED", "REJECTED"],
        "SETTLED": ["RETURNED"],
    }
)
BANK_FILE = Moves({"CUT": ["SENT"], "SENT": ["DONE", "PARTLY", "REJECTED"]})
# What was asked back of another bank; it may answer before it said that it has the request.
RECALL = Moves({"ASKED": ["SENT"], "SENT": ["ACCEPTED", "REFUSED"]})
# What another bank sent us. What goes back waits in suspense for them to take it, and stays there when they do not.
INCOMING = Moves(
    {
        "CREDITED": ["RETURNING"],
        "SUSPENSE": ["CREDITED", "RETURNING"],
        "RETURNING": ["RETURNED", "SUSPENSE"],
    }
)
INCOMING_RETURN = Moves({"WAITING": ["SETTLED", "REJECTED"]})
ASKED_BACK = Moves({"ASKED": ["AGREED", "REFUSED"]})
