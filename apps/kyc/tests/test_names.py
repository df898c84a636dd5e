"""Names are one however they are written, and two when only what many share is the same."""

from datetime import date

import pytest

from apps.kyc.rules import matching, names
from apps.kyc.rules.matching import Birth, Born

BORN = date(1963, 3, 12)


def score(ours, listed, **given):
    return matching.match(names.read(ours), names.read(listed), **given)


@pytest.mark.parametrize(
    ("ours", "listed"),
    [
        ("Mohammed Hussein Ali", "محمد حسين علي"),
        ("Omar Hassan", "عمر حسن"),
        ("Wang Xiaoming", "王小明"),
        ("WANG, Xiao-Ming", "Wang Xiaoming"),
        ("Vladimir Kuznetsov", "Владимир Кузнецов"),
        ("Abdirahman Nur", "عبد الرحمن نور"),
        ("Abdul Rahman Noor", "Abd al-Rahman Nur"),
        ("Usman Qassem", "Othman Kasim"),
        ("NUR, Abdulrahman bin", "Abdulrahman Nur"),
        ("Dr. Haji Yusuf Farah", "Yussuf Farrah"),
        ("OmerHassan Tarek", "Omar Hassan Tariq"),
        ("Sergei Vladimirovich Golubev", "Sergey Goloubev"),
        ("O'Brien Patrick", "Patrick OBrien"),
        ("Vladimir* Kuznetsov*", "Vladimir Kuznetsov"),
        ("Vladimir_Kuznetsov", "Vladimir Kuznetsov"),
        ("V·ladi·mir [Kuzn|etsov]", "Vladimir Kuznetsov"),
        ("Falcon Orion Shipping Co., Ltd", "FALCON ORION SHIPPING LIMITED"),
    ],
)
def test_is_one_name(ours, listed):
    found = score(ours, listed)
    assert found.is_hit, found
    assert names.keys(names.read(ours)) & names.keys(names.read(listed)), "and the index finds it"


@pytest.mark.parametrize(
    ("ours", "listed"),
    [
        ("Acme Trading Corp", "Zenith Trading Corp"),
        ("General Trading Company Ltd", "General Import Company Ltd"),
        ("Falcon Orion Shipping", "Falcon Vega Shipping"),
        ("John Kamau", "John Mwangi"),
        ("Mohammed Ali Hassan", "Mohammed Farah Warsame"),
        ("Grace Wanjiku", "Grace Atieno Achieng"),
        ("M. Ali", "Mustafa Aden"),
        ("Li Wei", "Liu Qiang"),
    ],
)
def test_is_two_names(ours, listed):
    assert not score(ours, listed).is_hit


def test_believes_a_birth_more_than_a_name_many_have():
    usual = {"weight": {"mohamed": 0.25, "ali": 0.3}.get}
    assert score("Mohamed Ali", "Mohamed Ali", **usual).is_hit
    assert score("Mohamed Ali", "Mohamed Ali", born=BORN, births=[Born(1963, BORN)], **usual).birth is Birth.SAME
    other = score("Mohamed Ali", "Mohamed Ali", born=BORN, births=[Born(1985, date(1985, 6, 1))], **usual)
    assert (other.birth, other.is_hit) == (Birth.DIFFERENT, False)


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        (Born(1963, BORN), Birth.SAME),
        (Born(1963, date(1963, 12, 3)), Birth.NEAR),
        (Born(1936, date(1936, 3, 12)), Birth.NEAR),
        (Born(1964), Birth.NEAR),
        (Born(1968, None, 5), Birth.NEAR),
        (Born(1968, None, 2), Birth.DIFFERENT),
        (Born(1970, date(1970, 1, 1)), Birth.DIFFERENT),
    ],
)
def test_compares_days_of_birth(listed, said):
    assert matching.compare_births(BORN, [listed]) is said
    assert matching.compare_births(BORN, [Born(1900), listed]) is said
    assert matching.compare_births(None, [listed]) is Birth.UNKNOWN
    assert matching.compare_births(BORN, []) is Birth.UNKNOWN


@pytest.mark.parametrize("text", ["", "   ", "Mr", "Ltd.", "١٢٣", "🙂", "a", "‏‏", "-" * 50, "x" * 300])
def test_reads_anything(text):
    read = names.read(text)
    assert score(text, "Vladimir Kuznetsov").score == 0
    assert isinstance(names.keys(read), set)
