"""Asking to be paid: one person by phone, or several for their shares of a bill; paying it, or saying no."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.errors import AccountClosed, TakesNoMoney
from apps.accounts.models import Account, AccountStatus, AccountType
from apps.accounts.policies import holds
from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.errors import NotFound
from apps.kernel.locks import in_turn
from apps.kernel.money import BadAmount, CurrencyMismatch, Money, total
from apps.payments.errors import (
    BadSplit,
    KeyReused,
    PayeeNotFound,
    RemindedAlready,
    RequestOver,
    TooManyRequests,
    ToYourself,
)
from apps.payments.events import RequestDeclined, RequestMade, RequestReminded
from apps.payments.models import (
    AskerBlock,
    Payment,
    PaymentRequest,
    PaymentRequestQuerySet,
    RequestStatus,
    SplitBill,
)
from apps.payments.operations.start import start, tidy
from apps.payments.states import REQUEST
from apps.users import rules
from apps.users.models import User

LIFE = timedelta(days=14)
A_DAY = timedelta(hours=24)
MOST_A_DAY, MOST_TO_ONE, MOST_SHARES = 30, 3, 20


@dataclass(frozen=True, slots=True)
class Share:
    """One person's part of a bill."""

    phone: str
    amount: Money


@transaction.atomic
def ask_for_payment(
    *, by: User, phone: str, amount: Money, into_account: Account, key: str, at: datetime, note: str = ""
) -> PaymentRequest:
    """Ask a phone for an amount, into an account of one's own or of a business one signs for: then the business asks,
    by its name. The same `key`, the same request.

    Whoever has the phone, blocked the asker or does not bank here, the answer is the same: requests must not tell who
    is a customer. Raises PayeeNotFound for what is no phone, ToYourself, BadAmount, CurrencyMismatch, NotFound,
    AccountClosed, TakesNoMoney, TooManyRequests, KeyReused.
    """
    if not by.is_active or not holds(by, into_account):
        raise _no_account()
    asker = into_account.owner
    _one_at_a_time(asker)
    row = _written(asker, Share(phone, amount), into_account, note, key)
    earlier = PaymentRequest.objects.filter(asker=asker, key=row.key).first()
    if earlier:
        if _meant(earlier) != _meant(row):
            raise KeyReused(_("This was sent before with other figures. Nobody was asked; start anew."))
        return earlier
    _require_calm(asker, [row], at)
    return _asked([row], by, at)[0]


@transaction.atomic
def split_bill(
    *,
    owner: User,
    total_asked: Money,
    shares: Sequence[Share],
    into_account: Account,
    note: str,
    key: str,
    at: datetime,
) -> SplitBill:
    """Share one bill: a request for each share, all of them or none. What the shares leave is the owner's own part.

    Raises BadSplit, and what `ask_for_payment` raises.
    """
    _one_at_a_time(owner)
    asked = total((share.amount for share in shares), total_asked.currency)
    if not 1 <= len(shares) <= MOST_SHARES:
        raise BadSplit(_("A bill is split among 1 to %(most)s others. Nobody was asked.") % {"most": MOST_SHARES})
    if not tidy(note):
        raise BadSplit(_("Say what the bill is for. Nobody was asked."))
    if asked > total_asked:
        raise BadSplit(_("The shares are more than the bill. Nobody was asked."))
    bill = SplitBill(
        owner=owner,
        total_minor=total_asked.minor,
        own_minor=(total_asked - asked).minor,
        currency=total_asked.currency,
        note=tidy(note),
        key=key[:120],
        created_at=at,
    )
    rows = [_written(owner, one, into_account, note, f"split/{uuid.uuid4()}") for one in shares]  # the bill counts once
    if len({row.phone for row in rows}) != len(rows):
        raise BadSplit(_("One of the phones stands there twice. Nobody was asked."))
    earlier = SplitBill.objects.filter(owner=owner, key=bill.key).first()
    if earlier:
        held = {(row.phone, row.amount_minor) for row in earlier.shares.all()}
        if earlier.total != bill.total or held != {(row.phone, row.amount_minor) for row in rows}:
            raise KeyReused(_("This was sent before with other figures. Nobody was asked; start anew."))
        return earlier
    _require_calm(owner, rows, at)
    bill.save()
    for row in rows:
        row.split = bill
    _asked(rows, owner, at)
    return bill


def equal_shares(bill: Money, phones: Sequence[str], *, with_me: bool) -> list[Share]:
    """Parts that add up to the cent; the owner's own part, when they eat too, is the last. Raises BadSplit."""
    parts = len(phones) + with_me
    if not phones or bill.minor < parts:
        raise BadSplit(_("Write at least one phone, and a bill of a cent or more for each. Nobody was asked."))
    return [Share(phone, part) for phone, part in zip(phones, bill.split(parts), strict=False)]


def _written(asker: User, share: Share, into: Account, note: str, key: str) -> PaymentRequest:
    """A request that is not saved yet, checked as far as it stands alone."""
    if into.owner_id != asker.pk or not asker.is_active:
        raise _no_account()
    if into.status == AccountStatus.CLOSED:
        raise AccountClosed(_("That account is closed, so it cannot be paid. Nobody was asked."))
    if into.account_type == AccountType.FIXED_DEPOSIT:
        raise TakesNoMoney(_("A fixed deposit takes no more money. Nobody was asked. Choose another account."))
    if share.amount.minor <= 0:
        raise BadAmount(_("Write an amount of more than zero."))
    if share.amount.currency != into.currency:
        raise CurrencyMismatch(_("The account is in %(currency)s.") % {"currency": into.currency})
    try:
        phone = rules.phone(share.phone)
    except rules.Unreadable as no:
        raise PayeeNotFound(_("That is not a mobile number. Nobody was asked. Write it like 0712 345 908.")) from no
    if phone == asker.phone:
        raise ToYourself(_("That is your own phone. Nobody was asked."))
    return PaymentRequest(
        asker=asker,
        phone=phone,
        into_account=into,
        amount_minor=share.amount.minor,
        currency=share.amount.currency,
        note=tidy(note),
        key=key[:120],
    )


def _meant(row: PaymentRequest) -> tuple[object, ...]:
    return row.phone, row.amount, row.into_account_id, row.note


def _one_at_a_time(asker: User) -> None:
    """Requests of one asker are counted one after another, so that two at once cannot both be the last one allowed."""
    in_turn(f"payments/requests/{asker.pk}")


def _require_calm(asker: User, rows: Sequence[PaymentRequest], at: datetime) -> None:
    made = PaymentRequest.objects.made_by(asker)
    if made.filter(created_at__gt=at - A_DAY).count() + len(rows) > MOST_A_DAY:
        raise TooManyRequests(_("That is more requests than a day allows. Nobody was asked. Try again tomorrow."))
    digest = PaymentRequest._meta.get_field("phone_print").digest
    prints = [digest(row.phone) for row in rows]
    waiting = made.open(at).filter(phone_print__in=prints).values_list("phone_print", flat=True)
    found = [bytes(one) for one in waiting]
    if any(sum(found.count(key) for key in one.any_of) >= MOST_TO_ONE for one in prints):
        raise TooManyRequests(
            _("They have %(most)s requests of yours to answer already. Nobody was asked.") % {"most": MOST_TO_ONE}
        )


def _asked(rows: list[PaymentRequest], by: User, at: datetime) -> list[PaymentRequest]:
    asker = rows[0].asker
    for row in rows:
        known = User.objects.customers().with_phone(row.phone).first()
        row.asked = known if known is not None and known.is_active else None
        row.is_silent = AskerBlock.objects.filter(blocker=row.asked, blocked=asker).exists() if row.asked else False
        row.made_by, row.created_at, row.expires_at = by, at, at + LIFE
        row.save()
        facts = {"amount": str(row.amount), "note": row.note}
        audit_trail.record("payments.request.made", on=row, by=by, at=at, after=facts, customer=asker)
        events.publish(RequestMade(request_id=row.pk, asker_id=asker.pk))
    return rows


def pay_request(*, request: PaymentRequest, by: User, from_account: Account, key: str, at: datetime) -> Payment:
    """Begin the payment of a request: proven and confirmed as any other, and the request is settled with its money.

    Raises NotFound for what was asked of somebody else, RequestOver, and what `start` raises.
    """
    row = _of_mine(request, by, PaymentRequest.objects.all())
    if row.status != RequestStatus.OPEN or row.expires_at <= at:
        raise _is_over()
    return start(
        payer=by,
        from_account=from_account,
        to=row.into_account.number,
        amount=row.amount,
        note=row.note,
        key=key,
        at=at,
        request=row,
    )


@transaction.atomic
def decline_request(*, request: PaymentRequest, by: User, at: datetime) -> PaymentRequest:
    """Say no. Said before, it changes nothing. Raises NotFound, RequestOver."""
    row = _of_mine(request, by)
    if row.status != RequestStatus.DECLINED:
        _end(row, RequestStatus.DECLINED, by, at)
        events.publish(RequestDeclined(request_id=row.pk, asker_id=row.asker_id))
    return row


@transaction.atomic
def block_asker(*, request: PaymentRequest, by: User, at: datetime) -> None:
    """Hear nothing more from this asker: this request is declined, later ones never arrive. Raises NotFound."""
    row = _of_mine(request, by)
    AskerBlock.objects.get_or_create(blocker=by, blocked=row.asker, defaults={"created_at": at})
    PaymentRequest.objects.asked_of(by).filter(asker=row.asker, status=RequestStatus.OPEN).exclude(pk=row.pk).update(
        is_silent=True
    )
    audit_trail.record("payments.asker.blocked", on=row, by=by, at=at, customer=by)
    if row.status == RequestStatus.OPEN:
        decline_request(request=row, by=by, at=at)


@transaction.atomic
def unblock_asker(*, asker_id: int, by: User, at: datetime) -> None:
    """Hear from them again, from now on. Safe to do twice."""
    if AskerBlock.objects.filter(blocker=by, blocked_id=asker_id).delete()[0]:
        audit_trail.record("payments.asker.unblocked", on=f"users/{asker_id}", by=by, at=at, customer=by)


@transaction.atomic
def cancel_request(*, request: PaymentRequest, by: User, at: datetime) -> PaymentRequest:
    """Ask no longer; one's own, or of a business one signs for. Done before, it changes nothing.

    Raises NotFound, RequestOver.
    """
    row = _own(request, by)
    if row.status != RequestStatus.CANCELLED:
        _end(row, RequestStatus.CANCELLED, by, at)
    return row


@transaction.atomic
def remind(*, request: PaymentRequest, by: User, at: datetime) -> PaymentRequest:
    """Ask once more, at most once a day; one's own, or of a business one signs for.

    Raises NotFound, RequestOver, RemindedAlready.
    """
    row = _own(request, by)
    if row.status != RequestStatus.OPEN or row.expires_at <= at:
        raise _is_over()
    if max(row.created_at, row.reminded_at or row.created_at) > at - A_DAY:
        raise RemindedAlready(_("You asked less than a day ago. Nobody was reminded; give them time."))
    row.reminded_at = at
    PaymentRequest.objects.filter(pk=row.pk).update(reminded_at=at)
    audit_trail.record("payments.request.reminded", on=row, by=by, at=at, customer=row.asker)
    events.publish(RequestReminded(request_id=row.pk, asker_id=row.asker_id))
    return row


def expire_requests(*, at: datetime) -> int:
    """End the requests nobody answered in 14 days. Returns how many."""
    late = PaymentRequest.objects.filter(status=RequestStatus.OPEN, expires_at__lte=at)
    return late.update(status=RequestStatus.EXPIRED, over_at=at)


def introduce(*, user: User, at: datetime) -> int:
    """Somebody joined whose phone was asked before: the requests that still stand are theirs. Returns how many."""
    if not user.phone:
        return 0
    digest = PaymentRequest._meta.get_field("phone_print").digest
    waiting = PaymentRequest.objects.open(at).filter(asked=None, phone_print=digest(str(user.phone)))
    return waiting.exclude(asker=user).update(asked=user)


def _end(row: PaymentRequest, status: RequestStatus, by: User, at: datetime) -> None:
    if row.status != RequestStatus.OPEN:
        raise _is_over()
    REQUEST.make(row, status, over_at=at)
    audit_trail.record(f"payments.request.{status.lower()}", on=row, by=by, at=at, customer=row.asker)


def _of_mine(request: PaymentRequest, who: User, among: PaymentRequestQuerySet | None = None) -> PaymentRequest:
    """As it stands, locked unless `among` says otherwise."""
    rows = PaymentRequest.objects.select_for_update(of=("self",)) if among is None else among
    return _there(rows.asked_of(who), request, who)


def _own(request: PaymentRequest, who: User) -> PaymentRequest:
    return _there(PaymentRequest.objects.select_for_update(of=("self",)).kept_by(who), request, who)


def _there(rows: PaymentRequestQuerySet, request: PaymentRequest, who: User) -> PaymentRequest:
    row = rows.select_related("asker", "asked", "into_account").filter(pk=request.pk).first()
    if row is None or not who.is_active:
        raise NotFound(_("There is no such request."))
    return row


def _no_account() -> NotFound:
    return NotFound(_("There is no such account, or it is not yours."))


def _is_over() -> RequestOver:
    return RequestOver(_("That request was answered, taken back or has run out. No money moved."))
