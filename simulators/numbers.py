"""Reads and shows phone numbers the way people type them."""

import re


def e164(text: str) -> str | None:
    """`+254712345908` from `0712 345 908`, `254712345908` or `+254…`; None when it is no number."""
    digits = re.sub(r"[\s().-]", "", text)
    if not digits.isascii():
        return None
    if re.fullmatch(r"0\d{9}", digits):
        return f"+254{digits[1:]}"
    if re.fullmatch(r"[17]\d{8}", digits):
        return f"+254{digits}"
    if re.fullmatch(r"\+?\d{9,15}", digits):
        return f"+{digits.lstrip('+')}"
    return None


def shown(number: str) -> str:
    """`0712 345 908` for a Kenyan number, else as it is."""
    found = re.fullmatch(r"\+254(\d{3})(\d{3})(\d{3})", number)
    return f"0{found[1]} {found[2]} {found[3]}" if found else number
