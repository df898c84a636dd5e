"""What borrowers are told. A reminder says what is due and what late costs; it shames nobody, and only they get it."""

from apps.notifications.messages import Message, declare
from apps.notifications.states import AlertType, Topic

_LOAN = {"reference": "LK4T9ZB2M1"}
_LIMIT = {"product": "Business loan", "reason": "You showed us your contracts."}
_DUE = _LOAN | {"amount": "KES 5,250.00", "due_on": "2026-12-01"}

_PROMISE = _LOAN | {"amount": "KES 5,250.00", "due_on": "2026-12-01"}
_FRIEND = _LOAN | {"amount": "KES 5,000.00", "borrower": "Wanjiku K."}

declare(
    Message("lending.applied", topic=Topic.MONEY, placeholders=_LOAN | {"amount": "KES 5,000.00"}),
    Message(
        "lending.approved",
        topic=Topic.MONEY,
        placeholders=_LOAN | {"amount": "KES 5,000.00", "cost": "KES 250.00", "until": "2026-12-01"},
    ),
    Message("lending.rejected", topic=Topic.MONEY, placeholders=_LOAN | {"because": "Your score is low."}),
    Message("lending.disbursed", topic=Topic.MONEY, placeholders=_DUE | {"first": "KES 5,250.00"}),
    Message(
        "lending.renewed",
        topic=Topic.MONEY,
        placeholders=_DUE
        | {"first": "KES 5,250.00", "old": "LQ7W3ZC5N2", "payoff": "KES 2,000.00", "more": "KES 3,250.00"},
    ),
    Message("lending.part_paid_out", topic=Topic.MONEY, placeholders=_DUE | {"first": "KES 5,250.00"}),
    Message(
        "lending.more_than_owed",
        topic=Topic.MONEY,
        placeholders=_LOAN | {"amount": "KES 6,000.00", "rest": "KES 750.00", "account": "****0123"},
    ),
    Message("lending.repaid", topic=Topic.MONEY, placeholders=_LOAN | {"amount": "KES 500.00", "left": "KES 4,750.00"}),
    Message("lending.paid", topic=Topic.MONEY, placeholders=_LOAN),
    Message(
        "lending.taken_back",
        topic=Topic.MONEY,
        placeholders=_LOAN
        | {
            "amount": "KES 5,250.00",
            "paid_on": "2026-11-21",
            "because": "The payer or M-Pesa took the money back",
            "left": "KES 5,250.00",
            "where": "It is on account ****0123.",
        },
    ),
    Message(
        "lending.guarantee_asked",
        topic=Topic.MONEY,
        placeholders=_LOAN | {"amount": "KES 5,000.00", "borrower": "Wanjiku K."},
    ),
    Message(
        "lending.limit_set",
        topic=Topic.MONEY,
        placeholders=_LIMIT | {"amount": "KES 30,000.00", "until": "2027-02-01"},
    ),
    Message("lending.limit_back", topic=Topic.MONEY, placeholders=_LIMIT | {"until": "2027-02-01"}),
    Message("lending.collateral_released", topic=Topic.MONEY, placeholders=_LOAN | {"thing": "Boda, red"}),
    Message("lending.due_soon", topic=Topic.MONEY, placeholders=_DUE, alert=AlertType.LOAN_DUE),
    Message("lending.overdue", topic=Topic.MONEY, placeholders=_LOAN | {"amount": "KES 5,250.00", "days": "3"}),
    # Collections: the bank's own texts, chosen by code; nobody writes their own.
    Message(
        "lending.collect_reminder", topic=Topic.MONEY, placeholders=_LOAN | {"amount": "KES 5,250.00", "days": "3"}
    ),
    Message("lending.collect_call_us", topic=Topic.MONEY, placeholders=_LOAN),
    Message("lending.collect_more_time", topic=Topic.MONEY, placeholders=_LOAN),
    Message("lending.promise_made", topic=Topic.MONEY, placeholders=_PROMISE),
    Message("lending.promise_due", topic=Topic.MONEY, placeholders=_PROMISE),
    Message("lending.promise_kept", topic=Topic.MONEY, placeholders=_LOAN | {"amount": "KES 5,250.00"}),
    Message("lending.promise_broken", topic=Topic.MONEY, placeholders=_PROMISE | {"received": "KES 1,000.00"}),
    Message("lending.letter_sent", topic=Topic.MONEY, placeholders=_LOAN),
    Message("lending.guarantor_notice", topic=Topic.MONEY, placeholders=_FRIEND | {"from_day": "2026-12-15"}),
    Message("lending.guarantor_called", topic=Topic.MONEY, placeholders=_FRIEND),
    Message("lending.more_time_granted", topic=Topic.MONEY, placeholders=_LOAN),
    Message("lending.more_time_declined", topic=Topic.MONEY, placeholders=_LOAN),
)
