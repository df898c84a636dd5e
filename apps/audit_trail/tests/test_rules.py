"""What a record may hold."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.audit_trail import rules
from apps.kernel.money import Money


class Colour(Enum):
    RED = "RED"


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("phone", "+254712345908", "0712 ••• 908"),
        ("phone_number", "0712345908", "0712 ••• 908"),
        ("msisdn", 254712345908, "0712 ••• 908"),
        ("note", "call 0712 345 908 or +254 712 345 908 today", "call 0712 ••• 908 or 0712 ••• 908 today"),
        ("note", "call 0712-345-908 or +254-712-345-908", "call 0712 ••• 908 or 0712 ••• 908"),
        ("note", "Tel.0712345908, no.+254 712.345.908", "Tel.0712 ••• 908, no.0712 ••• 908"),
        ("note", "0712\u00a0345\u00a0908", "0712 ••• 908"),
        ("email", "wanjiku@example.com", "wa•••@example.com"),
        ("note", "write to <wanjiku@example.com>, please", "write to <wa•••@example.com>, please"),
        ("id_number", "23456789", "•••789"),
        ("id_number", 23456789, "•••789"),
        ("account_number", "01120012345678", "•••678"),
        ("note", "account 01120012345678", "account •••678"),
        ("iban", "KE12", "•••"),
        ("date_of_birth", date(1990, 3, 9), "•••"),
        ("dob", "1990-03-09", "•••"),
        ("password", "lakeside-morning", "•••"),
        ("pin", "4021", "•••"),
        ("api_key", "k-1", "•••"),
        ("code", "418203", "•••"),
        ("refresh_token", "ey…", "•••"),
    ],
)
def test_strikes_out_what_is_personal_or_secret(name, value, kept):
    assert rules.facts({name: value}) == {name: kept}


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("status", "ACTIVE", "ACTIVE"),
        ("amount", Money(123450, "KES"), {"amount": "1234.50", "currency": "KES"}),
        ("amount_minor", 123456789012, 123456789012),
        ("amount", "1234567890.00", "1234567890.00"),
        ("rate", Decimal("0.1250"), "0.1250"),
        ("score", 0.5, "0.5"),
        ("rate", "0.0712345908", "0.0712345908"),
        ("note", "on 2026-11-21 at 09:14, 0100-2026-7", "on 2026-11-21 at 09:14, 0100-2026-7"),
        ("is_frozen", True, True),
        ("passed", False, False),
        ("nothing", None, None),
        ("at", datetime(2026, 11, 21, 9, 14, 5, 123456, tzinfo=UTC), "2026-11-21T09:14:05.123456+00:00"),
        ("on", date(2026, 11, 21), "2026-11-21"),
        ("when", datetime(2026, 11, 21, 9, 14, 5, 123456, tzinfo=UTC), "2026-11-21T09:14:05.123456+00:00"),
        ("colour", Colour.RED, "RED"),
        ("public_id", UUID("12345678-1234-1234-1234-123456789012"), "12345678-1234-1234-1234-123456789012"),
        ("session", "12345678-1234-1234-1234-123456789012", "12345678-1234-1234-1234-123456789012"),
        ("root", b"\x01\xff", "01ff"),
        ("tags", {"one"}, ["one"]),
        ("kind", "pinned", "pinned"),
        ("shipping", "Kisumu", "Kisumu"),
    ],
)
def test_keeps_the_rest_as_json(name, value, kept):
    assert rules.facts({name: value}) == {name: kept}


def test_looks_into_lists_and_mappings():
    found = rules.facts({"people": [{"phone": "0712345908", "pins": ["1", "2"]}], "phones": ["+254712345908"]})
    assert found == {"people": [{"phone": "0712 ••• 908", "pins": ["•••", "•••"]}], "phones": ["0712 ••• 908"]}


def test_holds_no_float_and_no_endless_text():
    assert rules.facts({"rate": 0.1}) == {"rate": "0.1"}
    assert len(rules.facts({"note": "x" * 5000})["note"]) == rules.LONGEST


PREFIXES = st.sampled_from(["+254", "254", "0"])
WORDS = st.text(alphabet="abc xyz,.;()\n", max_size=20)


@given(PREFIXES, st.integers(700_000_000, 799_999_999), WORDS, WORDS, st.sampled_from(["note", "reason", "phone", "x"]))
def test_no_phone_survives_in_any_text(prefix, number, before, after, name):
    kept = rules.facts({name: f"{before} {prefix}{number} {after}"})[name]
    assert str(number) not in kept.replace(" ", "")
    assert f"0{str(number)[:3]} ••• {str(number)[-3:]}" in kept


@given(st.emails())
def test_no_address_survives(address):
    assert address not in rules.text(f"from {address} today")


def test_tells_what_changed():
    before = {"status": "ACTIVE", "limit": 5, "gone": 1}
    after = {"status": "FROZEN", "limit": 5, "new": None}
    assert rules.changed(before, after) == ({"status": "ACTIVE", "gone": 1}, {"status": "FROZEN", "new": None})
    assert rules.changed(after, after) == ({}, {})
