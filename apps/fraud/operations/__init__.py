"""What is done against fraud."""

from apps.fraud.operations.review import clear, confirm_fraud
from apps.fraud.operations.screen import Screened, screen

__all__ = ["Screened", "clear", "confirm_fraud", "screen"]
