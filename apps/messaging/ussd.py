"""Answers one step of a USSD session: who dials, where they stand, what they approve.

The menu's place comes from what was dialled (`rules.place_of`); everything else is in the bank's own rows. A payment is
known by session and step, a PIN try by session, step and how many PINs there are, so a step that the network posts
again is answered and moves nothing twice.
"""

import uuid
from datetime import datetime
from hashlib import sha256
from typing import Any

import structlog
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from apps.accounts.models import Account, Transaction, TransactionType
from apps.accounts.queries import holdings
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.kernel.throttles import require
from apps.messaging import rules
from apps.messaging.rules import Act, Place, Screen, screen_of
from apps.payments import operations as payments
from apps.payments.errors import KeyReused, PayeeCannotReceive
from apps.payments.models import Door, Payment, PaymentStatus
from apps.payments.operations.confirm import CONFIRMED, bound_to, note_refusal
from apps.users import operations as people
from apps.users.errors import AskedBefore, NoUssdPin, UssdLocked, WrongUssdPin
from apps.users.models import User, UssdPin
from apps.users.rules import masked_phone
from apps.users.rules import phone as read_phone

log = structlog.get_logger(__name__)
LOOK = "messaging.ussd.look"
LOOKS = {Act.BALANCE, Act.LINES}  # acts that move nothing
LINES = 5
_PROOFS = uuid.UUID("4c1f8a52-3f0e-4f5e-9a53-0f3a4f8c7f11")  # names proofs: one for a session and step, everywhere


def answer(*, session: str, phone: str, text: str, at: datetime) -> str:
    """The next screen, `CON …` or `END …`, in the customer's language and at most 160 plain signs long.

    Never raises for anything a person or the network may send. Call it outside any transaction: wrong PINs are spent.
    """
    log.info("ussd_step", session=_short(session), choice=rules.redacted(text))
    user = User.objects.customers().with_phone(phone).first()
    if user is None or not user.is_active:
        return _stranger()
    with translation.override(user.language):
        try:
            return _screen(user, _short(session), rules.place_of(text), at)
        except DomainError as no:
            return _refusal(no)


def _short(session: str) -> str:
    return sha256(session.encode()).hexdigest()[:24]


def _stranger() -> str:
    """Told in both languages, because nobody knows theirs; nothing else is said of the number."""
    return screen_of(
        "This number has no KitBank account. Join with the app or at a branch.\n"
        "Namba hii haina akaunti KitBank. Jiunge kwa programu au tawini.",
        goes_on=False,
    )


def _refusal(no: DomainError) -> str:
    words = rules.plain(str(no))
    if len(words) + len("END ") > rules.LONGEST:
        words = _("Not done, and no money moved. The app says why.")
    return screen_of(words, goes_on=False)


def _screen(user: User, session: str, place: Place, at: datetime) -> str:
    if place.screen is Screen.LOST:
        return screen_of(
            _("This session has ended. Dial %(code)s again.") % {"code": settings.USSD_CODE}, goes_on=False
        )
    if place.screen is Screen.LANGUAGE_CHOSEN:
        return _speak(user, place.language, at)
    if place.screen is Screen.PIN:
        sent = _sent(user, session, place)
        if sent is not None:  # posted again: whatever became of the PIN or the account since, this money moved
            return screen_of(_done(sent), goes_on=False)
        _require_pin(user, at)
        return _pin(user, session, place, at)
    if place.act is not None:
        _require_pin(user, at)  # before anybody types a phone and an amount for nothing
    hint = f"{_wrong(place.screen)}\n" if place.is_wrong else ""
    return screen_of(hint + _asks(place.screen), goes_on=True)


def _asks(screen: Screen) -> str:
    back = _("0 Back")
    return {
        Screen.HOME: _(
            "KitBank\n1 Balance\n2 Last 5 movements\n3 Send money\n4 Buy airtime\n5 Lugha / Language\n6 Send to M-Pesa"
        ),
        Screen.SEND_TO: _("Send to which phone?") + f"\n{back}",
        Screen.MPESA_TO: _("To the M-Pesa of which phone?") + f"\n{back}",
        Screen.SEND_HOW_MUCH: _("How many shillings?") + f"\n{back}",
        Screen.AIRTIME_HOW_MUCH: _("Airtime for this phone: how many shillings, 5 to 10000?") + f"\n{back}",
        Screen.LANGUAGE: f"1 English\n2 Kiswahili\n{back}",
    }[screen]


def _wrong(screen: Screen) -> str:
    return {
        Screen.HOME: _("Choose 1 to 6."),
        Screen.SEND_TO: _("That is no phone number. Write it like 0712345908."),
        Screen.MPESA_TO: _("That is no phone number. Write it like 0712345908."),
        Screen.LANGUAGE: _("Choose 1 or 2."),
    }.get(screen, _("Write whole shillings, like 500."))


def _speak(user: User, language: str, at: datetime) -> str:
    people.change_profile(user=user, language=language, at=at)
    with translation.override(language):
        return screen_of(_("KitBank now speaks English to you."), goes_on=False)


def _require_pin(user: User, at: datetime) -> None:
    held = UssdPin.objects.filter(user=user).first()
    if held is None:
        raise NoUssdPin(_("Set a USSD PIN first: in the app, Settings, USSD. Nothing was done."))
    if held.locked_until is not None and held.locked_until > at:
        words = _("USSD is locked for 24 hours after 3 wrong PINs. Nothing was done. The app still works.")
        raise UssdLocked(words)


def _pin(user: User, session: str, place: Place, at: datetime) -> str:
    """The question for the PIN, with what it approves; then, with one, the act."""
    payment = None if place.act in LOOKS else _begin(user, session, place, at)
    if not place.pins:
        return screen_of(_("Your USSD PIN:") if payment is None else _sums_up(payment), goes_on=True)
    proof = uuid.uuid5(_PROOFS, f"{user.pk}/{session}/{place.step}")
    bound: dict[str, Any] = {"operation": LOOK, "subject": f"ussd/{place.act}"}
    bound = bound if payment is None else bound_to(payment)
    require("money", f"user:{user.pk}", _("Too much at once. Nothing was done; wait a minute."))
    nth = len(place.pins)
    try:
        people.prove_by_ussd(user=user, proof_id=proof, nth=nth, pin=place.pins[-1], at=at, **bound)
    except (WrongUssdPin, AskedBefore) as no:
        if nth >= rules.PIN_TRIES:
            raise
        return screen_of(_("%(why)s\nPIN:") % {"why": no}, goes_on=True)
    if payment is None:
        return screen_of(_balance(user) if place.act is Act.BALANCE else _lines(user), goes_on=False)
    return screen_of(_done(_pay(payment, proof, user, at)), goes_on=False)


def _sent(user: User, session: str, place: Place) -> Payment | None:
    """The payment of this session and step, once it was confirmed."""
    if place.act in LOOKS:
        return None
    rows = Payment.objects.owned_by(user).filter(key=_key(session, place), status__in=CONFIRMED)
    return _same(rows.select_related("payer").first(), place)


def _same(payment: Payment | None, place: Place) -> Payment | None:
    """The payment of this session and step, when it is what was dialled now. Raises KeyReused for other figures: the
    network gave one session out twice, and who dials must hear of their own payment or of none.
    """
    if payment is None:
        return None
    rail = {Act.SEND: "internal", Act.AIRTIME: "airtime", Act.MPESA: "mpesa"}[place.act or Act.SEND]
    is_other = payment.rail != rail or payment.amount != Money(place.shillings * 100, "KES")
    if is_other or (place.act is Act.MPESA and payment.destination["phone"] != read_phone(place.to)):
        raise KeyReused(_("This session was used before. No money moved. Dial again."))
    return payment


def _key(session: str, place: Place) -> str:
    """What a payment of this session and step is known by."""
    return f"ussd/{session}/{place.step}"


def _account(user: User) -> Account:
    rows = Account.objects.owned_by(user).to_pay_from().filter(currency="KES")
    found = rows.in_order().select_related("product", "owner").first()
    if found is None:
        raise PayeeCannotReceive(_("No account of yours can pay now. Nothing was done."))
    return found


def _begin(user: User, session: str, place: Place, at: datetime) -> Payment:
    """The payment of this session and step, written down the first time it is asked for."""
    asked: dict[str, Any] = {
        "payer": user,
        "from_account": _account(user),
        "amount": Money(place.shillings * 100, "KES"),
        "key": _key(session, place),
        "channel": Door.USSD.value,
        "at": at,
    }
    if place.act is Act.SEND:
        return payments.start(to=place.to, **asked)
    begun = Payment.objects.owned_by(user).filter(key=asked["key"]).select_related("payer").first()
    if (same := _same(begun, place)) is not None:  # the rail named them before: it is not asked again for every PIN
        return same
    is_mpesa = place.act is Act.MPESA
    kind, rail = (TransactionType.MOBILE_MONEY, "mpesa") if is_mpesa else (TransactionType.AIRTIME, "airtime")
    where = {"phone": place.to if is_mpesa else str(user.phone)}
    there = payments.find_destination(rail=rail, kind=kind, asked=where, amount=asked["amount"], at=at)
    return payments.start_by_rail(rail=rail, kind=kind, destination=there, **asked)


def _pay(payment: Payment, proof: uuid.UUID, user: User, at: datetime) -> Payment:
    try:
        return payments.confirm(payment=payment, challenge_id=proof, by=user, at=at)
    except DomainError as refusal:
        note_refusal(payment=payment, refusal=refusal, by=user, at=at)
        raise


def _sums_up(payment: Payment) -> str:
    """Name before PIN: who gets how much, and what it costs."""
    facts = {"amount": payment.amount, "fee": payment.charge.total, "phone": masked_phone(str(payment.payer.phone))}
    if payment.kind == TransactionType.AIRTIME:
        return _("Airtime %(amount)s for %(phone)s, fee %(fee)s.\nPIN:") % facts
    facts |= {"name": payment.payee_name[:40], "to": payment.payee_address}
    return _("%(amount)s to %(name)s, %(to)s, fee %(fee)s.\nPIN:") % facts


def _done(payment: Payment) -> str:
    facts = {"amount": payment.amount, "name": payment.payee_name[:40], "reference": payment.reference}
    if payment.status == PaymentStatus.HELD:
        return _("%(amount)s to %(name)s is held for a moment. See the app. %(reference)s") % facts
    if payment.status in {PaymentStatus.PENDING, PaymentStatus.CHECKING}:
        return _("%(name)s, %(amount)s: on its way. %(reference)s") % facts
    return _("%(amount)s sent to %(name)s. %(reference)s") % facts


def _balance(user: User) -> str:
    """What may be spent, of the first accounts; the rest is in the app."""
    rows = list(Account.objects.owned_by(user).open().in_order().select_related("product")[:3])
    if not rows:
        return _("You have no open account. Nothing was done.")
    return "\n".join(f"{one.account.name[:14]} *{one.account.number[-4:]} {one.available}" for one in holdings(rows))


def _moved(row: Transaction) -> str:
    """`-1,500.00`, and of what else than shillings: `+USD 7.00`."""
    figure = f"{row.amount.amount.copy_abs():,f}"
    return (
        f"{'-' if row.is_out else '+'}{figure if row.amount.currency == 'KES' else f'{row.amount.currency} {figure}'}"
    )


def _lines(user: User) -> str:
    """The newest movements of all accounts: day, amount with its sign, and as much of the words as fits."""
    rows = list(Transaction.objects.owned_by(user).order_by("-pk")[:LINES])
    if not rows:
        return _("No movements yet.")
    heads = [f"{row.booked_on:%d/%m} {_moved(row)}" for row in rows]
    room = max((rules.LONGEST - len("END ") - sum(len(head) + 2 for head in heads)) // len(rows), 0)
    words = [rules.plain(row.counterparty or row.description).replace("\n", " ")[:room] for row in rows]
    return "\n".join(f"{head} {said}".rstrip() for head, said in zip(heads, words, strict=True))
