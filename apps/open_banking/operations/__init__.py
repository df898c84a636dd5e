"""What apps, customers, staff and the clock do in open banking."""

from apps.open_banking.operations.authorise import act_of, authorise, challenge, cost_told
from apps.open_banking.operations.creditor import Creditor, creditor_here, creditor_saved, find_creditor
from apps.open_banking.operations.decide import (
    APPROVE_APP,
    ask_approval,
    limit_app,
    reject_app,
    run_approval,
    suspend_app,
)
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
from apps.open_banking.operations.forget import forget_pushed
from apps.open_banking.operations.header import answer_consent, begin_consent, request_consent
from apps.open_banking.operations.keys import rotate_key
from apps.open_banking.operations.link import begin_link, finish_link
from apps.open_banking.operations.lodge import Wish, claim, lodge
from apps.open_banking.operations.other_bank import BankTerms, keep_other_bank, stop_other_bank
from apps.open_banking.operations.own import Most, keep_limit, keep_view, remove_limit, remove_view
from apps.open_banking.operations.pay import (
    Asking,
    Order,
    ask_to_pay,
    give_up,
    make_proven,
    reject_request,
)
from apps.open_banking.operations.read import Leaving, let_leave
from apps.open_banking.operations.read_linked import read_due_links, read_link
from apps.open_banking.operations.unlink import end_links_there, forget_links, unlink
from apps.open_banking.operations.warn import warn_before_end

__all__ = [
    "APPROVE_APP",
    "AppTerms",
    "Asking",
    "BankTerms",
    "Creditor",
    "Leaving",
    "Most",
    "Order",
    "Wish",
    "WithSecret",
    "act_of",
    "answer_consent",
    "ask_approval",
    "ask_to_pay",
    "authorise",
    "begin_consent",
    "begin_link",
    "challenge",
    "change_app",
    "claim",
    "consume",
    "cost_told",
    "creditor_here",
    "creditor_saved",
    "end_family",
    "end_links_there",
    "end_many",
    "end_tokens",
    "expire_due",
    "find_creditor",
    "finish_link",
    "forget_links",
    "forget_pushed",
    "give_up",
    "keep_limit",
    "keep_other_bank",
    "keep_view",
    "let_leave",
    "limit_app",
    "lodge",
    "make_proven",
    "read_due_links",
    "read_link",
    "register_app",
    "register_developer",
    "reject",
    "reject_app",
    "reject_request",
    "remove_limit",
    "remove_view",
    "request_consent",
    "revoke",
    "rotate_key",
    "rotate_secret",
    "run_approval",
    "stop_other_bank",
    "suspend_app",
    "terminate",
    "unlink",
    "warn_before_end",
]
