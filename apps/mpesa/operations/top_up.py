"""Adding money by a prompt on the phone: asked for, approved there with the PIN, on the account when M-Pesa says so.

The request is written down and committed before M-Pesa is called, and never sent twice: a prompt whose answer was lost
is found again by the address its callback comes to, by the payment's confirmation, or by a query.
"""

import secrets
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import Account
from apps.accounts.policies import holds
from apps.audit_trail import operations as audit_trail
from apps.kernel import events, live
from apps.kernel.errors import DomainError, NotFound
from apps.kernel.known import known_as
from apps.kernel.money import Money
from apps.kernel.throttles import require
from apps.mpesa import addresses, daraja, rules, wake
from apps.mpesa.errors import NOT_SENT, KeyReused
from apps.mpesa.events import MpesaFailed
from apps.mpesa.models import Kind, MpesaStatus, MpesaTransaction, PulledUntil
from apps.mpesa.operations.amounts import mpesa_phone, require_takes, till_of_shop, whole_shillings
from apps.mpesa.states import MPESA
from apps.users.models import User
from apps.users.queries import system_user

log = structlog.get_logger(__name__)
TRIES = 3  # of a prompt that never left this machine
STALE = timedelta(minutes=10)  # whoever asked for a prompt looks at their phone now, not in the night
UNHEARD = timedelta(hours=24)  # after which a prompt nobody approved is over
FORGOTTEN = timedelta(hours=72)  # and by when the feed of payments has no word of it any more
ANSWERED = timedelta(hours=1)  # by when whoever was prompted has answered, or never will
UNDER_WAY = [MpesaStatus.INITIATED, MpesaStatus.PENDING, MpesaStatus.CHECKING]
_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@transaction.atomic
def start_top_up(
    *,
    account: Account,
    phone: str = "",
    amount: Money,
    key: str,
    by: User,
    at: datetime,
    till: str = "",
    purpose: str = "",
) -> MpesaTransaction:
    """Ask a phone, or the operator of a till, to pay into an account of the person's own or of a business they sign
    for; no other signature is needed for money in. The prompt goes out after the commit. Once per `key`. `purpose` is
    told with the money: what it is for, `loan/LK4T9ZB2M1`.

    Raises NotFound, AccountClosed, TakesNoMoney, BadMpesaPhone, BadPaybill, NotWholeShillings, OutsideMpesaLimits,
    CurrencyMismatch, KeyReused; LimitExceeded where the tier has no room for it; TooMany when others asked that phone
    or till often.
    """
    if not by.is_active or not holds(by, account):
        raise NotFound(_("There is no such account, or it is not yours."))
    require_takes(account)
    whole_shillings(amount)
    push = MpesaTransaction(
        kind=Kind.STK_PUSH,
        user=by,
        account=account,
        phone=None if till else mpesa_phone(phone),
        till=till_of_shop(till) if till else "",
        amount_minor=amount.minor,
        account_reference="T" + "".join(secrets.choice(_SIGNS) for _nth in range(9)),
        purpose=purpose,
        key=key[:120],
        created_at=at,
    )
    try:
        with transaction.atomic():
            push.save()
    except IntegrityError:
        return _first_of(push)
    _require_seldom(push)
    accounts.require_room_for(owner=account.owner, amount=amount, at=at)
    audit_trail.record(
        "mpesa.top_up.asked", on=push, by=by, at=at, after={"amount": str(amount)}, customer=account.owner
    )
    transaction.on_commit(partial(wake.send_push, push.pk), robust=True)
    return push


def _require_seldom(push: MpesaTransaction) -> None:
    """Whose phone it is not, nor their account's, is prompted by our word alone: it must not ring all day, nor wear
    anybody down until they give their PIN. Raises TooMany.
    """
    people = [push.user, push.account.owner if push.account else None]
    if push.till or str(push.phone) not in {str(one.phone) for one in people if one is not None}:
        whom = known_as(f"mpesa/{push.till or push.phone}")
        require("prompts", f"prompted:{whom}"[:80], _("They were asked often this hour. Nothing was sent. Try later."))


def _first_of(push: MpesaTransaction) -> MpesaTransaction:
    first = MpesaTransaction.objects.select_related("account").get(user=push.user, key=push.key)
    meant = [(one.account_id, one.phone, one.till, one.amount, one.purpose) for one in (first, push)]
    if meant[0] != meant[1]:
        raise KeyReused(_("This was sent before with other figures. No money moved; start again."))
    return first


def send_push(*, push_id: int, at: datetime) -> bool:
    """Send one prompt to its phone; False when another worker has it. Whatever comes, it is never sent twice. One that
    waited so long that nobody holds the phone any more, because our workers stood still, is over.
    """
    rows = MpesaTransaction.objects.filter(pk=push_id, status=MpesaStatus.INITIATED, sent_at=None)
    if not rows.update(sent_at=at):
        return False
    push = MpesaTransaction.objects.get(pk=push_id)
    if push.created_at <= at - STALE:
        end(push, MpesaStatus.FAILED, code=rules.NOT_REACHED, text="It waited too long to be sent.", at=at)
        return True
    try:
        taken = _prompt(push, at)
    except NOT_SENT as no:
        _try_again(push, str(no), at)
    except daraja.Refused as no:
        end(push, MpesaStatus.FAILED, code=no.error_code, text=no.error_text, at=at)
    except DomainError:
        log.warning("prompt_outcome_unknown", push=str(push.public_id), exc_info=True)
        _move(push, MpesaStatus.CHECKING)
    else:
        _note_ids(push, taken)
    return True


def _prompt(push: MpesaTransaction, at: datetime) -> daraja.Taken:
    asked: dict[str, Any] = {"shillings": push.amount_minor // 100, "reference": push.account_reference}
    if push.till:
        callback = addresses.of_one("express", push.public_id)
        daraja.till_push(till=push.till, request_id=push.public_id.hex, callback=callback, **asked)
        return daraja.Taken()
    callback = addresses.of_one("stk", push.public_id)
    return daraja.stk_push(phone=push.phone, words="KitBank", callback=callback, at=at, **asked)


def _try_again(push: MpesaTransaction, text: str, at: datetime) -> None:
    """Nothing left this machine: a sweep sends it again, three times in all."""
    if push.tries + 1 >= TRIES:
        end(push, MpesaStatus.FAILED, code=rules.NOT_REACHED, text=text, at=at)
    else:
        MpesaTransaction.objects.filter(pk=push.pk, status=MpesaStatus.INITIATED).update(
            sent_at=None, tries=push.tries + 1
        )


@transaction.atomic
def _note_ids(push: MpesaTransaction, taken: daraja.Taken) -> None:
    """The callback may have come first: the ids are kept whatever the status has become."""
    row = MpesaTransaction.objects.filter(pk=push.pk)
    try:
        with transaction.atomic():
            row.update(
                merchant_request_id=taken.merchant_request_id[:64],
                checkout_request_id=taken.checkout_request_id[:64] or None,
            )
    except IntegrityError:  # another prompt's: asked by it, M-Pesa would tell of that one
        log.warning("checkout_id_given_out_twice", push=str(push.public_id))
    _move(push, MpesaStatus.PENDING)


def _move(row: MpesaTransaction, to: MpesaStatus) -> None:
    """A guarded move that yields to one that came first."""
    MpesaTransaction.objects.filter(pk=row.pk, status__in=MPESA.sources(to)).exclude(
        status__in=[MpesaStatus.FAILED, MpesaStatus.CANCELLED]
    ).update(status=to)


@transaction.atomic
def end(row: MpesaTransaction, to: MpesaStatus, *, code: str, text: str, at: datetime, overrules: bool = False) -> bool:
    """Note that it was not carried out; nothing moved. False when that, or the contrary, was known before.

    That M-Pesa said before that it was paid is such a contrary, unless this news `overrules` it.
    """
    live = MpesaTransaction.objects.filter(pk=row.pk, status__in=UNDER_WAY)
    live = live if overrules else live.exclude(result_code=rules.PAID)
    ended = live.update(status=to, result_code=code[:20], result_text=text[:200], ended_at=at)
    if not ended:
        return False
    row.refresh_from_db()
    audit_trail.record("mpesa.transaction.failed", on=row, by=system_user(), at=at, reason=code, customer=row.user)
    events.publish(MpesaFailed(transaction_id=row.pk, because=code))
    _tell(row)
    return True


def ask_about_push(*, push: MpesaTransaction, at: datetime) -> None:
    """Ask what became of a prompt nobody told us of. A paid one has no receipt here: it waits for one in CHECKING."""
    MpesaTransaction.objects.filter(pk=push.pk).update(asked_at=at)
    if not push.checkout_request_id:
        return  # our request may have been lost on its way; its callback or the paybill's confirmation would tell
    outcome = daraja.stk_query(checkout_request_id=push.checkout_request_id, at=at)
    if outcome is None:
        return
    if outcome.code == rules.PAID:
        note_paid(push)
    else:
        end(push, ending(outcome.code), code=outcome.code, text=outcome.text, at=at)


def note_paid(push: MpesaTransaction) -> None:
    """M-Pesa has the money, and we have no receipt for it yet: it is looked for, first at the next round."""
    news = MpesaTransaction.objects.filter(pk=push.pk, status__in=UNDER_WAY).exclude(result_code=rules.PAID)
    news.update(status=MpesaStatus.CHECKING, result_code=rules.PAID, asked_at=None)
    _tell(push)


def end_as_booked_elsewhere(push: MpesaTransaction, *, receipt: str, at: datetime) -> bool:
    """Its receipt is booked as another payment: the money is here, and a person finds out whose. False when it ended
    before. Should M-Pesa tell of another receipt for it later, that one is booked.
    """
    words = f"Receipt {receipt} is booked as another payment."
    return end(push, MpesaStatus.FAILED, code=rules.ELSEWHERE, text=words, at=at, overrules=True)


def _tell(row: MpesaTransaction) -> None:
    if row.user_id is not None:
        live.tell(row.user_id)


def ending(code: str) -> MpesaStatus:
    """CANCELLED when the payer said so, else FAILED."""
    return MpesaStatus.CANCELLED if code in rules.CANCELLED else MpesaStatus.FAILED


def give_up(*, push: MpesaTransaction, at: datetime) -> None:
    """A day has passed and neither callback, query nor pull knows of a payment: it was not made. Where the feed was not
    read since, because we or M-Pesa were away, it is not said before the feed was, nor forgets of it.
    """
    mark = PulledUntil.objects.filter(shortcode=settings.DARAJA_SHORTCODE).first()
    was_read = mark is None or mark.at >= push.created_at + ANSWERED
    if push.created_at + (UNHEARD if was_read else FORGOTTEN) <= at:
        end(push, MpesaStatus.FAILED, code="unheard", text="Nothing was heard of it for a day.", at=at)
