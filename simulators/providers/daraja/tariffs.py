"""What the provider charges, in cents: bands published by third parties for 2025/26."""

_PAYBILL = (
    (100, 0), (500, 5), (1000, 10), (1500, 15), (2500, 20), (3500, 25), (5000, 34), (7500, 42),
    (10000, 48), (15000, 57), (20000, 62), (25000, 67), (30000, 72), (35000, 83), (40000, 99), (45000, 103),
)  # fmt: skip
_PAYBILL_ABOVE = 108
_B2C = ((100, 0), (1500, 5), (5000, 9))
_B2C_ABOVE = 11


def paybill(cents: int) -> int:
    """On a payment to a business."""
    return _band(_PAYBILL, _PAYBILL_ABOVE, cents)


def b2c(cents: int) -> int:
    """On a payout."""
    return _band(_B2C, _B2C_ABOVE, cents)


def _band(bands: tuple[tuple[int, int], ...], above: int, cents: int) -> int:
    return next((fee for most, fee in bands if cents <= most * 100), above) * 100
