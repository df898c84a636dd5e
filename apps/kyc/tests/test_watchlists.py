"""A file is a list of its publisher, whole, or nothing of it is believed."""

from datetime import date

import pytest

from apps.kyc.rules.matching import Born
from apps.kyc.tests.lists import OFAC, UN, own
from apps.kyc.watchlists import BadList, ListedAs, read_csv, read_ofac, read_un
from apps.kyc.watchlists.entries import born


def test_reads_the_list_of_ofac():
    file = read_ofac(OFAC.encode())
    assert file.published_on == date(2026, 11, 20)
    one, two, three = file.entries
    assert (one.uid, one.kind, one.programme, one.countries) == ("101", "PERSON", "SDGT", ("Somalia",))
    assert one.names == (ListedAs("Zubair WARSAME"), ListedAs("ABU KIFARU"), ListedAs("Simba", is_weak=True))
    assert one.births == (Born(1963, date(1963, 3, 12)),)
    assert (two.kind, three.kind) == ("FIRM", "OTHER")


def test_reads_the_list_of_the_united_nations():
    file = read_un(UN.encode())
    assert file.published_on == date(2026, 11, 19)
    one, two = file.entries
    assert one.names == (ListedAs("Tariq Haydar Bashir"), ListedAs("طارق حيدر بشير"), ListedAs("Twiga", is_weak=True))
    assert one.births == (Born(1972, None, 2),)
    assert (two.kind, [name.text for name in two.names]) == ("FIRM", ["Nyota Relief Foundation", "Nyota Fund"])


def test_reads_a_table_of_our_own():
    file = read_csv(own('7,PERSON,"Juma, Hassan",1960-01-02; circa 1962'))
    assert file.entries[0].names == (ListedAs("Juma, Hassan"),)
    assert file.entries[0].births == (Born(1960, date(1960, 1, 2)), Born(1962, None, 2))


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("12 Mar 1963", Born(1963, date(1963, 3, 12))),
        ("1963-03-12", Born(1963, date(1963, 3, 12))),
        ("31 Feb 1963", Born(1963)),
        ("1963", Born(1963)),
        ("circa 1963", Born(1963, None, 2)),
        ("1960 to 1964", Born(1962, None, 2)),
        ("unknown", None),
        ("", None),
        ("12345", None),
    ],
)
def test_reads_what_lists_say_of_births(text, known):
    assert born(text) == known


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><sdnList>&b;</sdnList>'


@pytest.mark.parametrize(
    ("read", "raw"),
    [
        (read_ofac, OFAC[:-200].encode()),
        (read_ofac, OFAC.replace("<Record_Count>3", "<Record_Count>9").encode()),
        (read_ofac, OFAC.replace("11/20/2026", "yesterday").encode()),
        (read_ofac, OFAC.replace("<uid>103</uid>", "<uid>102</uid>").encode()),
        (read_ofac, OFAC.replace("<lastName>KIFARU STAR</lastName>", "").encode()),
        (read_ofac, UN.encode()),
        (read_ofac, BOMB.encode()),
        (read_ofac, OFAC.encode("utf-16")),
        (read_un, OFAC.encode()),
        (read_un, b""),
        (read_un, b"\x00\xff"),
        (read_csv, b""),
        (read_csv, b"uid,kind,name\n1,PERSON,A"),
        (read_csv, own("1,PERSON,A,", "2,PERSON,B,", said=3)),
        (read_csv, own("1,PERSON,A,", on="soon")),
        (read_csv, own("1,BEAST,A,")),
        (read_csv, own("1,PERSON,A,never")),
        (read_csv, own("1,PERSON,A,", "1,PERSON,B,")),
        (read_csv, own("1,PERSON,A,").replace(b"births", b"salary")),
        (read_csv, own("1,PERSON,A,").replace(b"A", b"\xff")),
        (read_csv, own()),
    ],
)
def test_believes_no_part_of_a_broken_file(read, raw):
    with pytest.raises(BadList):
        read(raw)
