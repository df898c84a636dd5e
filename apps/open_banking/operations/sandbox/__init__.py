"""What developers do in their sandbox. Nothing here moves money: its people, accounts and amounts are made up."""

from apps.open_banking.operations.sandbox.end import end_sandbox
from apps.open_banking.operations.sandbox.faucet import MOST_A_CALL, MOST_A_DAY, faucet
from apps.open_banking.operations.sandbox.let_in import CODE, let_in
from apps.open_banking.operations.sandbox.make import make, password_of, persona_by
from apps.open_banking.operations.sandbox.reset import reset

__all__ = [
    "CODE",
    "MOST_A_CALL",
    "MOST_A_DAY",
    "end_sandbox",
    "faucet",
    "let_in",
    "make",
    "password_of",
    "persona_by",
    "reset",
]
