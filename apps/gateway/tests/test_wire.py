"""What other firms' servers can do to us: nothing, in ten seconds at most."""

import socket
import ssl
import threading
from datetime import timedelta
from time import monotonic

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from apps.gateway import wire
from apps.gateway.testing import server_of_somebody
from apps.kernel import guarded
from apps.kernel.clock import now


def post(url, *, loopback=True):
    return wire.post(url, b"{}", {"Content-Type": "application/json"}, loopback=loopback)


def resolve_to(monkeypatch, *addresses):
    """Every name leads to these; what is connected to is written down and refused."""
    tried = []

    def connect(address, *args, **kwargs):
        tried.append(address[0])
        raise ConnectionRefusedError

    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in addresses]
    asked = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: asked.append(args[0]) or found)
    monkeypatch.setattr(socket, "create_connection", connect)
    return asked, tried


def test_posts_and_reads_the_beginning_of_the_answer(server):
    server.answer = b"x" * 9000
    found = post(server.url)
    assert (found.status, len(found.said), found.error) == (200, 500, "")
    assert found.is_good
    assert server.got[0][1] == b"{}"


@pytest.mark.parametrize("to", ["http://169.254.169.254/", "https://elsewhere.example/", "http://127.0.0.1:1/"])
def test_follows_no_redirect(server, to):
    server.status, server.headers = 302, {"Location": to}
    found = post(server.url)
    assert (found.status, found.is_good, len(server.got)) == (302, False, 1)


def test_waits_no_longer_for_a_name_server_than_for_a_server(server, monkeypatch):
    monkeypatch.setattr(guarded, "CONNECT", 0.2)
    monkeypatch.setattr(guarded, "_LOOK_UPS", threading.BoundedSemaphore(2))
    answers, look_up = threading.Event(), socket.getaddrinfo

    def hangs(host, *args, **kwargs):
        if host == "localhost":
            answers.wait(20)
        return look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    began = monotonic()
    found = [post("http://localhost:1/") for _nth in range(4)]  # the third is not even asked: both places hang
    asking = [one for one in threading.enumerate() if one.name == "look-up"]
    assert {(one.status, one.error) for one in found} == {(None, "TIME_OUT")}
    assert (monotonic() - began < 4, len(asking)) == (True, 2)
    assert post(server.url).error == "TIME_OUT"  # no place is free
    answers.set()
    for one in asking:
        one.join()
    assert post(server.url).status == 200


def test_hangs_up_on_a_server_that_says_nothing(server, monkeypatch):
    monkeypatch.setattr(guarded, "READ", 0.2)
    server.wait = threading.Event()
    began = monotonic()
    found = post(server.url)
    assert (found.status, found.error) == (None, "TIME_OUT")
    assert monotonic() - began < 2


def test_hangs_up_on_a_server_that_drips(server, monkeypatch):
    monkeypatch.setattr(guarded, "TOTAL", 0.4)
    server.drips, server.answer = True, b"x" * 3000
    began = monotonic()
    assert post(server.url).error == "TIME_OUT"
    assert monotonic() - began < 2


def test_says_when_nobody_listens(server):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert post(f"http://127.0.0.1:{taken.getsockname()[1]}/").error == "NOT_REACHED"


@pytest.mark.parametrize(
    "addresses", [("127.0.0.1",), ("10.0.0.8",), ("169.254.169.254",), ("93.184.215.14", "192.168.0.1"), ("::1",), ()]
)
def test_connects_to_no_inner_address_whatever_the_name_says(monkeypatch, addresses):
    _asked, tried = resolve_to(monkeypatch, *addresses)
    assert post("https://hooks.bajeti.example/x", loopback=False).error == "ADDRESS"
    assert tried == []


def test_connects_to_the_very_address_that_was_looked_at(monkeypatch):
    asked, tried = resolve_to(monkeypatch, "93.184.215.14")
    assert post("https://hooks.bajeti.example/x", loopback=False).error == "NOT_REACHED"
    assert (asked, tried) == (["hooks.bajeti.example"], ["93.184.215.14"])


def test_refuses_an_address_that_was_registered_under_other_settings(server):
    assert post(server.url, loopback=False).error == "ADDRESS"
    assert server.got == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Of localhost, signed by itself: certificate and key in one file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name.from_rfc4514_string("CN=localhost")
    made = x509.CertificateBuilder(
        issuer_name=name, subject_name=name, public_key=key.public_key(), serial_number=x509.random_serial_number(),
        not_valid_before=now() - timedelta(days=1), not_valid_after=now() + timedelta(days=1),
        extensions=[x509.Extension(x509.oid.ExtensionOID.SUBJECT_ALTERNATIVE_NAME, critical=False,
                                   value=x509.SubjectAlternativeName([x509.DNSName("localhost")]))],
    ).sign(key, hashes.SHA256())  # fmt: skip
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return path


def test_believes_a_certificate_somebody_vouches_for_and_only_for_its_name(certificate, monkeypatch):
    with server_of_somebody(certificate) as server:
        named, numbered = server.url.replace("127.0.0.1", "localhost"), server.url
        assert post(named).error == "TLS"
        trusting = ssl.create_default_context(cafile=str(certificate))
        monkeypatch.setattr(guarded, "trusted", lambda: trusting)
        assert post(named).status == 200
        assert post(numbered).error == "TLS"
        assert len(server.got) == 1
