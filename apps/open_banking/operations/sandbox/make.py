"""Makes a developer's personas with their accounts and a year of movements: the same for everybody, set-based."""

import base64
import hmac
import uuid
from datetime import datetime

from django.db import transaction

from apps.audit_trail import operations as audit_trail
from apps.kernel import cipher, written
from apps.kernel.clock import local_date
from apps.open_banking.models import DeveloperAccount, SandboxAccount, SandboxLine, SandboxPersona
from apps.open_banking.models.sandbox import NUMBERS
from apps.open_banking.personas import PERSONAS, Has, history


@transaction.atomic
def make(*, developer: DeveloperAccount, at: datetime) -> list[SandboxPersona]:
    """The developer's personas with their accounts, in the order of `PERSONAS`; made at the first need, once."""
    if not _is_made(developer):
        DeveloperAccount.objects.select_for_update().get(pk=developer.pk)
        if not _is_made(developer):
            fill(developer, at)
            audit_trail.record("open_banking.sandbox.made", on=developer, by=developer.user, at=at)
    found = SandboxPersona.objects.filter(developer=developer).select_related("developer").prefetch_related("accounts")
    places = [one.which for one in PERSONAS]
    return sorted((one for one in found if one.which in places), key=lambda one: places.index(one.which))


def _is_made(developer: DeveloperAccount) -> bool:
    return SandboxPersona.objects.filter(developer=developer).count() >= len(PERSONAS)


def fill(developer: DeveloperAccount, at: datetime) -> None:
    """Write everybody as on their first day; the developer's row is locked. Ids and numbers stay."""
    people = [
        SandboxPersona(
            developer=developer, public_id=_id(developer, one.which), which=one.which, full_name=one.full_name,
            username=f"{one.which}-{developer.public_id.hex[:12]}", made_at=at,
            password_print=_print(password_of(developer, one.which)),
        )
        for one in PERSONAS
    ]  # fmt: skip
    told = ["full_name", "username", "password_print", "made_at"]
    SandboxPersona.objects.bulk_create(
        people, update_conflicts=True, unique_fields=["developer", "which"], update_fields=told
    )
    lives = [(row, has) for row, one in zip(people, PERSONAS, strict=True) for has in one.accounts]
    accounts, lines = [], []
    for place, (row, has) in enumerate(lives, start=1):
        moved = _lines(has, at)
        balance, count = (moved[-1].running_balance_minor, len(moved))
        accounts.append(
            SandboxAccount(
                persona=row, public_id=_id(developer, f"{row.which}/{has.which}"), which=has.which, name=has.name,
                number=f"{NUMBERS}{developer.pk:07d}{place:03d}", account_type=has.account_type,
                currency=has.currency, balance_minor=balance, last_seq=count, status=has.status,
            )
        )  # fmt: skip
        lines.append(moved)
    told = ["name", "account_type", "currency", "balance_minor", "last_seq", "status"]
    SandboxAccount.objects.bulk_create(
        accounts, update_conflicts=True, unique_fields=["persona", "which"], update_fields=told
    )
    SandboxLine.objects.filter(account__in=accounts).delete()
    for account, moved in zip(accounts, lines, strict=True):
        for line in moved:
            line.account_id = account.pk
    written.copy([line for moved in lines for line in moved])


def _lines(has: Has, at: datetime) -> list[SandboxLine]:
    balance, found = 0, []
    for seq, one in enumerate(history(has, local_date(at)), start=1):
        balance += one.minor
        found.append(
            SandboxLine(
                seq=seq, txn_type=one.txn_type, amount_minor=one.minor, currency=has.currency,
                running_balance_minor=balance, description=one.description, counterparty=one.counterparty,
                merchant=one.merchant, posted_at=one.at,
            )
        )  # fmt: skip
    return found


def _id(developer: DeveloperAccount, name: str) -> uuid.UUID:
    """The same for a developer for ever, so that their scripts outlive a reset."""
    return uuid.uuid5(developer.public_id, f"sandbox/{name}")


def password_of(developer: DeveloperAccount, which: str) -> str:
    """A persona's password, told to their developer alone: worked out from a key of the bank's, and kept nowhere."""
    word = cipher.fingerprint(f"{developer.public_id}/{which}", "open_banking.sandbox.password")
    return base64.b32encode(word[:10]).decode().lower()


def _print(password: str) -> bytes:
    return cipher.fingerprint(password, "open_banking_sandboxpersona.password")


def persona_by(*, developer: DeveloperAccount, username: str, password: str) -> SandboxPersona | None:
    """The developer's persona of this name and password; None for anybody else's, and for a wrong word."""
    row = SandboxPersona.objects.filter(developer=developer, username=username).first()
    if row is None or not hmac.compare_digest(bytes(row.password_print), _print(password)):
        return None
    return row
