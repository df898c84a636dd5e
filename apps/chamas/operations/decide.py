"""Decisions of a group: proposed by a member, voted on, signed off by two officers, and carried out."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.chamas import acts, policies
from apps.chamas.errors import AlreadySaid, GroupNotOpen, Invalid, NoSay, OwnMatter
from apps.chamas.events import ProposalDecided, ProposalMade
from apps.chamas.models import (
    ChamaGroup,
    GroupRole,
    GroupStatus,
    Membership,
    Proposal,
    ProposalStatus,
    SignOff,
    Vote,
    VoteChoice,
)
from apps.chamas.operations import asked
from apps.chamas.operations.propose import in_force
from apps.chamas.rules import voting
from apps.chamas.states import PROPOSAL
from apps.kernel import events
from apps.kernel.errors import DomainError, NotAllowed, NotFound
from apps.kernel.money import Money
from apps.kernel.sweeps import alone
from apps.users import operations as people
from apps.users.models import StepUpChallenge, User
from apps.users.queries import system_user

TO_BE_DONE = timedelta(days=7)  # after the end of voting, for signatures and for money to come together
MOST_OPEN = 20
OPERATION = "chama.sign_off"
SAID = _("You have said this already, and it counts once.")


@transaction.atomic
def propose(
    *, group: ChamaGroup, act: str, facts: Mapping[str, Any], by: User, at: datetime, key: str, why: str = ""
) -> Proposal:
    """Ask the group for something, once per `key`; by the rules in force now, whatever changes later.

    Raises NotFound, NotAllowed for an auditor, GroupNotOpen, Invalid, and what the act says no to.
    """
    member = policies.membership(by, group)
    if member not in Membership.objects.voters().filter(group=group):
        raise NotAllowed(_("An auditor looks and does not decide. Nothing was done."))
    held = ChamaGroup.objects.select_for_update(no_key=True).get(pk=group.pk)
    made = Proposal.objects.filter(made_by=member, key=key[:120]).first()  # under the lock: the same form twice at once
    if made is not None:
        return made
    if held.status != GroupStatus.ACTIVE:
        raise GroupNotOpen(_("The group has not begun yet, or is closed. Nothing was done."))
    wanted = _known(act)
    if Proposal.objects.filter(group=held, status=ProposalStatus.OPEN).count() >= MOST_OPEN:
        raise Invalid(_("Too many proposals wait for the group. Decide some of them first. Nothing was done."))
    proposal = _written(held, wanted, wanted.read(held, facts), member, why, key, at)
    audit_trail.record("chamas.proposal.made", on=proposal, by=by, at=at, after=_summary(proposal), customer=by)
    events.publish(ProposalMade(group_id=held.pk, proposal_id=proposal.pk))
    return proposal


def _written(
    group: ChamaGroup, act: acts.Act, facts: dict[str, Any], member: Membership, why: str, key: str, at: datetime
) -> Proposal:
    version = in_force(group)
    terms = version.terms
    minor = int(facts.get("minor", 0))
    over = 0 < terms.vote_above_minor < minor
    closes_at = at + timedelta(days=terms.vote_days)
    return Proposal.objects.create(
        group=group,
        act=act.code,
        facts=facts,
        amount_minor=minor,
        why=" ".join(why.split())[:200],
        concerned=sorted(act.concerns(group, facts)),
        version=version,
        is_voted_on=act.votes == "ALWAYS" or over,
        majority_bps=getattr(terms, act.majority),
        sign_offs_needed=terms.sign_offs if act.sign_offs else 0,
        made_by=member,
        key=key[:120],
        made_at=at,
        closes_at=closes_at,
        lapses_at=closes_at + TO_BE_DONE,
    )


@transaction.atomic
def vote(*, proposal: Proposal, choice: str, by: User, at: datetime) -> Proposal:
    """Say yes, no or neither, once. Raises NotFound, NoSay, AlreadySaid, Invalid."""
    if choice not in VoteChoice.values:
        raise Invalid(_("Vote for, against, or abstain. Nothing was done."), errors={"choice": ["unknown"]})
    held = _held(proposal)
    member = policies.membership(by, held.group)
    if not held.is_voted_on:
        raise NoSay(_("Officers decide on this; there is no vote. Nothing was done."))
    if member.role == GroupRole.AUDITOR:
        raise NoSay(_("An auditor looks and does not decide. Nothing was done."))
    if member.pk in held.concerned:
        raise OwnMatter(_("This is about you, so the others decide. Nothing was done."))
    if held.status != ProposalStatus.OPEN or at > held.closes_at:
        raise NoSay(_("Voting on this is over. Nothing was done."))
    _say(Vote(proposal=held, member=member, choice=choice, at=at), "a_member_votes_once")
    audit_trail.record("chamas.proposal.voted", on=held, by=by, at=at, after={"choice": choice}, customer=by)
    return _settle(held, by=by, at=at)


def bound_to(proposal: Proposal) -> dict[str, Any]:
    """What an officer's proof is bound to: this proposal, the money that leaves, and whom it goes to."""
    to = Membership.objects.select_related("user").filter(pk__in=proposal.concerned)
    names = [asked.called(one) for one in to] if len(proposal.concerned) == 1 else []
    if payee := acts.act(proposal.act).payee:
        names = [payee(proposal.group, proposal.facts)]
    return {
        "operation": OPERATION,
        "subject": f"chama-proposals/{proposal.public_id}",
        "amount": Money(proposal.amount_minor, proposal.group.currency),
        "payee": ", ".join([*names, proposal.group.name]),
    }


def challenge_sign_off(*, proposal: Proposal, by: User, at: datetime, method: str = "") -> StepUpChallenge:
    """Ask an officer to prove that it is them who lets the money go.

    Raises NotFound, NotAllowed, NoSay, AlreadySaid, TooSoon, StepUpRequired.
    """
    proposal = Proposal.objects.select_related("group").get(pk=proposal.pk)
    member = _require_signer(proposal, by, at)
    if proposal.sign_offs.filter(member=member).exists():
        raise AlreadySaid(SAID)
    return people.challenge(user=by, at=at, method=method, **bound_to(proposal))


@transaction.atomic
def sign_off(
    *, proposal: Proposal, is_approval: bool, by: User, at: datetime, because: str = "", challenge_id: Any = None
) -> Proposal:
    """Put an officer's name to a proposal, or turn it down with a reason. The last name needed carries it out.

    An approval of money that leaves wants proof, bound to this proposal and its amount. Raises NotFound, NotAllowed,
    NoSay, AlreadySaid, Invalid, StepUpRequired. What cannot be done now stays agreed on, with `because`.
    """
    held = _held(proposal)
    member = _require_signer(held, by, at)
    reason = " ".join(because.split())[:200]
    if not is_approval and not reason:
        raise Invalid(_("Say why, so that the others know. Nothing was done."), errors={"because": ["required"]})
    _say(SignOff(proposal=held, member=member, is_approval=is_approval, because=reason, at=at), "an_officer_signs_once")
    if is_approval and held.amount_minor:
        people.use(challenge_id=challenge_id, user=by, at=at, **bound_to(held))
    action = "chamas.proposal.approved" if is_approval else "chamas.proposal.turned_down"
    audit_trail.record(action, on=held, by=by, at=at, reason=reason, customer=by)
    return _settle(held, by=by, at=at)


def _require_signer(proposal: Proposal, by: User, at: datetime) -> Membership:
    """The officer who may sign this now. Raises NotFound, NotAllowed, NoSay."""
    member = policies.require_officer(by, proposal.group)
    if not proposal.sign_offs_needed:
        raise NoSay(_("The members vote on this; no officer signs it. Nothing was done."))
    if member.pk in proposal.concerned:
        raise OwnMatter(_("This is about you, so another officer must sign it. Nothing was done."))
    if proposal.status != ProposalStatus.OPEN or at > proposal.lapses_at:
        raise NoSay(_("This has been decided, or its time is over. Nothing was done."))
    return member


@transaction.atomic
def carry_out_again(*, proposal: Proposal, by: User, at: datetime) -> Proposal:
    """Try again what was agreed on and could not be done. Raises NotFound, NotAllowed, NoSay, and what stops it."""
    held = _held(proposal)
    policies.require_officer(by, held.group)
    if held.status != ProposalStatus.PASSED or at > held.lapses_at:
        raise NoSay(_("There is nothing to be done here any more."))
    return _carried_out(held, by=by, at=at)


@transaction.atomic
def withdraw_proposal(*, proposal: Proposal, by: User, at: datetime) -> Proposal:
    """Take back what one asked for, before it is done. Raises NotFound, NotAllowed, IllegalMove."""
    held = _held(proposal)
    if held.made_by_id != policies.membership(by, held.group).pk:
        raise NotAllowed(_("Only who proposed this may take it back. Nothing was done."))
    return _end(held, ProposalStatus.WITHDRAWN, by=by, at=at)


def settle_due(*, at: datetime) -> int:
    """End the votes whose time is over, and what lapsed. Returns how many were looked at; safe to run twice."""
    voted = Proposal.objects.filter(status=ProposalStatus.OPEN, is_voted_on=True, closes_at__lt=at)
    late = Proposal.objects.filter(status__in=[ProposalStatus.OPEN, ProposalStatus.PASSED], lapses_at__lt=at)
    ids = sorted({*voted.values_list("pk", flat=True), *late.values_list("pk", flat=True)})
    bank = system_user()
    for one in ids:
        with alone("proposal_not_settled", proposal=one), transaction.atomic():
            held = _held(Proposal(pk=one))  # without the group: what is carried out locks accounts first
            if held.status == ProposalStatus.OPEN:
                held = _settle(held, by=bank, at=at)
            if held.status in (ProposalStatus.OPEN, ProposalStatus.PASSED) and held.lapses_at < at:
                _end(held, ProposalStatus.LAPSED, by=bank, at=at)
    return len(ids)


def tally(proposal: Proposal) -> voting.Tally:
    """The votes of those who are members today and whose own matter it is not."""
    voters = set(
        Membership.objects.voters()
        .filter(group_id=proposal.group_id)
        .exclude(pk__in=proposal.concerned)
        .values_list("pk", flat=True)
    )
    said = [choice for member, choice in proposal.votes.values_list("member_id", "choice") if member in voters]
    return voting.Tally(
        voters=len(voters),
        yes=said.count(VoteChoice.YES),
        no=said.count(VoteChoice.NO),
        abstained=said.count(VoteChoice.ABSTAIN),
    )


def _settle(proposal: Proposal, *, by: User, at: datetime) -> Proposal:
    """Decide when all that is needed is there; the proposal is locked."""
    signed = list(
        proposal.sign_offs.filter(is_approval=True, member__in=Membership.objects.officers()).values_list("pk")
    )
    if proposal.sign_offs.filter(is_approval=False).exists():
        return _end(proposal, ProposalStatus.REJECTED, by=by, at=at)
    if proposal.is_voted_on:
        found = voting.outcome(
            tally(proposal),
            quorum_bps=proposal.version.terms.quorum_bps,
            majority_bps=proposal.majority_bps,
            is_over=at > proposal.closes_at,
        )
        if found in ("FAILED", "NO_QUORUM"):
            status = ProposalStatus.REJECTED if found == "FAILED" else ProposalStatus.LAPSED
            return _end(proposal, status, by=by, at=at)
        if found == "OPEN":
            return proposal
    if len(signed) < proposal.sign_offs_needed:
        return proposal
    try:
        with transaction.atomic():
            return _carried_out(proposal, by=by, at=at)
    except DomainError as no:  # it stays agreed on, and says why it could not be done
        PROPOSAL.make(proposal, ProposalStatus.PASSED, decided_at=at, because=str(no)[:200], reference="")
        audit_trail.record("chamas.proposal.not_done", on=proposal, by=by, at=at, reason=str(no)[:200])
        events.publish(
            ProposalDecided(group_id=proposal.group_id, proposal_id=proposal.pk, status=ProposalStatus.PASSED)
        )
        return proposal


def _carried_out(proposal: Proposal, *, by: User, at: datetime) -> Proposal:
    done = acts.act(proposal.act).carry_out(proposal.group, proposal.facts, key=f"proposal/{proposal.pk}", by=by, at=at)
    return _end(proposal, ProposalStatus.CARRIED_OUT, by=by, at=at, reference=done[:60], because="")


def _end(proposal: Proposal, status: ProposalStatus, *, by: User, at: datetime, **fields: str) -> Proposal:
    PROPOSAL.make(proposal, status, decided_at=at, **fields)
    audit_trail.record("chamas.proposal.decided", on=proposal, by=by, at=at, after={"status": str(status)})
    events.publish(ProposalDecided(group_id=proposal.group_id, proposal_id=proposal.pk, status=str(status)))
    return proposal


def _held(proposal: Proposal) -> Proposal:
    return Proposal.objects.select_for_update(of=("self",)).select_related("group", "version").get(pk=proposal.pk)


def _known(code: str) -> acts.Act:
    try:
        return acts.act(code)
    except LookupError:
        raise NotFound(_("There is nothing of that name that a group can decide. Nothing was done.")) from None


def _say(row: Vote | SignOff, once: str) -> None:
    """Write it down, or say that it was said before. Raises AlreadySaid."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as no:
        if once in str(no):
            raise AlreadySaid(SAID) from no
        raise


def _summary(proposal: Proposal) -> dict[str, Any]:
    return {"act": proposal.act, "minor": proposal.amount_minor, "voted": proposal.is_voted_on}
