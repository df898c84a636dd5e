"""What members are told about their groups."""

from apps.notifications.messages import Message, declare
from apps.notifications.states import Channel, Topic

_GROUP = {"group": "Umoja Women"}
_SMS = (Channel.SMS,)
_MONEY = _GROUP | {"amount": "KES 1,200.00", "pot": "KES 230,000.00", "receipt": "C4T9ZB2M1K"}
_ASKED = _GROUP | {"who": "Wanjiku K.", "act": "Pay out savings", "amount": ", KES 400.00", "until": "8 Dec"}
_MEETING = _GROUP | {"when": "9 Jan 14:00", "place": "Kondele"}

declare(
    # Whoever holds the phone hears the same, customer or not; the group's own words stay out of an SMS.
    Message(
        "chamas.invited",
        topic=Topic.SERVICE,
        placeholders={"inviter": "Wanjiku K."},
        channels=(Channel.SMS,),
    ),
    Message(
        "chamas.due_soon",
        topic=Topic.MONEY,
        placeholders=_GROUP | {"left": "KES 1,200.00", "due_on": "2026-12-05", "reference": "G4T9ZB2M1K"},
        channels=(Channel.SMS,),
    ),
    Message("chamas.late", topic=Topic.MONEY, placeholders=_GROUP | {"left": "KES 1,200.00"}, channels=(Channel.SMS,)),
    Message("chamas.fined", topic=Topic.MONEY, placeholders=_GROUP | {"amount": "KES 50.00"}, channels=(Channel.SMS,)),
    Message(
        "chamas.cash_recorded",
        topic=Topic.MONEY,
        placeholders=_GROUP | {"amount": "KES 1,200.00"},
        channels=(Channel.SMS,),
    ),
    Message(
        "chamas.draw_open",
        topic=Topic.MONEY,
        placeholders=_GROUP | {"sign": "9f86d081884c"},
        channels=(Channel.SMS,),
    ),
    Message("chamas.received", topic=Topic.MONEY, placeholders=_MONEY | {"own": "KES 14,400.00"}, channels=_SMS),
    Message("chamas.came_in", topic=Topic.MONEY, placeholders=_MONEY | {"who": "Wanjiku K."}, channels=_SMS),
    Message(
        "chamas.money_out",
        topic=Topic.MONEY,
        placeholders=_MONEY | {"what": "Welfare paid", "who": "Wanjiku K."},
        channels=_SMS,
    ),
    Message(
        "chamas.day",
        topic=Topic.SERVICE,
        placeholders=_GROUP | {"day": "5 Dec", "count": "12", "amount": "KES 14,400.00", "pot": "KES 230,000.00"},
        channels=_SMS,
    ),
    Message("chamas.vote_asked", topic=Topic.SERVICE, placeholders=_ASKED, channels=_SMS),
    Message("chamas.sign_asked", topic=Topic.SERVICE, placeholders=_ASKED, channels=_SMS),
    Message(
        "chamas.decided",
        topic=Topic.SERVICE,
        placeholders=_GROUP | {"act": "Another officer", "amount": "", "outcome": "done"},
        channels=_SMS,
    ),
    Message("chamas.meeting_called", topic=Topic.SERVICE, placeholders=_MEETING, channels=_SMS),
    Message("chamas.meeting_off", topic=Topic.SERVICE, placeholders=_MEETING, channels=_SMS),
    Message("chamas.minutes_to_sign", topic=Topic.SERVICE, placeholders=_GROUP | {"number": "4"}, channels=_SMS),
    Message(
        "chamas.guarantee_declined",
        topic=Topic.SERVICE,
        placeholders=_GROUP | {"who": "Wanjiku K."},
        channels=_SMS,
    ),
    Message(
        "chamas.loan_written_off",
        topic=Topic.MONEY,
        placeholders=_GROUP
        | {"who": "Wanjiku K.", "own": "KES 1,200.00", "lost": "KES 800.00", "receipt": "C4T9ZB2M1K"},
        channels=_SMS,
    ),
    Message(
        "chamas.loan_paid_by_own",
        topic=Topic.MONEY,
        placeholders=_GROUP | {"who": "Wanjiku K.", "own": "KES 2,200.00", "receipt": "C4T9ZB2M1K"},
        channels=_SMS,
    ),
    Message("chamas.papers_accepted", topic=Topic.SERVICE, placeholders=_GROUP, channels=_SMS),
    Message(
        "chamas.papers_refused",
        topic=Topic.SERVICE,
        placeholders=_GROUP | {"papers": "List of officials"},
        channels=_SMS,
    ),
    Message("chamas.not_taken", topic=Topic.MONEY, placeholders=_GROUP | {"amount": "KES 1,200.00"}, channels=_SMS),
    Message(
        "chamas.disputed",
        topic=Topic.SERVICE,
        placeholders=_GROUP | {"who": "Wanjiku K.", "receipt": "C4T9ZB2M1K"},
        channels=_SMS,
    ),
    Message(
        "chamas.dispute_answered", topic=Topic.SERVICE, placeholders=_GROUP | {"receipt": "C4T9ZB2M1K"}, channels=_SMS
    ),
    Message(
        "chamas.minutes_disputed",
        topic=Topic.SERVICE,
        placeholders=_GROUP | {"who": "Wanjiku K.", "number": "4"},
        channels=_SMS,
    ),
    Message("chamas.minutes_answered", topic=Topic.SERVICE, placeholders=_GROUP | {"number": "4"}, channels=_SMS),
)
