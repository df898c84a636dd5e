"""Amounts beside an `F()`: said to be of eight bytes, or they arrive cut."""

from django.db.models import BigIntegerField, Value


def bigint(minor: int) -> Value:
    """A number to add to, or take from, a column of eight bytes: `F("left_minor") - bigint(paid.minor)`.

    Left bare, Django says of any number that it has four bytes, and the driver sends its lowest four without a word:
    thirty million shillings would become minus twelve.
    """
    return Value(minor, output_field=BigIntegerField())
