"""Rounds of the merry-go-round: started, ordered (fixed, drawn, auctioned), and turns swapped by consent."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.chamas import policies
from apps.chamas.errors import AlreadyDone, Invalid, NotYet
from apps.chamas.events import DrawOpened, RoundBegan
from apps.chamas.models import (
    Bid,
    ChamaGroup,
    DrawWord,
    GroupStatus,
    Membership,
    Round,
    RoundStatus,
    Swap,
    SwapStatus,
    Turn,
)
from apps.chamas.operations import books
from apps.chamas.operations.propose import in_force
from apps.chamas.policies import NOT_THERE
from apps.chamas.rules import draw as rules
from apps.chamas.states import ROUND, SWAP
from apps.kernel import events
from apps.kernel.errors import NotFound
from apps.kernel.money import Money
from apps.kernel.sweeps import alone
from apps.users.models import User
from apps.users.queries import system_user

SHORTEST = timedelta(hours=1)  # between the start of a draw and its deadline, for members to add their words
LONGEST = timedelta(days=30)
ANSWER_WITHIN = timedelta(days=3)  # a member who was asked for their turn


@transaction.atomic
def start_round(
    *, group: ChamaGroup, by: User, at: datetime, order: Sequence[int] = (), until: datetime | None = None
) -> Round:
    """Begin a round by the constitution in force, of all members but auditors.

    FIXED takes `order` (ids of members, each once; by number unless given) and runs from the next cycle. DRAWN and
    AUCTIONED take words or bids `until` a deadline; for a draw the bank commits to its seed now. One round at a time.
    Raises NotFound, NotAllowed, GroupNotOpen, Invalid, AlreadyDone.
    """
    held = books.locked(group)
    policies.require_officer(by, held)
    version = in_force(held)
    how = version.terms.rotation
    if held.status != GroupStatus.ACTIVE or how == "NONE":
        raise Invalid(_("The group's rules have no merry-go-round. Nothing was done."), errors={"rotation": ["none"]})
    if Round.objects.filter(group=held).exclude(status=RoundStatus.DONE).exists():
        raise AlreadyDone(_("A round is under way. The next one starts when everybody had a turn."))
    members = list(Membership.objects.voters().filter(group=held).order_by("number"))
    fixed = _fixed(members, order) if how == "FIXED" else []
    if how != "FIXED" and (until is None or not SHORTEST <= until - at <= LONGEST):
        raise Invalid(_("Give members between an hour and 30 days. Nothing was done."), errors={"until": ["bounds"]})
    number = (Round.objects.filter(group=held).aggregate(last=Max("number"))["last"] or 0) + 1
    seed = rules.new_seed() if how == "DRAWN" else ""
    row = Round.objects.create(
        group=held,
        version=version,
        number=number,
        how=how,
        status=RoundStatus.RUNNING if fixed else RoundStatus.ORDERING,
        currency=held.currency,
        seed=seed,
        seed_hash=rules.commitment(seed) if seed else "",
        until=None if fixed else until,
        started_at=at,
        ordered_at=at if fixed else None,
    )
    # While the order is open, turns stand by number: the list of who takes part is fixed, their places are not.
    Turn.objects.bulk_create(
        Turn(round=row, position=place, member=member) for place, member in enumerate(fixed or members, start=1)
    )
    audit_trail.record(
        "chamas.round.started", on=row, by=by, at=at, after={"how": how, "seed_hash": row.seed_hash}, customer=by
    )
    told = RoundBegan if fixed else DrawOpened
    events.publish(told(group_id=held.pk, round_id=row.pk))
    return row


def _fixed(members: list[Membership], order: Sequence[int]) -> list[Membership]:
    if not order:
        return members
    by_id = {member.pk: member for member in members}
    if sorted(order) != sorted(by_id):
        raise Invalid(_("Name every member once. Nothing was done."), errors={"order": ["not_everybody_once"]})
    return [by_id[pk] for pk in order]


@transaction.atomic
def add_word(*, round: Round, word: str, by: User, at: datetime) -> DrawWord:  # the group's own noun
    """Put a word or number into a draw, once, before its deadline. Raises NotFound, Invalid, NotYet, AlreadyDone."""
    held, turn = _open_to(round, "DRAWN", by, at)
    text = " ".join(word.split())
    if not 1 <= len(text) <= 40:
        raise Invalid(_("Write a word or a number of up to 40 signs. Nothing was done."), errors={"word": ["length"]})
    try:
        with transaction.atomic():
            row = DrawWord.objects.create(round=held, member_id=turn.member_id, word=text, at=at)
    except IntegrityError as no:
        raise AlreadyDone(_("Your word is in already; it cannot be changed.")) from no
    audit_trail.record("chamas.round.word_added", on=held, by=by, at=at, after={"word": text}, customer=by)
    return row


@transaction.atomic
def bid(*, round: Round, amount: Money, by: User, at: datetime) -> Bid:
    """Offer to give up so much of the pot for an early turn, once; sealed until the deadline.

    Less than a whole pot without one's own part. Raises NotFound, Invalid, NotYet, AlreadyDone.
    """
    held, turn = _open_to(round, "AUCTIONED", by, at)
    most = held.version.terms.rotation_minor * (held.turns.count() - 1)
    if amount.currency != held.currency or not 0 < amount.minor < most:
        raise Invalid(_("Offer more than zero and less than the pot. Nothing was done."), errors={"amount": ["bounds"]})
    try:
        with transaction.atomic():
            row = Bid.objects.create(
                round=held, member_id=turn.member_id, sealed=str(amount.minor), currency=held.currency, at=at
            )
    except IntegrityError as no:
        raise AlreadyDone(_("Your bid is in already; it cannot be changed.")) from no
    audit_trail.record("chamas.round.bid", on=held, by=by, at=at, customer=by)
    return row


def _open_to(round_: Round, how: str, by: User, at: datetime) -> tuple[Round, Turn]:
    """The round while it takes words or bids, held open, and the turn of who adds one."""
    rows = Round.objects.select_for_update(of=("self",), no_key=True).select_related("group", "version")
    held = rows.get(pk=round_.pk)
    turn = Turn.objects.filter(round=held, member__user_id=by.pk, member__status="ACTIVE").first()
    if turn is None:
        raise NotFound(NOT_THERE)
    if held.how != how or held.status != RoundStatus.ORDERING or held.until is None or held.until <= at:
        raise NotYet(_("The time for this is over. Nothing was done."))
    return held, turn


@transaction.atomic
def order_round(*, round: Round, by: User, at: datetime) -> Round:
    """Draw the order, or open the bids, once the deadline is over; any member may ask for it.

    The order follows from what was committed to and added: doing it again would give the same, and is refused.
    Raises NotFound, NotYet, AlreadyDone.
    """
    rows = Round.objects.select_for_update(of=("self",), no_key=True).select_related("group", "version")
    held = rows.get(pk=round.pk)
    if not by.is_service:
        policies.membership(by, held.group)
    if held.status != RoundStatus.ORDERING:
        raise AlreadyDone(_("The order of this round is known, and stays."))
    if held.until is None or at < held.until:
        raise NotYet(_("Members may add theirs until the deadline. Nothing was done."))
    turns = {turn.member.number: turn for turn in held.turns.select_related("member")}
    for place, (number, discount) in enumerate(_order(held, list(turns)), start=1):
        Turn.objects.filter(pk=turns[number].pk).update(position=place, discount_minor=discount)
    ROUND.make(held, RoundStatus.RUNNING, ordered_at=at, shown_seed=str(held.seed) if held.how == "DRAWN" else "")
    audit_trail.record("chamas.round.ordered", on=held, by=by, at=at, after={"seed": held.shown_seed})
    events.publish(RoundBegan(group_id=held.group_id, round_id=held.pk))
    return held


def _order(held: Round, numbers: list[int]) -> list[tuple[int, int]]:
    """(member's number, discount) from the first turn to the last."""
    if held.how == "DRAWN":
        return [(number, 0) for number in rules.drawn(numbers, str(held.seed), words_of(held))]
    bids = []
    for row in Bid.objects.filter(round=held).select_related("member"):
        minor = int(row.sealed)
        Bid.objects.filter(pk=row.pk).update(opened_minor=minor)
        bids.append(rules.Bid(row.member.number, minor))
    return [(one.number, one.minor) for one in rules.auctioned(numbers, bids)]


def words_of(round_: Round) -> dict[int, str]:
    """What members put into a draw, by their numbers."""
    return dict(DrawWord.objects.filter(round=round_).values_list("member__number", "word"))


def order_due(*, at: datetime) -> int:
    """Order every round whose deadline is over; returns how many."""
    due = list(Round.objects.filter(status=RoundStatus.ORDERING, until__lte=at).order_by("pk"))
    for row in due:
        with alone("round_not_ordered", round=row.pk):
            order_round(round=row, by=system_user(), at=at)
    return len(due)


@transaction.atomic
def ask_swap(*, turn: Turn, other: Turn, by: User, at: datetime) -> Swap:
    """Ask another member for their turn; both must still wait for theirs. It lapses unanswered after three days.

    Raises NotFound, NotYet, AlreadyDone.
    """
    mine, theirs = _both(turn.pk, other.pk)
    lapsed = Swap.objects.filter(asker=mine, status=SwapStatus.ASKED, asked_at__lte=at - ANSWER_WITHIN)
    lapsed.update(status=SwapStatus.LAPSED, answered_at=at)  # no round has come by yet
    if mine.member.user_id != by.pk or theirs.round_id != mine.round_id or mine.pk == theirs.pk:
        raise NotFound(NOT_THERE)
    _require_waiting(mine, theirs)
    try:
        with transaction.atomic():
            row = Swap.objects.create(
                asker=mine, other=theirs, asker_position=mine.position, other_position=theirs.position, asked_at=at
            )
    except IntegrityError as no:
        raise AlreadyDone(
            _("You have asked for a swap already. Nothing was done. Wait for the answer, or take it back.")
        ) from no
    audit_trail.record("chamas.swap.asked", on=mine.round, by=by, at=at, customer=by)
    return row


@transaction.atomic
def take_back_swap(*, swap: Swap, by: User, at: datetime) -> Swap:
    """Its asker wants it no longer, and may ask another; taken back before, it is returned as it is.

    Raises NotFound, IllegalMove when it was answered or lapsed.
    """
    mine, _theirs = _both(swap.asker_id, swap.other_id)
    if mine.member.user_id != by.pk:
        raise NotFound(NOT_THERE)
    swap.refresh_from_db()
    if swap.status != SwapStatus.WITHDRAWN:
        SWAP.make(swap, SwapStatus.WITHDRAWN, answered_at=at)
        audit_trail.record("chamas.swap.withdrawn", on=mine.round, by=by, at=at, customer=by)
    return swap


@transaction.atomic
def lapse_swaps(*, at: datetime) -> int:
    """End what was not answered in three days, so that its asker may ask another; returns how many."""
    late = Swap.objects.filter(status=SwapStatus.ASKED, asked_at__lte=at - ANSWER_WITHIN)
    return late.update(status=SwapStatus.LAPSED, answered_at=at)


@transaction.atomic
def answer_swap(*, swap: Swap, agree: bool, by: User, at: datetime) -> Swap:
    """The other one agrees, and places are exchanged; or not. Raises NotFound, NotYet, IllegalMove."""
    mine, theirs = _both(swap.asker_id, swap.other_id)
    if theirs.member.user_id != by.pk:
        raise NotFound(NOT_THERE)
    if swap.asked_at + ANSWER_WITHIN <= at:
        raise NotYet(_("That was asked more than three days ago and is over. Ask them to ask again. Nothing was done."))
    if not agree:
        SWAP.make(swap, SwapStatus.DECLINED, answered_at=at)
        return swap
    _require_waiting(mine, theirs)
    if (mine.position, theirs.position) != (swap.asker_position, swap.other_position):
        raise NotYet(_("Turns have changed since this was asked. Ask again. Nothing was done."))
    SWAP.make(swap, SwapStatus.DONE, answered_at=at)
    # What was bid for an early turn goes with the turn: who takes it, gives it up.
    for one, place, discount in (
        (mine, theirs.position, theirs.discount_minor),
        (theirs, mine.position, mine.discount_minor),
    ):
        Turn.objects.filter(pk=one.pk).update(position=place, discount_minor=discount)
    places = {"asker": swap.other_position, "other": swap.asker_position}
    audit_trail.record("chamas.swap.done", on=mine.round, by=by, at=at, after=places, customer=mine.member.user)
    return swap


def _both(first: int, second: int) -> tuple[Turn, Turn]:
    """Two turns of one round, the round held against its next cycle."""
    rows = Turn.objects.select_related("member__user", "round")
    found = {row.pk: row for row in rows.filter(pk__in=[first, second])}
    if len(found) < 2 and first != second:
        raise NotFound(NOT_THERE)
    books.locked(found[first].round.group)
    rows = rows.select_for_update(of=("self",), no_key=True).filter(pk__in=[first, second]).order_by("pk")
    held = {row.pk: row for row in rows}
    return held[first], held[second]


def _require_waiting(*turns: Turn) -> None:
    if any(turn.cycle_id is not None or turn.round.status != RoundStatus.RUNNING for turn in turns):
        raise NotYet(_("Only turns whose cycle has not begun can be swapped. Nothing was done."))
