"""Operators say at which banks customers may link accounts; by `manage.py other_bank`, in the audit trail."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import guarded
from apps.open_banking.errors import BadOtherBank
from apps.open_banking.linked.wire import on_loopback
from apps.open_banking.models import OtherBank
from apps.users.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class BankTerms:
    """Another bank, and what it gave this bank to prove itself with."""

    name: str
    address: str
    bank_id: str
    client_id: str
    client_secret: str = field(repr=False)
    issuer: str = ""  # the address, unless told


@transaction.atomic
def keep_other_bank(*, terms: BankTerms, by: User, at: datetime) -> OtherBank:
    """Let customers link accounts there, or change how this bank proves itself; known by its name. Raises BadOtherBank.

    Customers who have linked it go on with what they gave, as long as the other bank lets them.
    """
    address, issuer = _home(terms.address), _home(terms.issuer or terms.address)
    if not all(one.strip() for one in (terms.name, terms.bank_id, terms.client_id, terms.client_secret)):
        raise BadOtherBank(_("Name, bank id, client id and secret are all needed. Nothing was changed."))
    row = OtherBank.objects.select_for_update().filter(name=terms.name.strip()).first() or OtherBank(
        name=terms.name.strip(), created_at=at
    )
    row.address, row.issuer, row.bank_id = address, issuer, terms.bank_id.strip()
    row.client_id, row.client_secret, row.is_active = terms.client_id.strip(), terms.client_secret.strip(), True
    row.save()
    after = {"name": row.name, "address": address, "issuer": issuer, "bank_id": row.bank_id}
    audit_trail.record("open_banking.other_bank.kept", on=row, by=by, at=at, after=after)
    return row


@transaction.atomic
def stop_other_bank(*, bank: OtherBank, by: User, at: datetime, reason: str) -> OtherBank:
    """Nobody links accounts there any more, and nothing more is read; what was read stays with its customers."""
    OtherBank.objects.filter(pk=bank.pk).update(is_active=False)
    audit_trail.record("open_banking.other_bank.stopped", on=bank, by=by, at=at, reason=reason)
    bank.is_active = False
    return bank


def _home(text: str) -> str:
    """Scheme and host, as calls begin with it."""
    try:
        found = guarded.public_address(text.strip().rstrip("/"), loopback=on_loopback())
    except guarded.Unfit as no:
        raise BadOtherBank(_("The address is https on a public name. Nothing was changed.")) from no
    if found.count("/") != 2 or "?" in found:
        raise BadOtherBank(_("Write the address without a path. Nothing was changed."))
    return found
