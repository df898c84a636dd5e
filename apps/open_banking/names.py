"""What third parties call an account: one word that hides the bank's own key, and that the bank alone can read back.

A key fills the second half of one AES block, the first half is zeros: encrypting that block is a permutation, so each
account has one name for ever and no two share one; and a name somebody made up reads back as no key (the zeros fail,
but once in 2^64). Nothing is stored, so no third party's read writes anything.
"""

import uuid
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from apps.kernel import cipher


@lru_cache(maxsize=1)
def _block_cipher(key: bytes) -> Cipher[modes.ECB]:
    return Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305  # one block, never two: the mode has nothing to hide


def _cipher() -> Cipher[modes.ECB]:
    return _block_cipher(cipher.fingerprint("", "open_banking.account"))


def account_name(account_id: int) -> uuid.UUID:
    """What third parties call an account: always the same, and nothing can be read from it."""
    scrambler = _cipher().encryptor()
    return uuid.UUID(bytes=scrambler.update(account_id.to_bytes(16, "big")) + scrambler.finalize())


def account_named(name: str) -> int | None:
    """The key of the account that a third party names; None for what no account is called."""
    try:
        block = uuid.UUID(name).bytes
    except ValueError:
        return None
    opener = _cipher().decryptor()
    found = int.from_bytes(opener.update(block) + opener.finalize(), "big")
    return found if 0 < found < 2**63 else None


def line_name(account: str, seq: int) -> str:
    """How a movement is called: by its place in the account."""
    return f"{account[:23]}-{seq:012d}"
