"""What apps, customers, staff and the clock do in open banking."""

from apps.open_banking.operations.authorise import act_of, authorise, challenge
from apps.open_banking.operations.decide import APPROVE_APP, ask_approval, reject_app, run_approval, suspend_app
from apps.open_banking.operations.developer import (
    AppTerms,
    WithSecret,
    change_app,
    register_app,
    register_developer,
    rotate_secret,
)
from apps.open_banking.operations.end import (
    consume,
    end_family,
    end_many,
    end_tokens,
    expire_due,
    reject,
    revoke,
    terminate,
)
from apps.open_banking.operations.keys import rotate_key
from apps.open_banking.operations.lodge import Wish, claim, lodge
from apps.open_banking.operations.read import Leaving, let_leave
from apps.open_banking.operations.warn import warn_before_end

__all__ = [
    "APPROVE_APP",
    "AppTerms",
    "Leaving",
    "Wish",
    "WithSecret",
    "act_of",
    "ask_approval",
    "authorise",
    "challenge",
    "change_app",
    "claim",
    "consume",
    "end_family",
    "end_many",
    "end_tokens",
    "expire_due",
    "let_leave",
    "lodge",
    "register_app",
    "register_developer",
    "reject",
    "reject_app",
    "revoke",
    "rotate_key",
    "rotate_secret",
    "run_approval",
    "suspend_app",
    "terminate",
    "warn_before_end",
]
