"""QR codes say what was meant, to the standard, and an altered one is never read as something else."""

import contextlib
import string
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.payments.rules import emvco, ke_qr
from apps.payments.rules.emvco import Code, Tip, TipKind, Unreadable
from apps.payments.rules.ke_qr import Ask, Kind, Payee

# EMVCo QR Code Specification for Payment Systems, Merchant-Presented Mode, the example of its annex.
BEST_TRANSPORT = (
    "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN5914BEST TRANSPORT"
    "6007BEIJING64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603***0708A60086670902ME"
    "91320016A0112233449988770708123456786304A13A"
)


def words(longest):
    return st.text(st.sampled_from(string.ascii_letters + string.digits + " .-*/"), min_size=1, max_size=longest)


amounts = st.decimals(min_value="0.01", max_value=999999, places=2).map(str)
templates = st.dictionaries(st.integers(1, 99).map("{:02d}".format), words(10), max_size=4).map({"00": "ab.cd"}.__or__)
tips = st.one_of(
    st.just(Tip(TipKind.ASK)),
    st.builds(Tip, st.just(TipKind.FIXED), amounts),
    st.builds(Tip, st.just(TipKind.PERCENT), st.decimals(min_value="0.01", max_value="99.99", places=2).map(str)),
)
codes = st.builds(
    Code,
    accounts=st.dictionaries(st.integers(26, 51).map(str), templates, min_size=1, max_size=2)
    | st.dictionaries(st.integers(2, 25).map("{:02d}".format), words(20), min_size=1, max_size=2),
    category=st.from_regex(r"[0-9]{4}", fullmatch=True),
    currency=st.sampled_from(["404", "840"]),
    amount=st.none() | amounts,
    tip=st.none() | tips,
    name=words(25),
    city=words(15),
    postal_code=st.just("") | words(10),
    more=st.dictionaries(st.integers(1, 8).map("{:02d}".format), words(10), max_size=4),
    local=st.just({}) | st.just({"00": "sw", "01": "Duka la Mama Ñandú", "02": "Kisumu"}),
    others=st.dictionaries(st.integers(80, 99).map(str), templates, max_size=1)
    | st.dictionaries(st.integers(65, 79).map(str), words(10), max_size=2),
    is_dynamic=st.none() | st.booleans(),
)
payees = st.one_of(
    st.builds(Payee, st.just(Kind.ACCOUNT), st.from_regex("[0-9]{12}", fullmatch=True)),
    st.builds(Payee, st.just(Kind.MERCHANT), st.from_regex("[0-9]{8}", fullmatch=True)),
    st.builds(Payee, st.just(Kind.TILL), st.from_regex("[1-9][0-9]{4,6}", fullmatch=True)),
    st.builds(
        Payee, st.just(Kind.PAYBILL),
        st.from_regex("[0-9]{5,7}", fullmatch=True),
        st.from_regex("[A-Z]{1,13}", fullmatch=True)
    ),
    st.builds(Payee, st.just(Kind.PHONE), st.from_regex("254[0-9]{9}", fullmatch=True)),
    st.builds(
        Payee,
        st.just(Kind.BANK),
        st.from_regex("[0-9]{6,16}", fullmatch=True),
        participant=st.from_regex("[0-9]{7}", fullmatch=True),
    ),
)  # fmt: skip
asks = st.builds(
    Ask,
    payee=payees,
    currency=st.sampled_from(sorted(ke_qr.NUMERIC)),
    amount=st.none() | amounts,
    reference=st.from_regex(r"[0-9A-F]{14}", fullmatch=True),
    name=st.from_regex(r"[A-Za-z]{1,25}", fullmatch=True),
    terminal=st.just("") | st.just("T01"),
    category=st.just("5411"),
    made=st.just("") | st.just("325112026 101500"),
)


def signed(body):
    return body + "6304" + emvco.crc16(body + "6304")


def test_the_check_value_of_the_standard():
    assert emvco.crc16("123456789") == "29B1"


def test_reads_the_example_of_the_standard():
    code = emvco.read(BEST_TRANSPORT)
    assert (code.name, code.city, code.country, code.category) == ("BEST TRANSPORT", "BEIJING", "CN", "4111")
    assert (code.amount, code.currency, code.tip, code.is_dynamic) == ("23.72", "156", Tip(TipKind.ASK), True)
    assert code.accounts == {
        "29": {"00": "D15600000000", "05": "A93FO3230Q"},
        "31": {"00": "D15600000001", "03": "12345678"},
    }
    assert code.local == {"00": "ZH", "01": "最佳运输", "02": "北京"}
    assert code.more == {"03": "1234", "06": "***", "07": "A6008667", "09": "ME"}
    assert code.others == {"91": {"00": "A011223344998877", "07": "12345678"}}
    assert emvco.read(emvco.write(code)) == code
    with pytest.raises(Unreadable, match="another country"):
        ke_qr.read(BEST_TRANSPORT)


@given(codes)
def test_reads_what_it_wrote(code):
    assert emvco.read(emvco.write(code)) == code


@given(asks)
def test_reads_whom_it_asked_to_pay(ask):
    assert ke_qr.read(ke_qr.write(ask)) == ask


@given(asks, st.data())
def test_one_changed_character_is_caught_or_reads_as_the_same(ask, data):
    text = ke_qr.write(ask)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(string.printable).filter(lambda char: char != text[place]))
    try:
        again = ke_qr.read(text[:place] + other + text[place + 1 :])
    except Unreadable:
        return
    assert again == ask


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    for start in (text, "000201" + text, signed("000201" + text)):
        with contextlib.suppress(Unreadable):
            assert ke_qr.read(start).payee.number


def test_reads_a_code_as_safaricom_writes_it():
    """It says dynamic without an amount, has an empty 29, no city, and 82 in no known form."""
    body = (
        "00020101021228220008ke.go.qr010630058429120008ke.go.qr5204000053034045802KE5912DUKA LA MAMA6102006216"
        "0512SLD7A1B2C3D482320008ke.go.qr0116325112026 101500830016m"
    )
    body = body[: body.rindex("83")] + emvco.tlv("83", emvco.tlv("00", "m-pesa.com") + emvco.tlv("01", "03"))
    ask = ke_qr.read(signed(body))
    assert (ask.payee, ask.amount, ask.name, ask.city) == (Payee(Kind.TILL, "300584"), None, "DUKA LA MAMA", "")


@pytest.mark.parametrize(
    ("mobile", "operator", "more", "payee"),
    [
        ("{ke}0106888880", "0010m-pesa.com010204", "0106W-1201", Payee(Kind.PAYBILL, "888880", "W-1201")),
        ("{ke}0106888880", "0010m-pesa.com010204", "0103***", Payee(Kind.PAYBILL, "888880")),
        ("{ke}0106888880", "", "0106W-1201", Payee(Kind.PAYBILL, "888880", "W-1201")),
        ("{ke}0106888880", "an opaque one", "0506W-1201", Payee(Kind.TILL, "888880")),
        ("{ke}0212254722000114", "", "", Payee(Kind.PHONE, "254722000114")),
        ("300584", "", "", Payee(Kind.TILL, "300584")),
    ],
)
def test_reads_the_ways_other_wallets_write(mobile, operator, more, payee):
    body = "000201" + emvco.tlv("28", mobile.format(ke="0008ke.go.qr")) + "53034045802KE5901A"
    body += (emvco.tlv("62", more) if more else "") + (emvco.tlv("83", operator) if operator else "")
    assert ke_qr.read(signed(body)).payee == payee


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("00020129240010other.bank01061234565204000053034045802KE5901A", "nobody"),
        ("0002010102115303404", "country"),
        ("000201000201", "damaged"),
        ("0002019999", "damaged"),
        ("00020129220008ke.go.qr010612345653034045802KE5901A", "which bank"),
        ("00020128220008ke.go.qr010630058453039995802KE5901A", "currency"),
        ("00020128220008ke.go.qr0106300584530340454030.05802KE5901A", "amount"),
        ("00020128220008ke.go.qr010630058453034045405-1.005802KE5901A", "amount"),
        ("00020128220008ke.go.qr01063005845303404550209" "5802KE5901A", "tip"),
        ("00020128220008ke.go.qr01063005845303404550203" "5802KE5901A", "percentage"),
        ("00020128220008ke.go.qr01063005845303404" "5802KE5901A83200010m-pesa.com010201", "agent"),
    ],
)  # fmt: skip
def test_refuses_codes_nobody_can_pay_although_their_crc_is_right(body, why):
    with pytest.raises(Unreadable, match=why):
        ke_qr.read(signed(body))


@pytest.mark.parametrize(
    "wrong",
    [
        {"accounts": {}},
        {"accounts": {"29": {"01": "no guid"}}},
        {"accounts": {"52": "x"}},
        {"category": "54"},
        {"currency": "KES"},
        {"amount": "0.00"},
        {"amount": "1,000"},
        {"amount": "12345678901.23"},
        {"country": "ke"},
        {"name": "x" * 26},
        {"name": "Ñandú"},
        {"city": ""},
        {"postal_code": "x" * 11},
        {"more": {"05": "x" * 26}},
        {"more": {"50": "x" * 96}},
        {"local": {"01": "no language"}},
        {"others": {"63": "its own place"}},
        {"others": {"83": "opaque"}},
        {"tip": Tip(TipKind.PERCENT, "100")},
        {"tip": Tip(TipKind.ASK, "5")},
    ],
)
def test_never_writes_what_the_standard_does_not_allow(wrong):
    good = {"accounts": {"29": {"00": "ke.go.qr", "01": "1"}}, "name": "A", "city": "B"}
    assert emvco.read(emvco.write(Code(**good)))
    with pytest.raises(Unreadable):
        emvco.write(Code(**good | wrong))


def test_a_tip_comes_on_top():
    assert Tip(TipKind.FIXED, "20.00").on(Decimal(1000)) == 20
    assert Tip(TipKind.PERCENT, "2.5").on(Decimal(1000)) == 25
    assert Tip(TipKind.ASK).on(Decimal(1000)) == 0
