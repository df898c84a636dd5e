"""What the bank holds of people who sign in, and how a person is made nameless."""

from collections.abc import Sequence
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db.models import Q

from apps.kernel import personal
from apps.kernel.personal import Held, Part, Step, Swept, swept
from apps.kernel.triggers import erasing
from apps.users.models import (
    BusinessInvitation,
    CustomerNote,
    Device,
    OtpChallenge,
    Session,
    StepUpChallenge,
    User,
    UssdPin,
)

NAMELESS = "Erased customer"

personal.holds(
    Part("profile", "users.User", "pk",
         ("public_id", "full_name", "phone", "email", "id_number", "date_of_birth", "status", "kyc_tier", "kyc_status",
          "language", "email_confirmed_at", "created_at")),
    Part("devices", "users.Device", "user", ("name", "is_trusted", "first_seen_at", "last_seen_at")),
    Part("sessions", "users.Session", "user",
         ("door", "ip_address", "created_at", "last_used_at", "expires_at", "revoked_at", "revoked_because")),
    Part("proofs", "users.StepUpChallenge", "user",
         ("operation", "amount_minor", "currency", "method", "created_at", "answered_at", "used_at")),
    Part("businesses", "users.BusinessMember", "user", ("business_id", "role", "joined_at", "left_at"),
         covers=("users.BusinessProfile.created_by",)),
    Part("business_invitations_sent", "users.BusinessInvitation", "invited_by", ("role", "status", "created_at")),
    Part("ussd", "users.UssdPin", "user", ("set_at", "locked_until")),
    Part("second_factors", "mfa.Authenticator", "user", ("type", "created_at", "last_used_at")),
)  # fmt: skip
personal.leave_out("The business itself, which is no person.", "users.BusinessProfile.party")
personal.leave_out("Codes live five minutes and say nothing of a person.", "users.OtpChallenge.user")
personal.leave_out(
    "Notes of staff may speak of other people; an officer reads them first and gives them on request.",
    "users.CustomerNote.customer",
)
personal.leave_out(
    "Emergencies of staff, reviewed by others; the look itself is told with the looks.", "users.BreakGlass.customer"
)
personal.leave_out("A duty of the member of staff, who declares it.", "users.StaffConnection.customer")
personal.leave_out(
    "Work of staff.",
    "users.BreakGlass.viewer", "users.BreakGlass.reviewed_by", "users.StaffConnection.staff",
    "users.StaffConnection.declared_by", "users.StaffConnection.ended_by", "users.CustomerView.viewer",
    "users.CustomerNote.author", "users.StaffMember.user", "users.User_groups.user", "users.User_user_permissions.user",
    "admin.LogEntry.user",
)  # fmt: skip
personal.leave_out("Not used: the address stands in the profile.", "account.EmailAddress.user")


def _forget_devices(people: Sequence[int], at: datetime) -> int:
    """Stays, devices, codes, second factors and the USSD PIN: nobody signs in with them any more."""
    mine = {"user_id__in": people}
    stays = Session.objects.filter(**mine).delete()[0]
    models = (Device, OtpChallenge, UssdPin, Authenticator, EmailAddress)
    return int(stays + sum(model.objects.filter(**mine).delete()[0] for model in models))


def _make_nameless(people: Sequence[int], at: datetime) -> int:
    """The number stays, so that books and audit trail stay true; everything that says who it was goes."""
    gone = dict.fromkeys(("phone", "phone_print", "email", "email_print", "id_number", "id_number_print",
                          "date_of_birth", "email_confirmed_at", "last_login"))  # fmt: skip
    closed = {"status": "CLOSED", "erased_at": at, "password": "!", "full_name": NAMELESS}
    count: int = User.objects.filter(pk__in=people).update(**gone, **closed)
    return count


def _delete_notes(people: Sequence[int], at: datetime) -> int:
    """The one way by which a note, written once, may go: the law's time is over."""
    with erasing(CustomerNote):
        return CustomerNote.objects.filter(customer_id__in=people).delete()[0]


def _delete_proofs(people: Sequence[int], at: datetime) -> int:
    sent = BusinessInvitation.objects.filter(invited_by_id__in=people).exclude(status="OPEN").delete()[0]
    return int(sent + StepUpChallenge.objects.filter(user_id__in=people).delete()[0])


def _old_sessions(before: datetime, held: Held) -> Swept:
    over = Q(revoked_at__lt=before) | Q(expires_at__lt=before)
    return swept(Session.objects.filter(over), held)


def _old_devices(before: datetime, held: Held) -> Swept:
    return swept(Device.objects.filter(last_seen_at__lt=before, sessions=None), held)


personal.erases(
    Step("users.devices", at_once=True, act=_forget_devices, tells_of_them=True),
    Step("users.proofs", at_once=False, act=_delete_proofs),
    Step("users.notes", at_once=False, act=_delete_notes),
    Step("users.name", at_once=False, act=_make_nameless),
)
personal.retains("LOGIN_CODES", lambda before, held: swept(OtpChallenge.objects.filter(created_at__lt=before), held))
personal.retains("SESSIONS", _old_sessions)
personal.retains("DEVICES", _old_devices)
