"""The security credential: a key pair and a certificate of our own, and what the initiator's password must be."""

import base64
import binascii
import secrets
import threading
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from simulators.house import House
from simulators.providers.daraja.codes import Declined

KEY, CERTIFICATE = "daraja-key.pem", "daraja-certificate.cer"
TRIES = 5
_one_makes = threading.Lock()


def certificate(house: House) -> bytes:
    """The certificate, PEM; made with its key when first asked for."""
    _key(house.settings.folder)
    return (house.settings.folder / CERTIFICATE).read_bytes()


def require(house: House, product: str, initiator: str, credential: str) -> None:
    """The initiator's own password, under our certificate. Raises Declined: 2001, 8006 after five failures, 21."""
    daraja = house.settings.daraja
    with house.store.write() as connection:
        connection.execute(
            "INSERT OR IGNORE INTO daraja_initiator (name, password) VALUES (?, ?)", (daraja.initiator, daraja.password)
        )
    row = house.store.row("SELECT * FROM daraja_initiator WHERE name = ?", initiator)
    if row is None:
        raise Declined("2001")
    if row["failures"] >= TRIES:
        raise Declined("8006")
    if not secrets.compare_digest(_opened(house.settings.folder, credential), str(row["password"]).encode()):
        house.store.change("UPDATE daraja_initiator SET failures = failures + 1 WHERE name = ?", initiator)
        raise Declined("2001")
    if row["failures"]:
        house.store.change("UPDATE daraja_initiator SET failures = 0 WHERE name = ?", initiator)
    if row["products"] != "*" and product not in str(row["products"]).split(","):
        raise Declined("21")


def sealed(house: House, password: str) -> str:
    """A credential, as a client makes it."""
    public = _key(house.settings.folder).public_key()
    return base64.b64encode(public.encrypt(password.encode(), padding.PKCS1v15())).decode()


@lru_cache(maxsize=500)
def _opened(folder: Path, credential: str) -> bytes:
    """What is in a credential; nothing when it is none of ours. The same one comes often, so it is remembered."""
    try:
        return _key(folder).decrypt(base64.b64decode(credential, validate=True), padding.PKCS1v15())
    except (binascii.Error, ValueError):
        return b""


@lru_cache(maxsize=50)
def _key(folder: Path) -> rsa.RSAPrivateKey:
    path = folder / KEY
    with _one_makes:
        if not path.exists():
            _make(folder)
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{path} is no RSA key")
    return key


def _make(folder: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "M-PESA stand-in")])
    start = datetime.now(UTC) - timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    (folder / CERTIFICATE).write_bytes(made.public_bytes(serialization.Encoding.PEM))
    path = folder / KEY
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
