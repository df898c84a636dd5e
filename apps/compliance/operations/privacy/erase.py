"""Close and erase: what may go goes once two people agree, the rest on the day the law's time is over.

Books and audit trail stay, true and sealed as they were: they name a person by a number, and that number's name goes.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.audit_trail import operations as audit_trail
from apps.compliance import policies
from apps.compliance.errors import DataHeld, ReasonNeeded, StillInUse
from apps.compliance.events import PersonErased
from apps.compliance.models import Case, DataRequest, Erasure, LegalHold, RequestKind, RequestStatus
from apps.compliance.operations.privacy import consent, retention
from apps.compliance.operations.privacy import request as requests
from apps.compliance.operations.privacy.hold import held_people
from apps.compliance.states import DATA_REQUEST
from apps.kernel import approvals, events, personal
from apps.kernel.clock import day_in_words, local_date
from apps.kernel.errors import IllegalMove
from apps.kernel.models import Approval
from apps.lending.models import Guarantee, Loan, LoanStatus
from apps.users import operations as users
from apps.users.acts import act
from apps.users.models import BusinessMember, User
from apps.users.queries import system_user

ERASE = "privacy.erase_person"
OPERATION = act("privacy.erase", _("close your profile and erase your data"))
AT_ONCE = 500  # people erased in one transaction
RECORD = "CUSTOMER_RECORD"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What erasure means for one person: what is in the way, when the relation ended, and until when the rest stays."""

    accounts: tuple[str, ...]
    loans: tuple[str, ...]
    guarantees: int
    businesses: int
    ended_on: date
    due_on: date
    law: str

    @property
    def is_free(self) -> bool:
        """Whether nothing is in the way."""
        return not (self.accounts or self.loans or self.guarantees or self.businesses)


def outlook(user: User, *, at: datetime) -> Outlook:
    """What is in the way of a person's erasure, and the days that follow from it. Who never had an account has no
    relation whose records the law keeps: theirs is due at once.
    """
    held = Account.objects.filter(owner=user)
    loans = Loan.objects.filter(borrower=user)
    rule, today = retention.in_force()[RECORD], local_date(at)
    kept = timedelta(days=rule.keep_days if held.exists() or loans.exists() else 0)
    accounts = tuple(held.exclude(status="CLOSED").order_by("pk").values_list("number", flat=True))
    open_loans = tuple(loans.exclude(status__in=_OVER).order_by("pk").values_list("reference", flat=True))
    last = held.aggregate(last=Max("closed_at"))["last"]
    over = loans.aggregate(last=Max("over_at"))["last"]
    ended = max((local_date(day) for day in (last, over) if day), default=today)
    if accounts or open_loans:
        ended = today  # at the earliest
    return Outlook(
        accounts=accounts,
        loans=open_loans,
        guarantees=Guarantee.objects.filter(guarantor=user, status__in=["ASKED", "GIVEN"]).count(),
        businesses=BusinessMember.objects.filter(user=user, left_at=None, business__closed_at=None).count(),
        ended_on=ended,
        due_on=ended + kept,
        law=rule.law,
    )


_OVER = (LoanStatus.PAID, LoanStatus.WRITTEN_OFF, LoanStatus.REJECTED, LoanStatus.CANCELLED)


def _require_free(user: User, at: datetime) -> Outlook:
    found = outlook(user, at=at)
    if not found.is_free:
        raise StillInUse(
            _("You still have accounts, loans, guarantees or a business here. Close them first. Nothing was changed."),
            open={"accounts": [f"•••{number[-4:]}" for number in found.accounts], "loans": list(found.loans),
                  "guarantees": found.guarantees, "businesses": found.businesses},
        )  # fmt: skip
    return found


def subject_of(user: User) -> str:
    """What a proof for erasure is bound to."""
    return f"privacy/erase/{user.pk}"


@transaction.atomic
def ask_erasure(*, user: User, reason: str, challenge_id: Any, at: datetime) -> DataRequest:
    """Ask to be closed and erased, with proof that it is them. Consents are withdrawn at once; the rest is decided.

    Raises NotAllowed, StepUpRequired, StillInUse with what is open, AskedAlready.
    """
    _require_free(user, at)
    row = requests.open_request(user=user, kind=RequestKind.ERASURE, reason=reason, at=at)
    users.use(challenge_id=challenge_id, user=user, operation=OPERATION, subject=subject_of(user), at=at)
    consent.withdraw_all(user=user, channel="PORTAL", at=at)
    return row


def _require_no_hold(user: User, at: datetime) -> None:
    if LegalHold.objects.standing(local_date(at)).filter(user=user).exists():
        raise DataHeld(_("A legal hold stands on this person. It must be lifted first. Nothing was changed."))


@transaction.atomic
def accept_erasure(*, request: DataRequest, answer: str, by: User, at: datetime) -> Approval:
    """Agree to it; a second person must allow it, because it cannot be undone.

    Raises NotFound, NotAllowed, ReasonNeeded, StillInUse, DataHeld, IllegalMove.
    """
    policies.require_may_answer(by, request)
    if request.kind != RequestKind.ERASURE:
        raise IllegalMove(_("This is not a request to be erased. Nothing was changed."))
    if not answer.strip():
        raise ReasonNeeded(_("Say what you checked: the person and your colleague read it."))
    found = _require_free(request.user, at)
    _require_no_hold(request.user, at)
    DATA_REQUEST.make(request, RequestStatus.WAITING, maker=by)
    return approvals.ask(
        kind=ERASE,
        subject=f"privacy/{request.pk}",
        payload={"request": request.pk, "answer": answer.strip()[:1000]},
        before={"person": request.user_id, "request": request.reference},
        after={"erased_on": found.due_on.isoformat(), "law": found.law},
        reason=answer,
        by=by,
        at=at,
    )


@transaction.atomic
def run_erasure(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """What an approved request does: the profile closes, what may go goes, a day is set for the rest.

    Raises StillInUse, DataHeld; then nothing is changed.
    """
    request = DataRequest.objects.select_related("user").get(pk=payload["request"])
    user = User.objects.select_for_update(of=("self",)).get(pk=request.user_id)
    found = _require_free(user, at)
    _require_no_hold(user, at)
    # Said while there is still somebody to say it to, and before anything goes.
    with translation.override(user.language):
        words = gettext("%(answer)s What the law keeps is erased on %(day)s.")
    told = words % {"answer": payload["answer"], "day": day_in_words(found.due_on, user.language)}
    requests.answer(request, RequestStatus.DONE, told, by=checker, at=at, erased_on=found.due_on)
    users.close_for_good(person=user, reason=request.reference, by=checker, at=at)
    # An open case is nothing that whoever reads this may know of: what it may ask for goes with the rest, in silence.
    is_held = Case.objects.live().filter(subject=user).exists()
    gone = {
        step.code: 0 if is_held and step.tells_of_them else step.act([user.pk], at)
        for step in personal.steps(at_once=True)
    }
    Erasure.objects.create(
        user=user, request=request, asked_by=maker, allowed_by=checker, decided_at=at, ended_on=found.ended_on,
        due_on=found.due_on, law=found.law, gone_at_once=gone,
    )  # fmt: skip
    audit_trail.record("privacy.person.closed", on=user, by=checker, at=at, after={"due_on": found.due_on, **gone})
    return {"due_on": found.due_on.isoformat(), **gone}


def erase_due(*, at: datetime) -> int:
    """Erase everybody whose day has come and on whom nothing holds, a few hundred to a transaction.

    Safe to run twice and at once; returns how many people.
    """
    done = 0
    while some := _erase_some(at):
        done += some
    return done


@transaction.atomic
def _erase_some(at: datetime) -> int:
    today = local_date(at)
    due = Erasure.objects.filter(erased_at=None, due_on__lte=today).exclude(user_id__in=held_people(today))
    chosen = list(due.order_by("user_id").values_list("user_id", flat=True)[:AT_ONCE])
    list(User.objects.select_for_update(of=("self",)).filter(pk__in=chosen).order_by("pk").values_list("pk"))
    # A hold that was set while we waited for the rows counts: it is asked again, now that nobody can set another.
    people = list(due.filter(user_id__in=chosen).order_by("user_id").values_list("user_id", flat=True))
    if not people:
        return 0
    waited = [step for step in personal.steps(at_once=True) if step.tells_of_them]
    gone = {step.code: step.act(people, at) for step in [*waited, *personal.steps(at_once=False)]}
    Erasure.objects.filter(user_id__in=people).update(erased_at=at, gone_at_last=gone)
    bank = system_user()
    for user in User.objects.filter(pk__in=people).only("pk", "is_staff"):
        audit_trail.record("privacy.person.erased", on=user, by=bank, at=at)
        events.publish(PersonErased(user_id=user.pk))
    return len(people)
