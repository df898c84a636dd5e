"""Phones, IDs and names are read as people write them, and kept one way."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.users import rules

COPIED = ["\u202a+254 712 345908\u202c", "0712\u00a0345\u2011908"]  # from phone books


@pytest.mark.parametrize(
    "text", ["0712345908", "0712 345 908", "+254712345908", "254 712-345-908", "712345908", " 0712345908 ", *COPIED]
)
def test_reads_a_kenyan_phone_however_it_is_written(text):
    assert rules.phone(text) == "+254712345908"


@pytest.mark.parametrize(
    "text", ["", "12", "hello", "020 222 3333", "0712 345", "٠٧١٢٣٤٥٩٠٨", "+999 123", "0712345908x9", "\x000712345908"]
)
def test_refuses_what_is_no_mobile_number(text):
    with pytest.raises(rules.Unreadable):
        rules.phone(text)


@pytest.mark.parametrize("text", ["0", "0712", "07123"])
def test_says_that_a_number_of_few_digits_is_none_not_that_it_has_no_digits(text):
    with pytest.raises(rules.Unreadable, match="is not a"):
        rules.phone(text)


@pytest.mark.parametrize("text", ["", "0123456", "12345", "1234567890", "28A56712", "２８４５６７１２"])
def test_refuses_what_is_no_id_number(text):
    with pytest.raises(rules.Unreadable):
        rules.id_number(text)


@pytest.mark.parametrize("name", ["Wanjikũ wa Ngũgĩ", "محمد علي", "O'Brien Jr.", "Nguyễn", "Li", "Ada 😀 Lovelace"])
def test_keeps_names_as_people_write_them(name):
    assert rules.full_name(f"  {name}  ") == name


def test_drops_from_names_what_nobody_sees_or_what_turns_the_amount_beside_them_around():
    assert rules.full_name("Wanjiku \u202e00.005 SEK\u200b") == "Wanjiku 00.005 SEK"
    assert rules.business_name("Mama\u2066 Mboga\u2069") == "Mama Mboga"


@pytest.mark.parametrize(
    "name",
    ["\u3164\u3164\u3164", "\u2800 \u2800", "", "A", "   ", "12345", "x" * 121, "Ann\x00a", "Ann\x07a", "\ud800bc"],
)
def test_refuses_names_that_cannot_be_names(name):
    with pytest.raises(rules.Unreadable):
        rules.full_name(name)


@pytest.mark.parametrize("text", ["Achieng@Example.com", " achieng@ｅxample.com ", "achieng@exam\u00adple.com"])
def test_keeps_a_mailbox_one_way_however_its_host_is_written(text):
    assert rules.checked_email(text) == "achieng@example.com"


@pytest.mark.parametrize("text", ["o'brien+bank@mail.example.co.ke", "a@bücher.example", "a_b@x.info"])
def test_keeps_addresses_as_they_are(text):
    assert rules.checked_email(text) == text


NO_NAMES = ["a,b", "a;b", "<a", "(a)", '"a', "a\0b", "a\u202eb", "café", ".a", "a@b", "x" * 65]
NO_HOSTS = ["", "b", "b..com", "x" * 64 + ".com", "[1.2.3].44", "-x.com", "1.2.3.44", "x.com\u200b."]


@pytest.mark.parametrize(
    "text", ["", "@", *(f"{name}@example.com" for name in NO_NAMES), *(f"a@{host}" for host in NO_HOSTS)]
)
def test_refuses_what_no_mail_reaches(text):
    with pytest.raises(rules.Unreadable):
        rules.checked_email(text)


def test_shows_and_masks_phones():
    assert rules.shown_phone("+254712345908") == "0712 345 908"
    assert rules.masked_phone("+254712345908") == "0712 ••• 908"


def test_counts_completed_years():
    born = date(2008, 2, 29)
    assert rules.age_on(born, date(2026, 2, 28)) == 17
    assert rules.age_on(born, date(2026, 3, 1)) == 18


@given(st.text(max_size=60))
def test_reading_never_breaks_on_any_text(text):
    for read in (rules.phone, rules.id_number, rules.full_name, rules.checked_email):
        try:
            read(text)
        except rules.Unreadable:
            continue


def test_names_a_payee_without_telling_everything():
    assert rules.half_name("Achieng Grace Otieno") == "Achieng G. O."
