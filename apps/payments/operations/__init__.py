"""What people do with payments."""

from apps.payments.operations.ask import ask_by_qr
from apps.payments.operations.cancel import cancel
from apps.payments.operations.confirm import challenge, confirm
from apps.payments.operations.move import move_between_own
from apps.payments.operations.start import Payee, find_payee, start

__all__ = ["Payee", "ask_by_qr", "cancel", "challenge", "confirm", "find_payee", "move_between_own", "start"]
