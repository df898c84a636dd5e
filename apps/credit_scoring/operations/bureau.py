"""Asking the credit bureau with the customer's consent, and the notice before it is told anything bad."""

from datetime import datetime

import structlog
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.credit_scoring import ports, queries
from apps.credit_scoring.errors import NotListable
from apps.credit_scoring.models import BureauReport, BureauStatus, ListingNotice
from apps.credit_scoring.policies import require_may_review, require_may_score
from apps.credit_scoring.rules import bureau as rules
from apps.kernel import consents
from apps.kernel.clock import local_date
from apps.kernel.errors import NotAllowed, Unavailable
from apps.kernel.money import Money
from apps.users.models import User

log = structlog.get_logger(__name__)


def ask_bureau(*, user: User, consented_at: datetime, by: User, at: datetime) -> BureauReport | None:
    """Ask what the bureau knows of a customer who agreed to it; the next score counts the answer for 30 days.

    Not inside a transaction. None when the bank has no bureau, or no identity number to ask by. A silent bureau, or one
    that cannot be read, blocks nobody: the report says so, and so does the score. Raises NotAllowed.
    """
    require_may_score(by, user)
    _require_consent(user, by, consented_at)
    asked = ports.bureau()
    if not asked.is_set_up() or not user.id_number:
        return None
    status, answer = BureauStatus.ANSWERED, ports.BureauAnswer(None)
    try:
        answer = asked.ask(str(user.id_number))
        if answer.score is None:
            status = BureauStatus.NO_FILE
    except Unavailable as no:
        status = BureauStatus.UNREACHABLE
        log.warning("bureau_unreachable", bureau=asked.name, why=str(no))
    except ports.BadAnswer as no:
        status = BureauStatus.UNREADABLE
        log.warning("bureau_unreadable", bureau=asked.name, why=str(no))
    return _written(user, asked.name, status, answer, consented_at, by, at)


def _require_consent(user: User, by: User, consented_at: datetime) -> None:
    """Who asks about oneself agrees by asking; staff ask only about who agreed. Raises NotAllowed."""
    if by.pk == user.pk:
        consents.change(user=user, purpose=consents.BUREAU, is_given=True, channel="API", at=consented_at)
    elif not consents.holds(user.pk, consents.BUREAU):
        raise NotAllowed(_("This customer has not agreed that the credit bureau is asked. Nothing was asked."))


@transaction.atomic
def _written(
    user: User, name: str, status: str, answer: ports.BureauAnswer, consented_at: datetime, by: User, at: datetime
) -> BureauReport:
    row = BureauReport.objects.create(
        user=user,
        bureau=name,
        status=status,
        score=answer.score,
        reference=answer.reference,
        consented_at=consented_at,
        asked_by=by,
        asked_at=at,
    )
    told = {"bureau": name, "status": status, "consented_at": consented_at}
    audit_trail.record("credit_scoring.bureau.asked", on=row, by=by, at=at, after=told, customer=user)
    return row


@transaction.atomic
def give_listing_notice(*, user: User, loan_reference: str, owed: Money, by: User, at: datetime) -> ListingNotice:
    """Write down that a borrower was told of a coming negative listing; once a loan, and never for KES 1,000 or less.

    Telling them is lending's message; sending the listing comes after `list_from`. Raises NotAllowed, NotListable.
    """
    require_may_review(by, user)
    day = local_date(at)
    rule = queries.listing_rule_on(day, owed.currency)
    figures = rules.Listing(rule.notice_days, rule.floor)
    if rules.why_not(owed, noticed_on=day, on=day, figures=figures) == "TOO_SMALL_TO_LIST":
        words = _("Nobody is listed for %(floor)s or less. Nothing was sent.")
        raise NotListable(words % {"floor": rule.floor}, because="TOO_SMALL_TO_LIST")
    row = ListingNotice(
        user=user,
        loan_reference=loan_reference,
        owed_minor=owed.minor,
        currency=owed.currency,
        rule=rule,
        noticed_on=day,
        list_from=rules.list_from(day, figures),
        given_by=by,
        given_at=at,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return ListingNotice.objects.get(loan_reference=loan_reference)
    told = {"loan": loan_reference, "owed": owed, "list_from": row.list_from}
    audit_trail.record("credit_scoring.listing.noticed", on=row, by=by, at=at, after=told, customer=user)
    return row


def require_listable(*, loan_reference: str, owed: Money, at: datetime) -> ListingNotice:
    """Whether a negative listing may be sent now; lending asks before it sends one. Raises NotListable."""
    day = local_date(at)
    notice = ListingNotice.objects.filter(loan_reference=loan_reference).select_related("rule").first()
    rule = notice.rule if notice else queries.listing_rule_on(day, owed.currency)
    figures = rules.Listing(rule.notice_days, rule.floor)
    because = rules.why_not(owed, noticed_on=notice.noticed_on if notice else None, on=day, figures=figures)
    if because or notice is None:
        raise NotListable(
            _("This borrower may not be listed yet, or not for so little. Nothing was sent."),
            because=because or "NOT_NOTICED",
        )
    return notice
