"""Amounts by which a payment of the sandbox goes the way a developer wants to see: by their cents, of any size.

Values in, answers out. The table is told on the page of the sandbox and in `docs/open-banking.md`.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Magic:
    """What becomes of a payment. `code`: the refusal it ends with; `will_be`: how it ends a minute on; or neither."""

    cents: int
    words: str | Promise
    code: str = ""
    will_be: str = ""


MAGIC = (
    Magic(11, _("Refused: not enough money (insufficient_funds)"), code="insufficient_funds"),
    Magic(21, _("Refused: over a limit of the customer (limit_exceeded)"), code="limit_exceeded"),
    Magic(31, _("Stopped by the fraud screen (payment_blocked); the consent is used up"), code="payment_blocked"),
    Magic(41, _("PENDING: held for a look, and made a minute later"), will_be="COMPLETED"),
    Magic(51, _("PENDING: held for a look, and FAILED a minute later; the money is free again"), will_be="FAILED"),
)  # fmt: skip
_BY_CENTS = {one.cents: one for one in MAGIC}


def magic_of(amount: Money) -> Magic | None:
    """What the cents of an amount ask for; None: it is made."""
    return _BY_CENTS.get(amount.minor % 100)
