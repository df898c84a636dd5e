"""What people do at the front door, and what staff do about people."""

from apps.users.operations.branches import open_branch
from apps.users.operations.businesses import change_business, close_business, register_business
from apps.users.operations.codes import check_code, send_code
from apps.users.operations.connections import declare_connection, end_connection
from apps.users.operations.factors import confirm_totp, enrol_totp, remove_factor, renew_recovery_codes
from apps.users.operations.glass import break_glass, end_glass, review_glass, sees_whole
from apps.users.operations.hire import add_staff
from apps.users.operations.join import register
from apps.users.operations.members import (
    accept_invitation,
    change_member,
    decline_invitation,
    invite_member,
    remove_member,
    withdraw_invitation,
)
from apps.users.operations.passkeys import (
    finish_passkey_sign_in,
    register_passkey,
    start_passkey_registration,
    start_passkey_sign_in,
)
from apps.users.operations.passwords import change_password, forgot_password, reset_password
from apps.users.operations.posts import (
    ask_restore,
    change_post,
    set_role,
    sign_out_everywhere,
    suspend_staff,
)
from apps.users.operations.profile import change_profile, confirm_email, trust_device
from apps.users.operations.sessions import (
    Tokens,
    drop_ended_sessions,
    end_all_sessions,
    end_session,
    open_browser_session,
    open_token_session,
    refresh,
)
from apps.users.operations.sign_in import check_password, finish_sign_in
from apps.users.operations.staff import add_note, ask_status, close_for_good, look_at, set_status
from apps.users.operations.step_up import answer, challenge, use
from apps.users.operations.ussd import hold_ussd, prove_by_ussd, remove_ussd_pin, set_ussd_pin

__all__ = [
    "Tokens",
    "accept_invitation",
    "add_note",
    "add_staff",
    "answer",
    "ask_restore",
    "ask_status",
    "break_glass",
    "challenge",
    "change_business",
    "change_member",
    "change_password",
    "change_post",
    "change_profile",
    "check_code",
    "check_password",
    "close_business",
    "close_for_good",
    "confirm_email",
    "confirm_totp",
    "declare_connection",
    "decline_invitation",
    "drop_ended_sessions",
    "end_all_sessions",
    "end_connection",
    "end_glass",
    "end_session",
    "enrol_totp",
    "finish_passkey_sign_in",
    "finish_sign_in",
    "forgot_password",
    "hold_ussd",
    "invite_member",
    "look_at",
    "open_branch",
    "open_browser_session",
    "open_token_session",
    "prove_by_ussd",
    "refresh",
    "register",
    "register_business",
    "register_passkey",
    "remove_factor",
    "remove_member",
    "remove_ussd_pin",
    "renew_recovery_codes",
    "reset_password",
    "review_glass",
    "sees_whole",
    "send_code",
    "set_role",
    "set_status",
    "set_ussd_pin",
    "sign_out_everywhere",
    "start_passkey_registration",
    "start_passkey_sign_in",
    "suspend_staff",
    "trust_device",
    "use",
    "withdraw_invitation",
]
