"""Letters: made once for each kind and case with the figures of the day, kept as they were sent, sealed."""

from datetime import date, datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.credit_scoring import operations as scoring
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.lending import contact, owed
from apps.lending.errors import BadTerm, TooEarly
from apps.lending.events import LetterSent
from apps.lending.models import (
    CollectionCase,
    CollectionLetter,
    ContactedAs,
    ContactKind,
    Did,
    Guarantee,
    Instalment,
    LetterKind,
    LoanStatus,
)
from apps.lending.operations.collections.log import lock_person, locked, write
from apps.lending.operations.collections.promise import figures_on
from apps.lending.operations.collections.stages import has_reached
from apps.users.models import User


@transaction.atomic
def send_letter(
    *, case: CollectionCase, kind: str, person: User | None = None, by: User, at: datetime
) -> CollectionLetter:
    """Make a letter to the borrower, or the notice to a guarantor; the one that was sent before is answered as it is.

    The notice before a listing starts the days the bureau's rule asks for, and is never sent for small debts; a
    guarantor is told once the ladder is that far. Raises NotAllowed, BadTerm, TooEarly, NotListable, ContactRefused,
    IllegalMove.
    """
    person = person or case.loan.borrower
    lock_person(person)
    row = locked(case, by=by)
    earlier = CollectionLetter.objects.filter(case=row, kind=kind, to=person).first()
    if earlier:
        return earlier
    as_whom = _as_whom(row, kind, person)
    contact.require_allowed(ContactKind.LETTER, person, at)
    facts = _figures(row, at)
    effect = _effect(row, kind, facts["owed"], by, at)
    paper = _paper(row, kind, person, facts | {"effect": effect}, at)
    letter = CollectionLetter.objects.create(
        case=row,
        kind=kind,
        to=person,
        language=person.language,
        currency=row.loan.currency,
        owed_minor=facts["owed"].minor,
        arrears_minor=facts["arrears"].minor,
        days_late=row.loan.days_past_due,
        takes_effect_on=effect,
        paper=paper,
        seal=sha256(paper).hexdigest(),
        made_by=by,
        made_at=at,
    )
    write(
        row,
        Did.LETTER,
        by=by,
        at=at,
        contacted=person,
        contacted_as=as_whom,
        kind=kind,
        letter=letter.pk,
        seal=letter.seal,
    )
    events.publish(LetterSent(letter_id=letter.pk, loan_id=row.loan_id, to_id=person.pk, kind=kind))
    return letter


def _as_whom(case: CollectionCase, kind: str, person: User) -> str:
    if kind not in LetterKind.values:
        raise BadTerm(_("Choose which letter. Nothing was sent."))
    if kind != LetterKind.GUARANTOR:
        if person.pk != case.loan.borrower_id:
            raise BadTerm(_("This letter goes to the borrower alone. Nothing was sent."))
        return ContactedAs.BORROWER
    if not Guarantee.objects.given().filter(loan_id=case.loan_id, guarantor=person).exists():
        raise BadTerm(_("They do not stand for this loan. Nothing was sent."))
    require_legal(case)
    return ContactedAs.GUARANTOR


def require_legal(case: CollectionCase) -> None:
    """Raises TooEarly before the ladder is at the stage of guarantors; a loan written off is beyond it."""
    if case.loan.status == LoanStatus.ACTIVE and not has_reached(case.loan.days_past_due, "LEGAL", case.opened_on):
        raise TooEarly(_("Guarantors are told and called only once the loan is that late. Nothing was done."))


def _figures(case: CollectionCase, at: datetime) -> dict[str, Money]:
    loan = case.loan
    rows = list(Instalment.objects.current().filter(loan=loan).order_by("number"))
    whole = owed.payoff(loan, rows, at).total
    late = whole if loan.status == LoanStatus.WRITTEN_OFF else owed.due(loan, rows, local_date(at))
    return {"owed": whole, "arrears": late}


def _effect(case: CollectionCase, kind: str, whole: Money, by: User, at: datetime) -> date | None:
    if kind == LetterKind.LISTING:
        borrower, reference = case.loan.borrower, f"loan/{case.loan_id}"
        notice = scoring.give_listing_notice(user=borrower, loan_reference=reference, owed=whole, by=by, at=at)
        listed_from: date = notice.list_from
        return listed_from
    if kind == LetterKind.GUARANTOR:
        today = local_date(at)
        return today + timedelta(days=figures_on(today).guarantor_notice_days)
    return None


def _paper(case: CollectionCase, kind: str, person: User, facts: dict[str, object], at: datetime) -> bytes:
    from weasyprint import HTML

    told = {"case": case, "loan": case.loan, "kind": kind, "person": person, "at": at, "language": person.language}
    with translation.override(person.language):
        page = render_to_string("messages/lending/letter.html", told | facts)
        return bytes(HTML(string=page, base_url=str(settings.ROOT)).write_pdf())
