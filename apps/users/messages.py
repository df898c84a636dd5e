"""What people are told about their profile and how they come in."""

from datetime import timedelta

from apps.notifications.messages import Message, declare
from apps.notifications.states import AlertType, Channel, Topic

_CODE = {"code": "418203", "minutes": "5"}
_LIFE = timedelta(minutes=5)

declare(
    *(
        Message(
            code,
            topic=Topic.SECURITY,
            placeholders=_CODE,
            channels=(Channel.SMS, Channel.EMAIL, Channel.VOICE),
            is_secret=True,
            good_for=_LIFE,
        )
        for code in ("users.otp_join", "users.otp_sign_in", "users.otp_reset")
    ),
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
        placeholders=_CODE | {"what": "add a way to approve payments"},
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
    Message("users.factor_added", topic=Topic.SECURITY, alert=AlertType.SECURITY),
    # To the phone alone: the mailbox may be whose it should not be.
    Message("users.email_changed", topic=Topic.SECURITY, channels=(Channel.SMS,), alert=AlertType.SECURITY),
    Message("users.ussd_pin_set", topic=Topic.SECURITY, alert=AlertType.SECURITY),
    Message("users.ussd_locked", topic=Topic.SECURITY, alert=AlertType.SECURITY),
    Message("users.codes_guessed", topic=Topic.SECURITY, alert=AlertType.SECURITY),
    Message("users.locked", topic=Topic.SECURITY, alert=AlertType.SECURITY),
    Message(
        "users.glass_broken",
        topic=Topic.SECURITY,
        placeholders={"who": "Faith Mwende", "number": "318"},
        alert=AlertType.SECURITY,
    ),
    Message("users.staff_welcome", topic=Topic.SECURITY, placeholders={"name": "Wanjiku", "role": "Teller"}),
    # Whoever holds the phone hears the same, customer or not; the business's own words stay out of an SMS.
    Message(
        "users.business_invited",
        topic=Topic.SERVICE,
        placeholders={"inviter": "Achieng O."},
        channels=(Channel.SMS,),
    ),
)
