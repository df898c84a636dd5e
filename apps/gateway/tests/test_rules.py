"""Addresses a webhook may lead to, and signatures."""

import hmac
import ipaddress
from datetime import timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.gateway import rules
from apps.kernel import guarded

PUBLIC = ["https://hooks.bajeti.example/kitbank", "https://a.co.ke:8443/x?y=1", "https://a-b.example"]
UNFIT = [
    ("http://hooks.bajeti.example/", "https"), ("ftp://hooks.bajeti.example/", "https"),
    ("https://127.0.0.1/", "host"), ("https://[::1]/", "host"), ("https://localhost/", "host"),
    ("https://2130706433/", "host"), ("https://0x7f.1/", "host"), ("https://169.254.169.254/latest", "host"),
    ("https://db.internal/", "host"), ("https://printer.local/", "host"), ("https://intranet/", "host"),
    ("https://hooks.bajeti.example:22/", "port"), ("https://hooks.bajeti.example:99999/", "address"),
    ("https://user@hooks.bajeti.example/", "address"), ("https://hooks.bajeti.example/#x", "characters"),
    ("https://hooks.bajeti.example/\r\nX: y", "characters"), ("https://", "address"), ("", "characters"),
    (f"https://hooks.bajeti.example/{'x' * 500}", "characters"),
]  # fmt: skip


@pytest.mark.parametrize("url", PUBLIC)
def test_takes_public_names_over_tls(url):
    assert guarded.public_address(url, loopback=False) == url


@pytest.mark.parametrize(("url", "why"), UNFIT)
def test_refuses_every_other_address(url, why):
    with pytest.raises(guarded.Unfit, match=f"^{why}$"):
        guarded.public_address(url, loopback=False)


def test_lets_this_machine_through_where_settings_say_so():
    assert guarded.public_address("http://127.0.0.1:8100/hook", loopback=True)
    with pytest.raises(guarded.Unfit):
        guarded.public_address("http://10.0.0.1/", loopback=True)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.1.2.3", "224.0.0.1",
     "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1",
     "2002:a00:1::", "2001:0:a00:1::", "ff02::1", "::7f00:1", "nonsense", ""],
)  # fmt: skip
def test_never_connects_to_an_inner_address(address):
    assert not guarded.may_connect(address, loopback=False)


@given(st.ip_addresses())
def test_connects_only_to_what_the_world_can_reach(address):
    if guarded.may_connect(str(address), loopback=False):
        assert address.is_global
        assert not address.is_multicast
        assert getattr(address, "ipv4_mapped", None) is None


def test_connects_to_public_addresses():
    assert all(guarded.may_connect(one, loopback=False) for one in ("8.8.8.8", "41.90.0.1", "2606:4700::1"))
    assert guarded.may_connect("127.0.0.1", loopback=True)
    assert not guarded.may_connect(str(ipaddress.ip_address("10.0.0.1")), loopback=True)


def test_tries_eight_times_in_a_day():
    waits = [rules.next_wait(nth) for nth in range(1, rules.ATTEMPTS)]
    assert (len(waits), sum(waits, timedelta())) == (7, timedelta(hours=24))
    assert rules.next_wait(rules.ATTEMPTS) is None


def test_signs_as_documented_with_each_secret():
    mine = [hmac.new(key, b'1700000000.{"a":1}', sha256).hexdigest() for key in (b"new", b"old")]
    found = rules.signature(b'{"a":1}', secrets=["new", "old"], timestamp=1_700_000_000)
    assert found == f"t=1700000000,v1={mine[0]},v1={mine[1]}"


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_believes_a_signature_for_its_own_bytes_alone(body, other):
    header = rules.signature(body, secrets=["s"], timestamp=1000)
    assert rules.fault_of(header, body, secrets=["t", "s"], at=1299) == ""
    assert rules.fault_of(header, body, secrets=["s"], at=1301) == "old"
    assert rules.fault_of(header, body, secrets=["t"], at=1000) == "mac"
    if other != body:
        assert rules.fault_of(header, other, secrets=["s"], at=1000) == "mac"


@pytest.mark.parametrize("header", ["", "t=1", "v1=ab", "t=x,v1=ab", "t=1,t=2,v1=ab", "t=9999999999999,v1=ab"])
def test_says_when_a_header_is_none(header):
    assert rules.fault_of(header, b"", secrets=["s"], at=1) == "header"
