"""What developers do in their sandbox. Nothing here moves money: its people, accounts and amounts are made up."""

from apps.open_banking.operations.sandbox.end import end_sandbox
from apps.open_banking.operations.sandbox.faucet import MOST_A_CALL, MOST_A_DAY, faucet
from apps.open_banking.operations.sandbox.let_in import CODE, can_pay, let_in
from apps.open_banking.operations.sandbox.make import make, password_of, persona_by
from apps.open_banking.operations.sandbox.pay import (
    ANSWER,
    TRIES,
    SandboxOrder,
    answer,
    ask_to_pay,
    make_proven,
    reject,
)
from apps.open_banking.operations.sandbox.payee import SandboxCreditor, creditor_of, find_payee, payee_here
from apps.open_banking.operations.sandbox.reset import reset
from apps.open_banking.operations.sandbox.settle import set_aside, settle_due

__all__ = [
    "ANSWER",
    "CODE",
    "MOST_A_CALL",
    "MOST_A_DAY",
    "TRIES",
    "SandboxCreditor",
    "SandboxOrder",
    "answer",
    "ask_to_pay",
    "can_pay",
    "creditor_of",
    "end_sandbox",
    "faucet",
    "find_payee",
    "let_in",
    "make",
    "make_proven",
    "password_of",
    "payee_here",
    "persona_by",
    "reject",
    "reset",
    "set_aside",
    "settle_due",
]
