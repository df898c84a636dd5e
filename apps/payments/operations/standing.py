"""Standing orders: set up and proven once, then paused, skipped, changed in its note, or ended by their owner."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import Account, AccountStatus, TransactionType
from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.errors import IllegalMove, NotFound
from apps.kernel.money import BadAmount, CurrencyMismatch, Money
from apps.ledger.queries import calendar_of
from apps.payments.errors import (
    BadDates,
    KeyReused,
    PayeeCannotReceive,
    PaymentExpired,
    RailNotConnected,
    ToYourself,
)
from apps.payments.events import StandingOrderConfirmed, StandingOrderEnded
from apps.payments.models import Cadence, DayOff, OrderStatus, RunStatus, StandingOrder, StandingOrderRun
from apps.payments.operations.start import LIFE, quote, tidy
from apps.payments.schedule import BadSchedule, Schedule
from apps.payments.states import ORDER
from apps.users import operations as people
from apps.users.models import StepUpChallenge, User

OPERATION = "payments.standing_order"
FURTHEST = timedelta(days=730)


def set_up_order(
    *,
    owner: User,
    from_account: Account,
    where: dict[str, Any],
    amount: Money,
    schedule: Schedule,
    key: str,
    at: datetime,
    day_off: str = DayOff.NEXT,
    note: str = "",
) -> StandingOrder:
    """Write down what should pay itself; it does nothing until `confirm_order`. The same `key`, the same order.

    `where` comes from `place_here`, `place_outside` or `place_of`. Raises NotFound, BadAmount, CurrencyMismatch,
    ToYourself, PayeeCannotReceive, NotSpendable, LimitExceeded, BadDates, NotOffered, KeyReused.
    """
    if from_account.owner_id != owner.pk or not owner.is_active:
        raise NotFound(_("There is no such account, or it is not yours."))
    _require_payable(owner, from_account, where, amount)
    accounts.require_may_ever_leave(account=from_account, amount=amount, at=at)
    schedule = _dates(schedule, day_off, at)
    quote(kind=where["kind"], account=from_account, amount=amount, at=at)
    order = StandingOrder(
        owner=owner,
        from_account=from_account,
        **where,
        amount_minor=amount.minor,
        currency=amount.currency,
        note=tidy(note),
        cadence=schedule.cadence,
        starts_on=schedule.starts_on,
        day=schedule.day,
        times=schedule.times,
        until=schedule.until,
        day_off=day_off,
        next_due_on=schedule.due_on(0),
        key=key[:120],
        created_at=at,
        expires_at=at + LIFE,
    )
    try:
        with transaction.atomic():
            order.save()
    except IntegrityError:
        first = StandingOrder.objects.filter(owner=owner, key=order.key).first()
        if first is None or _meant(first) != _meant(order):
            raise KeyReused(_("This was sent before with other figures. Nothing was changed; start anew.")) from None
        return first
    return order


def _require_payable(owner: User, account: Account, where: dict[str, Any], amount: Money) -> None:
    to = where["to_account"]
    if where["kind"] == TransactionType.INTERNATIONAL_REMITTANCE:
        raise RailNotConnected(
            _("Money abroad needs the rate of the day, so it cannot pay itself. Nothing was set up.")
        )
    if amount.minor <= 0:
        raise BadAmount(_("Write an amount of more than zero."))
    if amount.currency != account.currency or (to is not None and to.currency != account.currency):
        raise CurrencyMismatch(_("Both accounts must be in %(currency)s for this.") % {"currency": amount.currency})
    if account.status != AccountStatus.ACTIVE:
        raise NotFound(_("Money cannot leave that account now. Choose another."))
    if to is not None and to.owner_id == owner.pk:
        raise ToYourself(_("That is your own account. Nothing was set up. Choose somebody else."))
    if to is not None and to.status == AccountStatus.CLOSED:
        raise PayeeCannotReceive(_("That account is closed. Nothing was set up. Ask them for another."))


def _dates(schedule: Schedule, day_off: str, at: datetime) -> Schedule:
    """The schedule with the day of the month written down. Raises BadDates."""
    if schedule.cadence == Cadence.MONTHLY and schedule.day is None:
        monthly = schedule.starts_on.day
        schedule = Schedule(schedule.cadence, schedule.starts_on, monthly, schedule.times, schedule.until)
    today = local_date(at)
    if not today <= schedule.starts_on <= today + FURTHEST:
        raise BadDates(_("It starts today or later, within two years."))
    try:
        schedule.checked()
    except BadSchedule as no:
        raise BadDates(_(str(no))) from no
    if schedule.cadence == Cadence.DAILY and day_off == DayOff.NEXT:
        raise BadDates(_("A daily order pays on every day, or leaves days off out: its payments cannot move."))
    if day_off == DayOff.SKIP and not _ever_pays(schedule):
        raise BadDates(
            _(
                "Each of its dates is a weekend or a public holiday, so all would be left out. Nothing was set up. "
                "Choose another date, or to pay on the next working day."
            )
        )
    return schedule


def _ever_pays(schedule: Schedule) -> bool:
    """Whether any of its first dates, of a year of weeks, is a working day as far as the calendar is known."""
    dues = [due for nth in range(53) if (due := schedule.due_on(nth)) is not None]
    calendar = calendar_of(dues[0], dues[-1])
    return any(map(calendar.is_working_day, dues))


def _meant(order: StandingOrder) -> tuple[Any, ...]:
    asked = order.from_account_id, order.payee_key, order.amount, order.note, order.day_off
    return *asked, order.schedule


def bound_to(order: StandingOrder, *, operation: str = OPERATION, by: User | None = None) -> dict[str, Any]:
    """What a proof for this order is bound to: every term of it. The SMS says how often, beside amount and payee, in
    the language of its owner, or of `by` who signs for them.
    """
    terms = (order.cadence, order.starts_on, order.day, order.times, order.until, order.day_off)
    with translation.override((by or order.owner).language):
        often = order.get_cadence_display().lower()
    return {
        "operation": operation,
        "subject": f"standing/{order.public_id}/" + "/".join(str(term or "") for term in terms),
        "amount": order.amount,
        "payee": f"{order.payee_name}, {order.payee_address}, {often}"[:160],
    }


def challenge_order(*, order: StandingOrder, by: User, at: datetime, method: str = "") -> StepUpChallenge:
    """Ask the owner to prove that it is them, for exactly these terms. Raises NotFound, IllegalMove, TooSoon."""
    _require_theirs(order, by)
    _require_waiting(order, at)
    row = people.challenge(user=by, at=at, method=method, **bound_to(order))
    StandingOrder.objects.filter(pk=order.pk).update(challenge=row.pk)
    order.challenge = row.pk
    return row


@transaction.atomic
def confirm_order(*, order: StandingOrder, challenge_id: Any, by: User, at: datetime) -> StandingOrder:
    """Let it pay from now on, without another proof. One that was confirmed before is returned as it is.

    Raises NotFound, IllegalMove, PaymentExpired, StepUpRequired.
    """
    order = _locked(order, by)
    if order.confirmed_at is not None:
        return order
    _require_waiting(order, at)
    people.use(challenge_id=challenge_id, user=by, at=at, **bound_to(order))
    return put_in_force(order, by, at)


@transaction.atomic
def pause_order(*, order: StandingOrder, by: User, at: datetime) -> StandingOrder:
    """Pay nothing until it is resumed; dates go by unpaid. Raises NotFound, IllegalMove."""
    order = _locked(order, by)
    ORDER.make(order, OrderStatus.PAUSED, next_try_at=None)
    _record("paused", order, by, at)
    return order


@transaction.atomic
def resume_order(*, order: StandingOrder, by: User, at: datetime) -> StandingOrder:
    """Go on with the next date that is paid from tomorrow on: what went by is not made up for.

    Raises NotFound, IllegalMove.
    """
    order = _locked(order, by)
    if order.status != OrderStatus.PAUSED:
        raise IllegalMove(_("Only a paused order can be resumed. Nothing was changed."))
    _leave_out_tries(order)
    nth, has_gone_by = order.nth, _gone_by(order, local_date(at))
    while (due := order.schedule.due_on(nth)) is not None and has_gone_by(due):
        nth += 1
    if due is None:
        return end_order(order, OrderStatus.DONE, at)
    ORDER.make(order, OrderStatus.ACTIVE, nth=nth, next_due_on=due)
    _record("resumed", order, by, at)
    return order


@transaction.atomic
def skip_next(*, order: StandingOrder, due_on: date, by: User, at: datetime) -> StandingOrder:
    """Leave the next date out. `due_on` says which, so that asking twice skips one. Raises NotFound, IllegalMove."""
    return leave_out(_locked(order, by), due_on, by, at)


@transaction.atomic
def cancel_order(*, order: StandingOrder, by: User, at: datetime) -> StandingOrder:
    """End it for good. What has gone out stays; cancelled again, it stays as it is. Raises NotFound, IllegalMove."""
    order = _locked(order, by)
    return order if order.status == OrderStatus.CANCELLED else close_order(order, by, at)


@transaction.atomic
def note_order(*, order: StandingOrder, note: str, by: User, at: datetime) -> StandingOrder:
    """Change the words that go with each payment: nothing else of a proven order changes. Raises NotFound."""
    order = _locked(order, by)
    before, order.note = order.note, tidy(note)
    if before != order.note:
        order.save(update_fields=["note"])
        _record("noted", order, by, at)
    return order


def put_in_force(order: StandingOrder, by: User, at: datetime) -> StandingOrder:
    """It was proven, by its owner or by who signs for them; within the caller's transaction and its lock."""
    ORDER.make(order, OrderStatus.ACTIVE, confirmed_at=at)
    _record("confirmed", order, by, at)
    events.publish(StandingOrderConfirmed(order_id=order.pk, owner_id=order.owner_id))
    return order


def leave_out(order: StandingOrder, due_on: date, by: User, at: datetime) -> StandingOrder:
    """The next date, once; within the caller's transaction and its lock. Raises IllegalMove."""
    if order.status not in {OrderStatus.ACTIVE, OrderStatus.PAUSED}:
        raise IllegalMove(_("This order is over. Nothing was changed."))
    if order.next_due_on != due_on:
        if order.runs.filter(due_on=due_on, status=RunStatus.SKIPPED).exists():
            return order
        raise IllegalMove(_("That is not the next date any more. Look at the order again."))
    run = {"status": RunStatus.SKIPPED, "because": "", "tried_at": at}
    StandingOrderRun.objects.update_or_create(
        order=order, due_on=due_on, defaults=run, create_defaults=run | {"created_at": at}
    )
    _record("skipped", order, by, at, due_on=str(due_on))
    return move_on(order, at)


def close_order(order: StandingOrder, by: User, at: datetime) -> StandingOrder:
    """Somebody ended it; within the caller's transaction and its lock. Raises IllegalMove for what is over."""
    _leave_out_tries(order)
    ORDER.make(order, OrderStatus.CANCELLED, next_due_on=None, next_try_at=None, ended_at=at)
    _record("cancelled", order, by, at)
    return order


def move_on(order: StandingOrder, at: datetime) -> StandingOrder:
    """To the next date, or to the end after the last one; within the caller's transaction and its lock."""
    due = order.schedule.due_on(order.nth + 1)
    if due is None:
        return end_order(order, OrderStatus.DONE, at)
    StandingOrder.objects.filter(pk=order.pk).update(nth=order.nth + 1, next_due_on=due, next_try_at=None)
    order.nth, order.next_due_on, order.next_try_at = order.nth + 1, due, None
    return order


def end_order(order: StandingOrder, status: OrderStatus, at: datetime) -> StandingOrder:
    """No date is left, or none can be paid any more; within the caller's transaction and its lock."""
    ORDER.make(order, status, next_due_on=None, next_try_at=None, ended_at=at)
    _record("ended", order, order.owner, at)
    events.publish(StandingOrderEnded(order_id=order.pk, owner_id=order.owner_id))
    return order


def _gone_by(order: StandingOrder, today: date) -> Callable[[date], bool]:
    """Whether the day of an order's date is here or over: of one that moves, the working day it is paid on."""
    calendar = calendar_of(order.next_due_on or today, today)

    def has_gone_by(due: date) -> bool:
        paid_on = calendar.working_day_from(due) if order.day_off == DayOff.NEXT and due <= today else due
        return paid_on <= today

    return has_gone_by


def _leave_out_tries(order: StandingOrder) -> None:
    """A date that waited for another try gets none any more."""
    StandingOrderRun.objects.filter(order=order, status=RunStatus.WAITING).update(status=RunStatus.SKIPPED)


def _record(verb: str, order: StandingOrder, by: User, at: datetime, **more: str) -> None:
    facts = {
        "amount": str(order.amount),
        "to": order.payee_address,
        "cadence": order.cadence,
        "next": order.next_due_on,
    }
    audit_trail.record(f"payments.standing_order.{verb}", on=order, by=by, at=at, after=facts | more)


def _require_waiting(order: StandingOrder, at: datetime) -> None:
    if order.status != OrderStatus.AWAITING_CONFIRMATION:
        raise IllegalMove(_("This order no longer waits for you."))
    if order.expires_at <= at:
        raise PaymentExpired(_("You did not confirm in time, so nothing was set up. Start again."))


def _require_theirs(order: StandingOrder, who: User) -> None:
    if order.owner_id != who.pk or not who.is_active:
        raise NotFound(_("There is no such standing order, or it is not yours."))


def _locked(order: StandingOrder, who: User) -> StandingOrder:
    _require_theirs(order, who)
    rows = StandingOrder.objects.select_for_update(of=("self",))
    return rows.select_related("owner", "from_account", "to_account").get(pk=order.pk)
