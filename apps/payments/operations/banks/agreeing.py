"""A customer answers another bank that wants its transfer back: sends it with a proof, or keeps it.

A business answers as it pays: as many as its mandate asks for the amount each agree with a proof of their own, and with
the last of them it goes; any one whom the mandate names keeps it.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts import mandates
from apps.accounts import operations as accounts
from apps.accounts.errors import NoMandate
from apps.accounts.models import TransactionType
from apps.audit_trail import operations as audit_trail
from apps.kernel import live
from apps.kernel.errors import NotFound
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.payments.errors import AnsweredAlready, NotASignatory
from apps.payments.models import AskedBack, AskedBackSignature, AskedBackStatus, IncomingTransfer
from apps.payments.operations.banks.asked_back import AT_THEIR_WISH, refuse
from apps.payments.operations.banks.placing import locked
from apps.payments.operations.banks.returning import begin_return
from apps.payments.states import ASKED_BACK
from apps.users import operations as people
from apps.users.models import BusinessProfile, StepUpChallenge, User
from apps.users.operations.businesses import locked as locked_business
from apps.users.policies import role_in
from apps.users.queries import behind, business_of

OPERATION = "payments.send_back"
NO = "CUST"


def bound_to(asked: AskedBack) -> dict[str, Any]:
    """What a proof for sending this back is bound to."""
    row: Any = asked.incoming
    return {
        "operation": OPERATION,
        "subject": f"asked-back/{asked.public_id}",
        "amount": row.amount,
        "payee": f"{row.payer_name} {row.payer_bank}"[:160],
    }


def challenge_sending_back(*, asked: AskedBack, by: User, at: datetime, method: str = "") -> StepUpChallenge:
    """Ask the customer, or one who signs for them, to prove that it is them who agrees; before the proof that sends it,
    only when the account could give it now.

    Raises NotFound, NotASignatory, NoMandate, TooFewSign, AnsweredAlready, TooSoon, and with no code sent
    InsufficientFunds, AccountClosed, AccountNotActive.
    """
    _require_theirs(asked, by)
    _require_open(asked, at)
    signs = _require_signs(asked, by)
    if signs is None or asked.signatures.filter(user__in=signs.signers).exclude(user=by).count() + 1 >= signs.needed:
        row: Any = asked.incoming
        accounts.require_could_leave(
            account=_account(asked), amounts=[row.amount], cost=Money.zero(row.currency), limited=False, at=at
        )
    challenge = people.challenge(user=by, at=at, method=method, **bound_to(asked))
    AskedBack.objects.filter(pk=asked.pk).update(challenge=challenge.pk)
    asked.challenge = challenge.pk
    return challenge


@transaction.atomic
def send_back(*, asked: AskedBack, challenge_id: Any, by: User, at: datetime) -> AskedBack:
    """Agree: the money leaves the account at once, and a worker sends it. Of a business it leaves with the last
    signature that is needed; until then it stays ASKED. Agreed before, it is returned as it is. Signatures of those who
    do not sign for the business any more do not count.

    Raises NotFound, NotASignatory, NoMandate, TooFewSign, AnsweredAlready, StepUpRequired, InsufficientFunds,
    AccountNotActive; then nothing moved, and this signature was not given.
    """
    row, asked, _business = _held(asked, by)
    if asked.status == AskedBackStatus.AGREED or asked.signatures.filter(user=by).exists():
        return asked
    _require_open(asked, at)
    signs = _require_signs(asked, by)
    people.use(challenge_id=challenge_id, user=by, at=at, **bound_to(asked))
    if signs is None or _is_last(asked, signs, by, at):
        _send(row, asked, by, at)
    _tell(asked)
    return asked


def _is_last(asked: AskedBack, signs: mandates.Asked, by: User, at: datetime) -> bool:
    """Whether this signature is the last that the mandate needs."""
    AskedBackSignature.objects.create(asked=asked, user=by, at=at)
    audit_trail.record("payments.incoming.signed_back", on=asked, by=by, at=at, customer=_account(asked).owner)
    return asked.signatures.filter(user__in=signs.signers).count() >= signs.needed


def _send(row: IncomingTransfer, asked: AskedBack, by: User, at: datetime) -> None:
    with translation.override(by.language):
        words = gettext("Sent back to %(who)s") % {"who": row.payer_name}
    accounts.post(
        reference=f"incoming/asked/{asked.public_id}",
        kind=TransactionType.REVERSAL,
        narrative=f"Going back to another bank {row.reference}",
        movements=[accounts.out_of(_account(asked), row.amount, words, counterparty=row.payer_name)],
        legs=[ledger.credit(ledger.gl("suspense:receipts", row.currency), row.amount)],
        receipt=row.reference,
        at=at,
    )
    ASKED_BACK.make(asked, AskedBackStatus.AGREED, answered_at=at)
    begin_return(row, reason=AT_THEIR_WISH, by=by, at=at)


@transaction.atomic
def keep(*, asked: AskedBack, by: User, at: datetime) -> AskedBack:
    """Say no; no money moves. Refused before, it is returned as it is.

    Raises NotFound, NotASignatory, NoMandate, AnsweredAlready.
    """
    _row, asked, business = _held(asked, by)
    if asked.status == AskedBackStatus.REFUSED:
        return asked
    _require_open(asked, at)
    if business is not None:
        _require_named(by, mandates.signing_of(business))
    refuse(asked, NO, by, at)
    _tell(asked)
    return asked


def _held(asked: AskedBack, by: User) -> tuple[IncomingTransfer, AskedBack, BusinessProfile | None]:
    """The business, so that its members and its mandate stay; then the transfer, then the wish, as everywhere."""
    business = _require_theirs(asked, by)
    if business is not None:
        locked_business(business)
    row = locked(asked.incoming_id or 0)
    rows = AskedBack.objects.select_for_update(of=("self",)).select_related("incoming__account__owner")
    return row, rows.get(pk=asked.pk), business


def _account(asked: AskedBack) -> Any:
    return asked.incoming.account if asked.incoming else None


def _require_theirs(asked: AskedBack, by: User) -> BusinessProfile | None:
    """None of one's own, the business of one's business. Raises NotFound."""
    account = _account(asked)
    if account is not None and account.owner_id == by.pk:
        return None
    business = business_of(account.owner) if account is not None else None
    if business is None or not by.is_active or role_in(by, business) is None:
        raise NotFound(_("There is nothing here for you. No money moved."))
    return business


def _require_signs(asked: AskedBack, by: User) -> mandates.Asked | None:
    """How many sign this amount, and who; None of one's own money. Raises NotASignatory, NoMandate, TooFewSign."""
    row: Any = asked.incoming  # what is asked for came, and has an account: see `_require_theirs`
    if row.account.owner_id == by.pk:
        return None
    signs = mandates.asked_for(row.account, row.amount)
    _require_named(by, signs)
    return signs


def _require_named(by: User, signs: mandates.Asked | mandates.Signing | None) -> None:
    if signs is None:
        raise NoMandate(_("Nobody has said who may pay from this account. No money moved. Set a mandate first."))
    if by not in signs.signers:
        raise NotASignatory(_("The mandate does not name you. Nothing was done."))


def _require_open(asked: AskedBack, at: datetime) -> None:
    if asked.status != AskedBackStatus.ASKED or asked.due_at <= at:
        raise AnsweredAlready(_("The other bank has its answer already. Nothing was changed."))


def _tell(asked: AskedBack) -> None:
    """Whoever has the page open sees where it stands."""
    owner = _account(asked).owner
    business = business_of(owner)
    for person in mandates.may_be_named(business) if business else behind(owner):
        live.tell(person.pk)
