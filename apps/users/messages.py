"""What people are told about their profile and how they come in."""

from datetime import timedelta

from apps.notifications.messages import Message, declare
from apps.notifications.states import AlertType, Channel, Topic

_CODE = {"code": "418203", "minutes": "5"}
_LIFE = timedelta(minutes=5)

declare(
    Message("users.otp_join", topic=Topic.SECURITY, placeholders=_CODE, is_secret=True, good_for=_LIFE),
    Message("users.otp_sign_in", topic=Topic.SECURITY, placeholders=_CODE, is_secret=True, good_for=_LIFE),
    Message("users.otp_reset", topic=Topic.SECURITY, placeholders=_CODE, is_secret=True, good_for=_LIFE),
    Message(
        "users.otp_email",
        topic=Topic.SECURITY,
        placeholders=_CODE,
        channels=(Channel.EMAIL,),
        is_secret=True,
        good_for=_LIFE,
    ),
    # What is approved goes to the phone alone: the mailbox is often open on the device that is being approved.
    Message(
        "users.step_up",
        topic=Topic.SECURITY,
        placeholders=_CODE,
        channels=(Channel.SMS,),
        is_secret=True,
        good_for=_LIFE,
    ),
    Message(
        "users.step_up_payment",
        topic=Topic.SECURITY,
        placeholders=_CODE | {"amount": "KES 12,500.00", "payee": "Wanjiku K. 0712***908"},
        channels=(Channel.SMS,),
        is_secret=True,
        good_for=_LIFE,
    ),
    Message("users.welcome", topic=Topic.SERVICE, placeholders={"name": "Wanjiku"}),
    Message("users.already_here", topic=Topic.SECURITY),
    Message(
        "users.new_device",
        topic=Topic.SECURITY,
        placeholders={"device": "Chrome on Android"},
        alert=AlertType.SECURITY,
    ),
    Message("users.password_changed", topic=Topic.SECURITY, alert=AlertType.SECURITY),
    Message("users.locked", topic=Topic.SECURITY, alert=AlertType.SECURITY),
)
