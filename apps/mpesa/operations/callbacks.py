"""What M-Pesa tells: kept as it came, answered at once, then read; twice, late and out of order do no harm."""

import uuid
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from django.db import transaction

from apps.audit_trail import operations as audit_trail
from apps.kernel.context import asker
from apps.kernel.errors import DomainError
from apps.ledger.errors import BooksBusy
from apps.mpesa import addresses, daraja, rules, wake
from apps.mpesa.models import BalanceQuestion, Callback, Kind, MpesaStatus, MpesaTransaction
from apps.mpesa.operations import balance, payout, send_back
from apps.mpesa.operations.c2b import confirm_c2b, is_ours, told_otherwise
from apps.mpesa.operations.credit import book, is_booked_elsewhere
from apps.mpesa.operations.top_up import UNDER_WAY, end, end_as_booked_elsewhere, ending, note_paid
from apps.users.queries import system_user

log = structlog.get_logger(__name__)
Outcome = Callback.Outcome
ALREADY_REVERSED = "R000001"
MORE = "More is to come."
_NO_RECEIPT = "completed, but without a receipt"


@transaction.atomic
def receive(*, product: str, about: uuid.UUID | None, raw: str, at: datetime) -> Callback:
    """Keep what came before anything is read from it; a worker reads it after the commit."""
    row = MpesaTransaction.objects.filter(public_id=about).first() if about else None
    question = BalanceQuestion.objects.filter(public_id=about).first() if about and row is None else None
    kept = Callback.objects.create(
        product=product, about=row, question=question, raw=raw, source=asker().ip_address or None, received_at=at
    )
    transaction.on_commit(partial(wake.apply_callback, kept.pk), robust=True)
    return kept


@transaction.atomic
def apply_callback(*, callback_id: int, at: datetime) -> Callback:
    """Read one and act on it, once; what it said and what came of it stay together. Raises BooksBusy."""
    kept = Callback.objects.select_for_update(of=("self",)).select_related("about", "question").get(pk=callback_id)
    if kept.outcome:
        return kept
    try:
        with transaction.atomic():
            outcome, why = _READERS[kept.product](kept, rules.read_json(str(kept.raw)), at)
    except rules.Unreadable as no:
        outcome, why = Outcome.UNREADABLE, str(no)
    except BooksBusy:
        raise  # nobody's fault: it stays unread, and the sweep reads it in a moment
    except DomainError as no:
        outcome, why = Outcome.DISPUTED, str(no)
    if outcome in {Outcome.DISPUTED, Outcome.UNMATCHED, Outcome.UNREADABLE}:
        log.warning("callback_not_applied", callback=kept.pk, product=kept.product, outcome=outcome, why=why)
    kept.outcome, kept.why, kept.applied_at = outcome, why[:200], at
    kept.save()
    return kept


def _stk(kept: Callback, body: Any, at: datetime) -> tuple[Outcome, str]:
    told = rules.read_stk(body)
    row = _locked(kept, told)
    if row is None:
        return Outcome.UNMATCHED, told.checkout_request_id
    if row.checkout_request_id not in {None, told.checkout_request_id}:
        return Outcome.DISPUTED, f"another request: {told.checkout_request_id}"
    return _of_prompt(row, told, at)


def _express(kept: Callback, body: Any, at: datetime) -> tuple[Outcome, str]:
    """What the operator of a till answered."""
    told = rules.read_till_push(body)
    row = _locked(kept, rules.Outcome("", ""))
    if row is None or told.originator_id not in {"", row.public_id.hex}:
        return Outcome.UNMATCHED, told.originator_id
    return _of_prompt(row, told, at)


def _of_prompt(row: MpesaTransaction, told: rules.Outcome, at: datetime) -> tuple[Outcome, str]:
    """What became of a prompt to a phone or to a till."""
    if told.code != rules.PAID:
        if end(row, ending(told.code), code=told.code, text=told.text, at=at):
            return Outcome.APPLIED, ""
        if row.result_code == rules.PAID and not row.receipt:
            return Outcome.DISPUTED, f"{told.code}, and M-Pesa said before that it was paid"
        return Outcome.NOTHING_NEW, ""
    if row.receipt:
        return (Outcome.NOTHING_NEW if row.receipt == told.receipt else Outcome.DISPUTED), told.receipt
    if not told.receipt:
        note_paid(row)
        return Outcome.DISPUTED, "paid, but without a receipt"
    if is_booked_elsewhere(row, told.receipt):
        return _booked_elsewhere(row, told.receipt, at)
    if told.minor != row.amount_minor:
        return _ask_for_truth(row, told, at)
    book(row, receipt=told.receipt, account=row.account, at=at)
    return Outcome.APPLIED, ""


def _booked_elsewhere(row: MpesaTransaction, receipt: str, at: datetime) -> tuple[Outcome, str]:
    """Nothing more can come of this prompt by itself, so it is asked about no more; staff see why."""
    end_as_booked_elsewhere(row, receipt=receipt, at=at)
    return Outcome.DISPUTED, f"Receipt {receipt} is booked for another payment already."


def _ask_for_truth(row: MpesaTransaction, told: rules.Outcome, at: datetime) -> tuple[Outcome, str]:
    """Another amount than was asked for: nothing is booked on a callback's word; M-Pesa is asked by the receipt."""
    note_paid(row)
    audit_trail.record("mpesa.callback.other_amount", on=row, by=system_user(), at=at, after={"said": str(told.minor)})
    transaction.on_commit(partial(wake.ask_by_receipt, row.pk, told.receipt), robust=True)
    return Outcome.DISPUTED, f"{told.minor} cents in place of {row.amount_minor}"


def ask_by_receipt(*, transaction_id: int, receipt: str, at: datetime) -> None:
    """Ask M-Pesa what a receipt stands for; the answer comes as a status result."""
    row = MpesaTransaction.objects.get(pk=transaction_id)
    MpesaTransaction.objects.filter(pk=row.pk).update(asked_at=at)
    daraja.transaction_status(
        receipt=receipt,
        result=addresses.of_one("status", row.public_id, "result"),
        timeout=addresses.of_one("status", row.public_id, "timeout"),
    )


def ask_about_paid(*, push: MpesaTransaction, at: datetime) -> None:
    """A prompt that M-Pesa says is paid, and no receipt is booked: asked by the receipt that a callback named.

    Where none did, the pull feed or the statement will tell; a question about the prompt would not.
    """
    MpesaTransaction.objects.filter(pk=push.pk).update(asked_at=at)
    for kept in push.callbacks.filter(product__in=_PROMPTS, outcome=Outcome.DISPUTED).order_by("-pk"):
        receipt = _PROMPTS[kept.product](rules.read_json(str(kept.raw))).receipt
        if receipt:
            ask_by_receipt(transaction_id=push.pk, receipt=receipt, at=at)
            return


_PROMPTS: dict[str, Callable[[Any], rules.Outcome]] = {"stk": rules.read_stk, "express": rules.read_till_push}


def _c2b(kept: Callback, body: Any, at: datetime) -> tuple[Outcome, str]:
    told = rules.read_c2b(body)
    if not is_ours(told):  # what did come to ours the pull feed and the statement tell of
        return Outcome.DISPUTED, f"paid to {told.shortcode}, which is not our shortcode"
    row = confirm_c2b(told=told, at=at)
    if row is not None:
        kept.about = row
        return Outcome.APPLIED, ""
    kept.about = MpesaTransaction.objects.get(receipt=told.receipt)
    differs = told_otherwise(told, kept.about)
    return (Outcome.DISPUTED, differs) if differs else (Outcome.NOTHING_NEW, "")


def _payout(kept: Callback, body: Any, at: datetime) -> tuple[Outcome, str]:
    told = rules.read_result(body)
    row = _locked(kept, told)
    if row is None:
        return Outcome.UNMATCHED, told.conversation_id
    if settled := _of_money_out(row, told):
        return settled
    if told.code != rules.PAID:
        done = payout.not_carried(row, code=told.code, text=told.text, at=at)
        return (Outcome.APPLIED if done else Outcome.NOTHING_NEW), ""
    if odd := _odd(row, told):
        return odd
    payout.carried(row, receipt=told.receipt, at=at)
    return Outcome.APPLIED, ""


def _of_money_out(row: MpesaTransaction, told: rules.Outcome) -> tuple[Outcome, str] | None:
    """What a result says that neither settles money out nor gives it back."""
    if row.conversation_id and told.conversation_id not in {"", row.conversation_id}:
        return Outcome.DISPUTED, f"another request: {told.conversation_id}"
    if row.status == MpesaStatus.COMPLETED:
        return Outcome.NOTHING_NEW, ""
    if told.has_more:
        return Outcome.NOTHING_NEW, MORE
    if told.code in rules.SAYS_NOTHING:
        MpesaTransaction.objects.filter(pk=row.pk, status__in=UNDER_WAY).update(status=MpesaStatus.CHECKING)
        return Outcome.DISPUTED, f"{told.code} {told.text}"
    return None


def _odd(row: MpesaTransaction, told: rules.Outcome) -> tuple[Outcome, str] | None:
    """Of money out, whoever says it: not what we asked for. Nothing is posted, and two people find out what went."""
    facts = told.facts or {}
    if told.minor not in {None, row.amount_minor}:
        return Outcome.DISPUTED, f"{told.minor} cents in place of {row.amount_minor}"
    if row.kind == Kind.B2C and row.phone and rules.went_elsewhere(facts, row.phone):
        return Outcome.DISPUTED, "It names another phone than the one we asked to pay."
    if row.kind == Kind.REVERSAL and facts.get("OriginalTransactionID") not in {None, "", row.account_reference}:
        return Outcome.DISPUTED, "It names another receipt than the one we asked to send back."
    return None


def _status(kept: Callback, body: Any, at: datetime) -> tuple[Outcome, str]:
    """The answer to our question: only a transaction that M-Pesa calls completed or over decides anything."""
    told = rules.read_result(body)
    row = _locked(kept, rules.Outcome("", ""))
    if row is None:
        return Outcome.UNMATCHED, told.conversation_id
    facts = told.facts or {}
    standing = str(facts.get("TransactionStatus", "")).lower()
    receipt = rules.receipt_of(facts.get("ReceiptNo"))
    if told.code != rules.PAID or not standing:
        return Outcome.NOTHING_NEW, f"{told.code} {told.text}"
    if row.receipt or row.status == MpesaStatus.COMPLETED:
        return Outcome.NOTHING_NEW, ""
    if standing == "completed":
        return _completed(row, receipt, told, at)
    if standing in {"cancelled", "declined", "expired"}:
        text = f"M-Pesa: {standing}"
        if row.kind in {Kind.B2C, Kind.B2B}:
            payout.not_carried(row, code=standing[:20], text=text, at=at)
        elif row.kind == Kind.REVERSAL:
            send_back.not_sent_back(row, code=standing[:20], text=text, at=at)
        else:
            end(row, MpesaStatus.FAILED, code=standing[:20], text=text, at=at, overrules=True)
        return Outcome.APPLIED, ""
    return Outcome.NOTHING_NEW, standing[:200]


def _completed(row: MpesaTransaction, receipt: str, told: rules.Outcome, at: datetime) -> tuple[Outcome, str]:
    if row.kind == Kind.STK_PUSH:
        return _prompt_completed(row, receipt, told.minor, at)
    if odd := _odd(row, told):
        return odd
    if not receipt:
        raise rules.Unreadable(_NO_RECEIPT)
    settle = send_back.sent_back if row.kind == Kind.REVERSAL else payout.carried
    settle(row, receipt=receipt, at=at)
    return Outcome.APPLIED, ""


def _prompt_completed(row: MpesaTransaction, receipt: str, minor: int | None, at: datetime) -> tuple[Outcome, str]:
    """A receipt is asked about because a callback named it with another amount; what M-Pesa took the holder gets."""
    if is_booked_elsewhere(row, receipt):
        return _booked_elsewhere(row, receipt, at)
    if minor is None:
        return Outcome.DISPUTED, "completed, but it does not say of how much"
    if not receipt:
        raise rules.Unreadable(_NO_RECEIPT)
    if minor <= 0:
        raise rules.Unreadable("completed, but of nothing")
    if minor != row.amount_minor:
        MpesaTransaction.objects.filter(pk=row.pk).update(amount_minor=minor)
        row.amount_minor = minor
    book(row, receipt=receipt, account=row.account, at=at)
    return Outcome.APPLIED, ""


def _reversal(kept: Callback, body: Any, at: datetime) -> tuple[Outcome, str]:
    told = rules.read_result(body)
    row = _locked(kept, told)
    if row is None:
        return Outcome.UNMATCHED, told.conversation_id
    if settled := _of_money_out(row, told):
        return settled
    if told.code == ALREADY_REVERSED:  # by whom and when is for a person to find out
        return Outcome.DISPUTED, told.text
    if told.code != rules.PAID:
        done = send_back.not_sent_back(row, code=told.code, text=told.text, at=at)
        return (Outcome.APPLIED if done else Outcome.NOTHING_NEW), ""
    if odd := _odd(row, told):
        return odd
    send_back.sent_back(row, receipt=told.receipt, at=at)
    return Outcome.APPLIED, ""


def _balance(kept: Callback, body: Any, at: datetime) -> tuple[Outcome, str]:
    """What our own accounts hold."""
    if kept.question is None:
        return Outcome.UNMATCHED, ""
    is_new = balance.answer_balance(kept.question, rules.read_result(body), at)
    return (Outcome.APPLIED if is_new else Outcome.NOTHING_NEW), ""


def _timeout(kept: Callback, body: Any, at: datetime) -> tuple[Outcome, str]:
    """The request waits too long at M-Pesa: nothing is known, so the next question is asked sooner."""
    if kept.question is not None:  # another one is asked when somebody wants to know
        refused = balance.refuse(kept.question, "M-Pesa had no time for it", at)
        return (Outcome.APPLIED if refused else Outcome.NOTHING_NEW), ""
    if kept.about is None:
        return Outcome.UNMATCHED, ""
    MpesaTransaction.objects.filter(pk=kept.about.pk, status=MpesaStatus.PENDING).update(status=MpesaStatus.CHECKING)
    return Outcome.APPLIED, ""


def _locked(kept: Callback, told: rules.Outcome) -> MpesaTransaction | None:
    """The transaction it is about: by the address it came to, else by M-Pesa's ids."""
    rows = MpesaTransaction.objects.select_for_update(of=("self",)).select_related("account__owner", "user")
    rows = rows.filter(kind__in=_ABOUT.get(kept.product, Kind.values))
    if kept.about_id is not None:
        return rows.filter(pk=kept.about_id).first()
    if told.checkout_request_id:
        return rows.filter(checkout_request_id=told.checkout_request_id).first()
    if told.conversation_id:
        return rows.filter(conversation_id=told.conversation_id).first()
    return None


# What the address of each product was given out for; of the others, any.
_ABOUT = {"stk": [Kind.STK_PUSH], "express": [Kind.STK_PUSH], "payout": [Kind.B2C, Kind.B2B],
          "reversal": [Kind.REVERSAL]}  # fmt: skip
_READERS: dict[str, Callable[[Callback, Any, datetime], tuple[Outcome, str]]] = {
    "stk": _stk,
    "express": _express,
    "c2b": _c2b,
    "payout": _payout,
    "status": _status,
    "reversal": _reversal,
    "timeout": _timeout,
    "balance": _balance,
}
