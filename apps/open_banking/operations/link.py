"""A customer links accounts at another bank: begun here, allowed there, finished here. The network is asked between
transactions, never inside one.
"""

import json
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.errors import NotFound
from apps.kernel.throttles import require
from apps.open_banking.errors import LinkOver, OtherBankFailed
from apps.open_banking.events import BankLinked
from apps.open_banking.linked import bank as there
from apps.open_banking.linked.wire import Troubled
from apps.open_banking.models import LinkedBank, LinkStatus, OtherBank, Trouble
from apps.open_banking.models.linked import LINK, state_print
from apps.open_banking.operations.read_linked import read_first
from apps.open_banking.operations.unlink import end_links
from apps.users.models import User

TO_FINISH = timedelta(hours=1)


def begin_link(*, bank: OtherBank, by: User, at: datetime) -> LinkedBank:
    """Ask the other bank for a consent to read; `address_of` says where the customer goes to give it.

    Nothing is read until they did. Ten an hour. Raises NotFound, TooMany, OtherBankFailed.
    """
    if not bank.is_active:
        raise NotFound(_("Accounts cannot be linked at this bank. Nothing was asked for."))
    require("linking", f"user:{by.pk}", _("You have begun often. Nothing was linked; try again in an hour."))
    try:
        begun = there.begin(bank, at)
    except Troubled as no:
        raise failed(no.trouble) from no
    with transaction.atomic():
        # Whoever begins again has given up what they began before.
        LinkedBank.objects.owned_by(by).filter(bank=bank, status=LinkStatus.WAITING, linked_at=None).delete()
        row = LinkedBank.objects.create(
            user=by, bank=bank, consent_id=begun.consent_id, consent_until=begun.until, pending=begun.pending,
            state_print=state_print(begun.state), created_at=at,
        )  # fmt: skip
        audit_trail.record("open_banking.link.begun", on=row, by=by, at=at, after={"bank": bank.name})
    return row


def address_of(link: LinkedBank) -> str:
    """Where the customer of a link that waits goes to allow it."""
    return str(json.loads(str(link.pending))["url"]) if link.pending else ""


def finish_link(
    *, state: str, code: str, issuer: str, error: str = "", by: User, at: datetime, address: str = ""
) -> LinkedBank:
    """The customer came back: exchange the code and read their accounts for the first time. A state is good once, and
    for the customer who began alone. An earlier link of the same bank ends.

    Raises LinkOver, OtherBankFailed (the link is then broken off).
    """
    row, pending = _claim(state, by, at)
    try:
        tokens = _tokens(row, pending, code, issuer, error)
    except Troubled as no:
        _break(row, no.trouble, at)
        raise failed(no.trouble) from no
    if not _activate(row, tokens, by, at):
        raise _over()
    return read_first(link=row, access=tokens.access, at=at, address=address)


@transaction.atomic
def _claim(state: str, by: User, at: datetime) -> tuple[LinkedBank, dict[str, Any]]:
    """The link that waits for this answer; its state is used up here, whatever comes next. Raises LinkOver."""
    rows = LinkedBank.objects.select_for_update(of=("self",)).select_related("bank").owned_by(by)
    row = rows.filter(state_print=state_print(state), status=LinkStatus.WAITING).first()
    if row is None or row.created_at + TO_FINISH < at or not row.bank.is_active:
        raise _over()
    pending = json.loads(str(row.pending))
    row.state_print, row.pending = None, None
    row.save(update_fields=["state_print", "pending"])
    return row, pending


def _tokens(row: LinkedBank, pending: dict[str, Any], code: str, issuer: str, error: str) -> there.Tokens:
    """RFC 9207: an answer that names its issuer is this bank's answer, and one that should name it does."""
    if (issuer or pending["says_issuer"]) and not compare_digest(issuer.encode(), row.bank.issuer.encode()):
        raise Troubled(Trouble.NOT_THEM)
    if error or not code:
        raise Troubled(Trouble.DENIED if error == "access_denied" else Trouble.REFUSED)
    return there.exchange(row.bank, code[:2000], pending)


@transaction.atomic
def _activate(row: LinkedBank, tokens: there.Tokens, by: User, at: datetime) -> bool:
    """Keep the token that renews; False when the customer took the link away meanwhile."""
    links = LinkedBank.objects.select_for_update().owned_by(by).filter(bank=row.bank).order_by("pk")
    held = {one.pk: one for one in links}
    now_row = held.get(row.pk)
    if now_row is None or now_row.status != LinkStatus.WAITING:
        return False
    earlier = [one for one in held.values() if one.pk != row.pk and one.status in {"ACTIVE", "BROKEN"}]
    end_links(earlier, at=at)
    row.refresh_token, row.status, row.because = tokens.refresh, LinkStatus.ACTIVE, ""
    row.linked_at = row.tried_at = at
    row.save(update_fields=["refresh_token", "status", "because", "linked_at", "tried_at"])
    audit_trail.record("open_banking.link.made", on=row, by=by, at=at, after={"bank": row.bank.name})
    events.publish(BankLinked(link_id=row.pk, user_id=by.pk))
    return True


@transaction.atomic
def _break(row: LinkedBank, trouble: Trouble, at: datetime) -> None:
    """It never came about: kept until the other bank was told, and shown to nobody."""
    found = LinkedBank.objects.select_for_update().filter(pk=row.pk, status=LinkStatus.WAITING).first()
    if found is None:
        return
    LINK.make(found, LinkStatus.ENDED, because=trouble, ended_at=at)
    audit_trail.record("open_banking.link.refused", on=row, by=row.user, at=at, after={"because": trouble.value})


def failed(trouble: Trouble) -> OtherBankFailed:
    """In words."""
    return OtherBankFailed(trouble.label, trouble=trouble.value)


def _over() -> LinkOver:
    return LinkOver(
        _("This step was done before, is not yours, or its time is over. Nothing was linked. Begin again at Accounts.")
    )
