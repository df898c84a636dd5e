"""Filling in, measuring, quiet hours, waiting."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.notifications import rules

NAIROBI = datetime(2026, 11, 21, 12, 0, tzinfo=UTC).astimezone().tzinfo


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 21, hour, minute, 30, 5, tzinfo=UTC)


def test_a_shortened_name_at_the_end_of_a_sentence_has_one_full_stop():
    words = "You received {amount} from {payer}. {payer} says thanks."
    told = rules.filled(words, {"amount": "KES 5.00", "payer": "Wanjiku K."}, "en")
    assert told == "You received KES 5.00 from Wanjiku K. Wanjiku K. says thanks."


def test_fills_words_in_braces():
    assert rules.filled("{a} and {b_2}, {a}", {"a": 1, "b_2": "two"}, "en") == "1 and two, 1"
    assert rules.placeholders("{a} {b_2} {} {A} {a.b} {0}") == {"a", "b_2"}


@pytest.mark.parametrize("value", [date(2026, 3, 9), "2026-03-09"])
def test_a_date_is_told_as_people_write_it(value):
    assert [rules.filled("by {x}", {"x": value}, one) for one in ("en", "sw")] == ["by 9 Mar 2026", "by 9 Mac 2026"]


@pytest.mark.parametrize("value", ["2026-02-31", "2026-03-09 x", "2026-13-01", "26-03-09"])
def test_what_is_no_date_stays(value):
    assert rules.filled("{x}", {"x": value}, "sw") == value


def test_a_word_that_is_not_given_is_a_bug():
    with pytest.raises(KeyError):
        rules.filled("{a}", {}, "en")


def test_what_other_people_wrote_stays_on_its_line():
    name = "Wanjiku\nKitBank: send your PIN\tto {code} " + "x" * 300
    filled = rules.filled("From {name}.", {"name": name, "code": "418203"}, "en")
    assert "\n" not in filled
    assert "418203" not in filled
    assert len(filled) < 140


def test_a_name_turns_neither_the_amount_nor_the_phone_beside_it_around():
    words = "You received KES 5.00 from {payer}. Balance KES 9.00."
    turned = rules.filled(words, {"payer": "Ann \u202eXYZ"}, "en")
    assert turned == "You received KES 5.00 from Ann XYZ. Balance KES 9.00."
    arabic = rules.filled("{who} {phone}, by {who}.", {"who": "محمد ع.", "phone": "0712***908"}, "en")
    assert arabic == "\u2068محمد ع.\u2069 0712***908, by \u2068محمد ع\u2069."


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("01120012345678", "***678"),
        ("+254712345908", "0712***908"),
        ("0712345908", "0712***908"),
        ("Wanjiku K. 0712 345 908", "Wanjiku K. 0712***908"),
        ("+256772345908", "***908"),
        ("9 Mar 2026, 14:05", "9 Mar 2026, 14:05"),
        ("KES 1,234,567,890.50", "KES 1,234,567,890.50"),
        ("418203", "418203"),
        ("QK4T9ZB2M1", "QK4T9ZB2M1"),
        ("12345678", "12345678"),
    ],
)
def test_no_value_shows_a_whole_account_number(value, shown):
    assert rules.filled("{x}", {"x": value}, "en") == shown


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("•" * 70, 1),
        ("•" * 71, 2),
        ("•" * 134, 2),
        ("•" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_counts_sms(text, segments):
    assert rules.segments(text) == segments


def test_writes_typographic_signs_plainly_for_sms():
    assert rules.for_sms("‘a’ “b” – − … • \u00a0") == "'a' \"b\" - - ... *  "


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("+254712345908", "0712***908"),
        ("+256772345908", "+256***908"),
        ("wanjiku@example.com", "wa***@example.com"),
    ],
)
def test_masks(address, shown):
    assert rules.masked(address) == shown


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [(at(21), True), (at(23, 59), True), (at(0), True), (at(6, 59), True), (at(7), False), (at(20, 59), False)],
)
def test_the_banks_quiet_hours_run_over_midnight(moment, quiet):
    assert rules.is_quiet(moment, rules.QUIET_FROM, rules.QUIET_TO) is quiet


def test_quiet_ends_in_the_morning():
    until = rules.quiet_until(at(22), rules.QUIET_FROM, rules.QUIET_TO)
    assert until == datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
    assert rules.quiet_until(at(3), rules.QUIET_FROM, rules.QUIET_TO) == datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
    assert rules.quiet_until(at(12), rules.QUIET_FROM, rules.QUIET_TO) == at(12)
    assert rules.quiet_until(at(13), time(12), time(14)) == datetime(2026, 11, 21, 14, 0, tzinfo=UTC)


TIMES = st.times().map(lambda moment: moment.replace(tzinfo=None, fold=0))


@given(st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2026, 12, 31)), TIMES, TIMES)  # noqa: DTZ001
def test_after_quiet_hours_it_is_never_quiet_and_never_earlier_nor_a_day_later(moment, start, end):
    moment = moment.replace(tzinfo=UTC)
    end = end.replace(second=0, microsecond=0)
    until = rules.quiet_until(moment, start, end)
    assert not rules.is_quiet(until, start, end)
    assert timedelta(0) <= until - moment <= timedelta(days=1)
    assert (until == moment) == (not rules.is_quiet(moment, start, end))


def test_waits_longer_each_time_and_gives_up_after_three_retries():
    waits = [rules.wait_after(attempts) for attempts in range(1, 6)]
    assert waits == [timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), None, None]
