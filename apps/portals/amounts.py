"""What people type for an amount, read into Money in one place: `1,500`, `1500.50`, `1.5k`, `KES 1,500/=`."""

import re
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from apps.kernel.money import BadAmount, Money, decimals

_GROUPED = r"[0-9]{1,3}(?:[, \u00a0\u202f'][0-9]{3})+|[0-9]{1,15}"
_WRITTEN = re.compile(rf"({_GROUPED})?(?:\.([0-9]{{1,9}}))?\s?([km])?", re.ASCII | re.IGNORECASE)
_NAMES = {"KES": ("KES", "KSHS", "KSH", "SH")}
_TIMES = {"": 1, "k": 1_000, "m": 1_000_000}


def read_amount(text: str, currency: str = "KES") -> Money:
    """An amount as people write it. Raises BadAmount, in words that say how to write it."""
    match = _WRITTEN.fullmatch(_bare(text, currency))
    if match is None or not (match[1] or match[2]):
        raise BadAmount(_("Write an amount like 1,500 or 1500.50."))
    whole = re.sub(r"[^0-9]", "", match[1] or "0")
    exact = Decimal(f"{whole}.{match[2] or '0'}") * _TIMES[(match[3] or "").lower()]
    places = decimals(currency)
    if exact != exact.quantize(Decimal(1).scaleb(-places)):
        raise BadAmount(
            _("%(currency)s has %(places)s decimals; the amount has more.") % {"currency": currency, "places": places}
        )
    return Money.of(exact, currency)


def typed(amount: Money) -> str:
    """The amount as it stands in a field: `1,500.00`."""
    return f"{amount.amount:,f}"


def _bare(text: str, currency: str) -> str:
    """Without the currency around it."""
    bare = text.strip()
    for name in _NAMES.get(currency, (currency,)):
        if bare.upper().startswith(name):
            bare = bare[len(name) :].lstrip(". \u00a0")
            break
    return bare.removesuffix("/=").removesuffix("/-").strip()
