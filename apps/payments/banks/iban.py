"""International account numbers and bank codes (ISO 13616, ISO 9362): read, checked, never guessed."""

import re

# Lengths by country, of those that corridors go to (IBAN registry, release 99). Kenya has no IBAN.
LENGTHS = {"AE": 23, "BE": 16, "DE": 22, "ES": 24, "FR": 27, "GB": 22, "IE": 22, "IT": 27, "NL": 18}
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}", re.ASCII)
_BIC = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?", re.ASCII)


class BadIban(ValueError):
    """Not an IBAN of that country: its form, its length or its check digits."""


def read_iban(text: str, country: str) -> str:
    """The IBAN without spaces. Raises BadIban."""
    iban = "".join(text.split()).upper()
    if not _IBAN.fullmatch(iban) or iban[:2] != country or len(iban) != LENGTHS.get(country, len(iban)):
        raise BadIban(text[:40])
    moved = iban[4:] + iban[:4]
    digits = "".join(str(int(char, 36)) for char in moved)
    if int(digits) % 97 != 1:
        raise BadIban(text[:40])
    return iban


def read_bic(text: str, country: str) -> str:
    """The BIC of a bank in that country. Raises BadIban."""
    bic = "".join(text.split()).upper()
    if not _BIC.fullmatch(bic) or bic[4:6] != country:
        raise BadIban(text[:20])
    return bic
