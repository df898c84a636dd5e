"""The recipient book: somebody new is named, then proven; somebody paid before is known already."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import TransactionType
from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.errors import IllegalMove, NotFound
from apps.kernel.money import Money
from apps.payments import queries
from apps.payments.errors import AlreadySaved, BadNickname, PayeeNotFound, ToYourself
from apps.payments.events import PayeeAdded
from apps.payments.models import Payee, Payment, Toward
from apps.payments.operations.start import account_key, find_destination, find_payee
from apps.users import operations as people
from apps.users.acts import act
from apps.users.models import StepUpChallenge, User

OPERATION = act("payments.save_payee", _("save %(payee)s as a payee"))
LIFE = timedelta(minutes=15)
ANY_RAIL_TAKES = Money.of(100, "KES")  # a rail reads a destination with an amount, and asks again when it is paid


def place_here(*, to: str, owner: User, at: datetime) -> dict[str, Any]:
    """Somebody at this bank, by phone or account number, as a payee keeps them. Raises what `find_payee` raises."""
    if to.strip().startswith("000201"):
        raise PayeeNotFound(_("A QR code is not kept. Write the phone or account number."))
    found = find_payee(to=to, payer=owner, at=at)
    if found.account is None:
        raise _no_shop()
    return {
        "kind": TransactionType.P2P_TRANSFER.value,
        "rail": "internal",
        "to_account": found.account,
        "destination": {},
        "payee_name": found.name,
        "payee_address": found.address,
        "payee_key": account_key(found.account),
    }


def place_outside(
    *, rail: str, kind: str, asked: dict[str, Any], at: datetime, amount: Money = ANY_RAIL_TAKES
) -> dict[str, Any]:
    """Somewhere a rail goes, as a payee keeps it; called outside any transaction. Raises what the rail says."""
    found = find_destination(rail=rail, kind=kind, asked=asked, amount=amount, at=at)
    return {
        "kind": str(kind),
        "rail": rail,
        "to_account": None,
        "destination": found.data,
        "payee_name": found.name[:140],
        "payee_address": found.address[:40],
        "payee_key": found.key[:80],
    }


def place_of(known: Payment | Toward) -> dict[str, Any]:
    """Where a payment went, or a payee is: known already, so nobody is asked."""
    where = {field.name: getattr(known, field.name) for field in Toward._meta.get_fields()}
    return where | ({} if where["rail"] != "internal" else {"kind": TransactionType.P2P_TRANSFER.value})


@transaction.atomic
def add_payee(*, owner: User, where: dict[str, Any], nickname: str, at: datetime) -> Payee:
    """Write somebody into the book: at once when they were paid before, else once `confirm_payee` has its proof.

    Raises BadNickname, ToYourself, AlreadySaved, PayeeNotFound for a shop, NotFound for a suspended owner.
    """
    _require_good(owner)
    kept = _called(nickname)
    if where["rail"] == "internal" and where["to_account"] is None:
        raise _no_shop()
    if where["to_account"] is not None and where["to_account"].owner_id == owner.pk:
        raise ToYourself(_("That is your own account. Nothing was changed."))
    saved = Payee.objects.owned_by(owner).saved().filter(payee_key=where["payee_key"]).first()
    if saved:
        raise _saved_as(saved)
    waiting = Payee.objects.owned_by(owner).filter(payee_key=where["payee_key"], saved_at=None)
    row = waiting.order_by("-pk").first() or Payee(owner=owner, **where)
    row.nickname, row.created_at, row.payee_name = kept, at, where["payee_name"]
    row.save()
    return _save(row, at) if queries.has_paid(owner.pk, row.payee_key) else row


def bound_to(payee: Payee) -> dict[str, Any]:
    """What a proof for this payee is bound to."""
    return {
        "operation": OPERATION,
        "subject": f"payees/{payee.public_id}",
        "payee": f"{payee.payee_name}, {payee.payee_address}"[:160],
    }


def challenge_payee(*, payee: Payee, by: User, at: datetime, method: str = "") -> StepUpChallenge:
    """Ask the owner to prove that it is them. Raises NotFound, IllegalMove, TooSoon."""
    _require_theirs(payee, by)
    if payee.saved_at is not None or payee.created_at + LIFE <= at:
        raise IllegalMove(_("This no longer waits for you. Nothing was changed; add them again if they are missing."))
    row = people.challenge(user=by, at=at, method=method, **bound_to(payee))
    Payee.objects.filter(pk=payee.pk).update(challenge=row.pk)
    payee.challenge = row.pk
    return row


@transaction.atomic
def confirm_payee(*, payee: Payee, challenge_id: Any, by: User, at: datetime) -> Payee:
    """Keep somebody new, with an answered challenge for exactly them. One that is kept already is returned as it is.

    Raises NotFound, StepUpRequired, AlreadySaved.
    """
    _require_theirs(payee, by)
    payee = Payee.objects.select_for_update().get(pk=payee.pk)
    if payee.saved_at is not None:
        return payee
    people.use(challenge_id=challenge_id, user=by, at=at, **bound_to(payee))
    return _save(payee, at)


@transaction.atomic
def rename_payee(*, payee: Payee, nickname: str, by: User, at: datetime) -> Payee:
    """Call them something else; the verified name stays. Raises NotFound, BadNickname."""
    payee = _held(payee, by)
    before, payee.nickname = payee.nickname, _called(nickname)
    payee.save(update_fields=["nickname"])
    if before != payee.nickname:
        was, now_is = {"nickname": before}, {"nickname": payee.nickname}
        audit_trail.record("payments.payee.renamed", on=payee, by=by, at=at, before=was, after=now_is)
    return payee


@transaction.atomic
def remove_payee(*, payee: Payee, by: User, at: datetime) -> None:
    """Take them out of the book; payments and standing orders to them stay. Raises NotFound."""
    payee = _held(payee, by)
    payee.removed_at = at
    payee.save(update_fields=["removed_at"])
    audit_trail.record("payments.payee.removed", on=payee, by=by, at=at)


def _save(payee: Payee, at: datetime) -> Payee:
    payee.saved_at = at
    try:
        with transaction.atomic():
            payee.save(update_fields=["saved_at"])
    except IntegrityError:
        payee.saved_at = None
        saved = Payee.objects.filter(owner_id=payee.owner_id, payee_key=payee.payee_key).saved().first()
        raise _saved_as(saved or payee) from None
    facts = {"name": payee.payee_name, "to": payee.payee_address}
    audit_trail.record("payments.payee.added", on=payee, by=payee.owner, at=at, after=facts)
    events.publish(PayeeAdded(payee_id=payee.pk, owner_id=payee.owner_id))
    return payee


def _saved_as(payee: Payee) -> AlreadySaved:
    words = _("You have them already, as %(nickname)s. Nothing was changed.")
    return AlreadySaved(words % {"nickname": payee.nickname}, payee=str(payee.public_id))


def _held(payee: Payee, who: User) -> Payee:
    _require_theirs(payee, who)
    row = Payee.objects.select_for_update().filter(pk=payee.pk).saved().first()
    if row is None:
        raise _nobody()
    return row


def _called(nickname: str) -> str:
    kept = " ".join(nickname.split())
    if not 1 <= len(kept) <= 40 or not kept.isprintable():
        raise BadNickname(_("Write a name of 1 to 40 letters. Nothing was changed."))
    return kept


def _require_theirs(payee: Payee, who: User) -> None:
    if payee.owner_id != who.pk:
        raise _nobody()
    _require_good(who)


def _require_good(who: User) -> None:
    if not who.is_active:
        raise _nobody()


def _no_shop() -> PayeeNotFound:
    return PayeeNotFound(_("A shop is not kept. Pay it by its code or its number whenever you are there."))


def _nobody() -> NotFound:
    return NotFound(_("There is no such payee in your book."))
