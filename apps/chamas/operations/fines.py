"""Fines: given by rule, paid, appealed, and kept or waived as the group decides."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.chamas import policies
from apps.chamas.acts import Facts
from apps.chamas.errors import AlreadyDone, Invalid
from apps.chamas.events import FineAppealed, FineGiven
from apps.chamas.models import ChamaGroup, Fine, FineStatus, FineWhy, GroupStatus, Membership, PaidBy, PayIn
from apps.chamas.operations import asked, books
from apps.chamas.operations.contribute import pay_in
from apps.chamas.operations.propose import in_force
from apps.chamas.policies import NOT_THERE
from apps.chamas.states import FINE
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.errors import NotFound
from apps.kernel.money import Money
from apps.users.models import User


@transaction.atomic
def give_fine(*, member: Membership, why: str, cause: str, by: User, at: datetime, name: str = "") -> Fine:
    """Fine a member by a rule in force: ABSENT, or NAMED by the group's own word; LATE comes by itself.

    `cause` says what for (`meeting/7`), and nothing is fined twice. An officer does it, or the bank for a meeting that
    was held. Raises NotFound, NotAllowed, Invalid for what the rules do not fine, AlreadyDone.
    """
    group = books.kept_open(member.group)
    if not by.is_service:
        policies.require_officer(by, group)
    terms = in_force(group).terms
    known = {FineWhy.ABSENT: terms.absent_fine_minor, FineWhy.NAMED: terms.other_fines.get(name, 0)}
    minor = known.get(FineWhy(why), 0) if why in FineWhy.values else 0
    if not minor or not cause.strip():
        raise Invalid(_("The group's rules know no such fine. Nothing was done."), errors={"why": ["no_such_rule"]})
    if member.status != "ACTIVE":
        raise NotFound(NOT_THERE)
    fine = Fine(
        group=group,
        member=member,
        why=why,
        name=name,
        cause=cause.strip()[:80],
        amount_minor=minor,
        currency=group.currency,
        given_at=at,
        due_on=local_date(at),
        given_by=by,
    )
    try:
        with transaction.atomic():
            fine.save()
    except IntegrityError as no:
        raise AlreadyDone(_("They were fined for this already. Nothing was done.")) from no
    _record("given", fine, by, at)
    events.publish(FineGiven(group_id=group.pk, fine_id=fine.pk))
    return fine


@transaction.atomic
def pay_fine(*, fine: Fine, key: str, by: User, at: datetime, amount: Money | None = None) -> PayIn:
    """Pay a fine, or a part, from one's account; once per `key`. A payment into the group pays fines as well.

    Raises NotFound, Invalid, AlreadyDone, and what posting raises.
    """
    member = Membership.objects.select_related("group", "user", "account__owner").get(pk=fine.member_id)
    if member.user_id != by.pk:
        raise NotFound(NOT_THERE)
    earlier = PayIn.objects.filter(member=member, key=key[:120]).first()
    if earlier is not None:
        return earlier
    fine.refresh_from_db()
    if fine.status != FineStatus.OPEN:
        raise AlreadyDone(_("This fine is not to be paid now. No money moved."))
    sent = amount or Money(fine.open_minor, fine.currency)
    return pay_in(
        member=member, amount=sent, key=key, source=PaidBy.WALLET, payer=member.account, by=by, at=at, only=fine
    )


@transaction.atomic
def appeal(*, fine: Fine, says: str, by: User, at: datetime) -> Fine:
    """Ask the group to look at a fine again, once; it is not due until they decide. Raises NotFound, AlreadyDone."""
    held = Fine.objects.select_for_update(no_key=True, of=("self",)).select_related("member").get(pk=fine.pk)
    if held.member.user_id != by.pk:
        raise NotFound(NOT_THERE)
    if held.appealed_at is not None:
        raise AlreadyDone(_("The group has looked at this fine, or does now. Nothing was done."))
    words = " ".join(says.split())
    if not 1 <= len(words) <= 280:
        raise Invalid(_("Write in a few words why. Nothing was done."), errors={"says": ["length"]})
    FINE.make(held, FineStatus.APPEALED, appeal=words, appealed_at=at)
    _record("appealed", held, by, at)
    events.publish(FineAppealed(group_id=held.group_id, fine_id=held.pk))
    return held


def _record(verb: str, fine: Fine, by: User, at: datetime) -> None:
    facts = {"why": fine.why, "cause": fine.cause, "amount": str(fine.amount)}
    audit_trail.record(f"chamas.fine.{verb}", on=fine, by=by, at=at, after=facts, customer=fine.member.user)


# ---- what the group decides ----


def read_fine(group: ChamaGroup, facts: Facts) -> dict[str, Any]:
    """`fine`, and for an appeal `keep`. Raises Invalid, NotFound, AlreadyDone."""
    fine = asked.row(Fine.objects.all(), facts, "fine", group=group)
    if fine.status not in (FineStatus.OPEN, FineStatus.APPEALED):
        raise AlreadyDone(_("This fine is over. Nothing was done."))
    keep = facts.get("keep") is True
    if keep and fine.status == FineStatus.OPEN:
        raise AlreadyDone(_("This fine stands already: nobody asked the group to look at it again. Nothing was done."))
    return {"fine": fine.pk, "keep": keep}


def concerns_fine(group: ChamaGroup, facts: Facts) -> set[int]:
    """Who was fined."""
    return {asked.row(Fine.objects.all(), facts, "fine", group=group).member_id}


def describe_fine(group: ChamaGroup, facts: Facts) -> str:
    """Who, how much, and what becomes of it."""
    fine = asked.row(Fine.objects.select_related("member__user"), facts, "fine", group=group)
    text = (
        _("Keep the fine of %(amount)s for %(who)s")
        if facts.get("keep")
        else _("Waive the fine of %(amount)s for %(who)s")
    )
    return str(text % {"amount": fine.amount, "who": asked.called(fine.member)})


@transaction.atomic
def decide_fine(group: ChamaGroup, facts: Facts, *, key: str, by: User, at: datetime) -> str:
    """Keep a fine (then it is due again, without another appeal), or waive what is unpaid of it. Raises IllegalMove."""
    held = books.locked(group)
    if held.status != GroupStatus.ACTIVE:
        raise AlreadyDone(_("The group is closed. Nothing was done."))
    rows = Fine.objects.select_for_update(no_key=True, of=("self",)).select_related("member__user")
    fine = asked.row(rows, facts, "fine", group=held)
    if facts.get("keep"):
        FINE.make(fine, FineStatus.OPEN, decided_at=at)
    else:
        FINE.make(fine, FineStatus.WAIVED, decided_at=at, over_at=at)
    _record("kept" if facts.get("keep") else "waived", fine, by, at)
    return f"F{fine.pk}"
