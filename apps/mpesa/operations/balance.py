"""Asking M-Pesa what our own accounts there hold: a question, its answer by callback, and our books beside it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import http
from apps.kernel.errors import NotAllowed, Unavailable
from apps.ledger import operations as ledger
from apps.ledger import queries as books
from apps.mpesa import addresses, daraja, rules
from apps.mpesa.errors import AskedAMomentAgo
from apps.mpesa.models import BalanceQuestion, MpesaBalance
from apps.mpesa.operations.send_back import RIGHT
from apps.users.models import User

BETWEEN = timedelta(minutes=1)
Status = BalanceQuestion.Status


def ask_balance(*, by: User, at: datetime) -> BalanceQuestion:
    """Ask; the answer comes by callback. Outside any transaction: M-Pesa is called.

    Raises NotAllowed; AskedAMomentAgo within a minute of the last question. That M-Pesa does not take the question is
    written down, and is no error.
    """
    if not by.is_service and (not by.is_active or not by.has_perm(RIGHT)):
        raise NotAllowed(_("You do not hold the right to reconcile M-Pesa."))
    question = _written(by, at)
    try:
        taken = daraja.account_balance(
            result=addresses.of_one("balance", question.public_id, "result"),
            timeout=addresses.of_one("balance", question.public_id, "timeout"),
        )
    except daraja.Refused as no:
        refuse(question, f"{no.error_code} {no.error_text}", at)
    except http.NoAnswer:
        pass  # it may have been taken: the address of the answer knows the question
    except Unavailable as no:
        refuse(question, str(no), at)
    else:
        BalanceQuestion.objects.filter(pk=question.pk).update(conversation_id=taken.conversation_id)
    question.refresh_from_db()
    return question


@transaction.atomic
def _written(by: User, at: datetime) -> BalanceQuestion:
    ours = ledger.gl("mpesa:settlement", "KES")
    silent = BalanceQuestion.objects.filter(status=Status.ASKED, asked_at__lte=at - BETWEEN)
    silent.update(status=Status.REFUSED, error="no answer came", answered_at=at)
    question = BalanceQuestion(
        shortcode=settings.DARAJA_SHORTCODE,
        asked_by=by,
        asked_at=at,
        ours_minor=books.balance(ours.id).posted_minor,
    )
    try:
        with transaction.atomic():
            question.save()
    except IntegrityError as no:
        raise AskedAMomentAgo(_("M-Pesa was asked a moment ago. Wait for its answer.")) from no
    audit_trail.record("mpesa.balance.asked", on=question, by=by, at=at)
    return question


def refuse(question: BalanceQuestion, because: str, at: datetime) -> bool:
    """It will not be answered; whether that is news."""
    open_ = BalanceQuestion.objects.filter(pk=question.pk, status=Status.ASKED)
    return bool(open_.update(status=Status.REFUSED, error=because[:200], answered_at=at))


@transaction.atomic
def answer_balance(question: BalanceQuestion, told: rules.Outcome, at: datetime) -> bool:
    """Keep what M-Pesa answered, once; whether that is news. Raises Unreadable."""
    if told.code != rules.PAID:
        return refuse(question, f"{told.code} {told.text}", at)
    found = rules.read_balances((told.facts or {}).get("AccountBalance"))
    open_ = BalanceQuestion.objects.filter(pk=question.pk, status=Status.ASKED)
    if not open_.update(status=Status.ANSWERED, answered_at=at):
        return False
    MpesaBalance.objects.bulk_create([MpesaBalance(question=question, **row) for row in found])
    return True
