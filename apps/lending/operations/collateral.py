"""Things pledged for a loan: valued, valued again, papered, let go, and counted before a loan is approved."""

import base64
import hashlib
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals, events
from apps.kernel.cipher import Print
from apps.kernel.clock import local_date
from apps.kernel.errors import Conflict, IllegalMove
from apps.kernel.models import Approval, ApprovalStatus
from apps.kernel.money import BadAmount, CurrencyMismatch, Money, total
from apps.lending import policies
from apps.lending.errors import BadPaper, BadTerm, NotEligible, PledgedElsewhere
from apps.lending.events import CollateralReleased
from apps.lending.models import (
    OPEN,
    Collateral,
    CollateralKind,
    CollateralPaper,
    CollateralRelease,
    Loan,
    LoanStatus,
    ReleaseWhy,
)
from apps.users.models import User
from apps.users.queries import system_user

RELEASE = "lending.release_collateral"
NUMBERED = (CollateralKind.VEHICLE, CollateralKind.LAND)
MOST_BYTES = 3_000_000
MOST_PAPERS = 10
_BEGINS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"%PDF-": "application/pdf"}


@transaction.atomic
def value_collateral(
    *,
    loan: Loan,
    kind: str,
    described: str,
    value: Money,
    valued_on: date,
    valued_by: str,
    number: str = "",
    owner_name: str = "",
    charged: Money | None = None,
    expires_on: date | None = None,
    replaces: Collateral | None = None,
    by: User,
    at: datetime,
) -> Collateral:
    """Write down what a pledged thing is worth, and how much of that stands for this loan (`charged`; all that no
    other loan takes when it is not said). With `replaces`, a new valuation of the same thing, whose number it keeps.

    One thing, known by its number, never stands for more than it is worth: pledges of it are taken one after another.
    Raises NotAllowed, IllegalMove, BadAmount, CurrencyMismatch, BadTerm, PledgedElsewhere.
    """
    policies.require_may_look(by, loan)
    loan = Loan.objects.select_for_update(no_key=True).get(pk=loan.pk)
    if loan.status not in (*OPEN, LoanStatus.ACTIVE):
        raise IllegalMove(_("This loan is over. Nothing was written down."))
    number = _number(replaces.number or number if replaces else number)
    _require_money(loan, value, charged)
    _require_words(kind, described, valued_by, number, valued_on, expires_on, at)
    if replaces:
        _require_newest(loan, replaces)
    taken = _taken_by_others(number, replaces, loan.currency) if number else Money.zero(loan.currency)
    free = max(value - taken, Money.zero(loan.currency))
    if taken and not replaces and (not free or (charged is not None and charged > free)):
        raise PledgedElsewhere(
            _("That thing stands for other loans with %(taken)s of %(value)s. Nothing was written down.")
            % {"taken": taken, "value": value}
        )
    row = Collateral.objects.create(
        loan=loan,
        kind=kind,
        described=" ".join(described.split())[:200],
        number=number or None,
        owner_name=" ".join(owner_name.split())[:120],
        currency=value.currency,
        value_minor=value.minor,
        charged_minor=min(free if charged is None else charged, free).minor,
        valued_on=valued_on,
        valued_by=" ".join(valued_by.split())[:100],
        expires_on=expires_on,
        replaces=replaces,
        made_by=by,
        made_at=at,
    )
    facts = {"loan": loan.pk, "kind": kind, "value": str(value), "charged": str(row.charged), "by": row.valued_by}
    audit_trail.record("lending.collateral.valued", on=row, by=by, at=at, customer=loan.borrower, after=facts)
    return row


def _number(typed: str) -> str:
    """`KMDX 123a` and `kmdx123A` are one thing."""
    return "".join(char for char in typed.upper() if char.isalnum() or char in "/-")[:60]


def _require_money(loan: Loan, value: Money, charged: Money | None) -> None:
    if value.currency != loan.currency or (charged is not None and charged.currency != loan.currency):
        raise CurrencyMismatch(_("This loan is in %(currency)s.") % {"currency": loan.currency})
    if value.minor < 0 or (charged is not None and not 0 <= charged.minor <= value.minor):
        raise BadAmount(_("A value is not below nothing, and no more is pledged than that. Nothing was written down."))


def _require_words(
    kind: str, described: str, valued_by: str, number: str, valued_on: date, expires_on: date | None, at: datetime
) -> None:
    if kind not in CollateralKind.values or not described.strip() or not valued_by.strip():
        raise BadTerm(_("Say what is pledged and who valued it. Nothing was written down."))
    if kind in NUMBERED and not number:
        raise BadTerm(
            _("A vehicle or land is known by its number. Nothing was written down."),
            errors={"number": [_("Write the registration, logbook or title number.")]},
        )
    if valued_on > local_date(at):
        raise BadTerm(_("A valuation is of a day that has come. Nothing was written down."))
    if expires_on is not None and expires_on <= valued_on:
        raise BadTerm(_("A valuation holds for a day at least. Nothing was written down."))


def _require_newest(loan: Loan, replaces: Collateral) -> None:
    over = CollateralRelease.objects.filter(collateral=replaces).exists()
    if over or replaces.loan_id != loan.pk or Collateral.objects.filter(replaces=replaces).exists():
        raise BadTerm(_("That thing was valued again already. Nothing was written down; look at it anew."))


def _taken_by_others(number: str, replaces: Collateral | None, currency: str) -> Money:
    """What other pledges take of the thing with that number. Nobody else pledges it until the transaction ends."""
    digest: Print = Collateral._meta.get_field("number_print").digest(number)
    with connection.cursor() as cursor:
        lock = int.from_bytes(digest.turn[:8], "big", signed=True)
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
    rows = Collateral.objects.standing().filter(number_print=digest, currency=currency)
    if replaces:
        rows = rows.exclude(pk=replaces.pk)
    return total((row.charged for row in rows), currency)


@transaction.atomic
def keep_paper(*, collateral: Collateral, name: str, content: bytes, by: User, at: datetime) -> CollateralPaper:
    """Keep a photo (JPEG, PNG) or a PDF of a thing, sealed; the same file twice is kept once.

    Raises NotAllowed, BadPaper.
    """
    policies.require_may_look(by, collateral.loan)
    kind = next((kind for begins, kind in _BEGINS.items() if content.startswith(begins)), "")
    if not kind:
        raise BadPaper(_("That is no JPEG, PNG or PDF. Nothing was kept."))
    if len(content) > MOST_BYTES:
        raise BadPaper(_("The file is larger than 3 MB. Nothing was kept; take a smaller photo."))
    Loan.objects.select_for_update(no_key=True).get(pk=collateral.loan_id)
    digest = hashlib.sha256(content).hexdigest()
    held = CollateralPaper.objects.filter(collateral=collateral)
    if same := held.filter(sha256=digest).first():
        return same
    if held.count() >= MOST_PAPERS:
        raise BadPaper(_("Ten papers of this thing are kept already. Nothing was kept."))
    row = CollateralPaper.objects.create(
        collateral=collateral,
        name=name.replace("\\", "/").split("/")[-1][-100:] or "paper",
        content_type=kind,
        size=len(content),
        sha256=digest,
        content=base64.b64encode(content).decode(),
        made_by=by,
        made_at=at,
    )
    facts = {"name": row.name, "sha256": digest, "size": row.size}
    audit_trail.record(
        "lending.collateral.papered", on=collateral, by=by, at=at, customer=collateral.loan.borrower, after=facts
    )
    return row


def bytes_of(paper: CollateralPaper) -> bytes:
    """The file as it was brought."""
    return base64.b64decode(str(paper.content))


@transaction.atomic
def ask_release(*, collateral: Collateral, reason: str, by: User, at: datetime) -> Approval:
    """Ask to let a thing go before its loan is paid; another officer decides.

    Raises NotAllowed, IllegalMove, Conflict.
    """
    policies.require_may_look(by, collateral.loan)
    Loan.objects.select_for_update(no_key=True).get(pk=collateral.loan_id)
    _require_standing(collateral)
    subject = f"loan/{collateral.loan_id}/collateral/{collateral.pk}"
    if Approval.objects.filter(kind=RELEASE, subject=subject, status=ApprovalStatus.PENDING).exists():
        raise Conflict(_("A request about this thing waits for a second person already. Nothing was changed."))
    stays = pledged(collateral.loan) - collateral.charged
    return approvals.ask(
        kind=RELEASE,
        subject=subject,
        payload={"collateral": collateral.pk, "reason": reason.strip()[:500]},
        reason=reason,
        by=by,
        at=at,
        amount=collateral.charged,
        before={"pledged": str(pledged(collateral.loan)), "owed": str(_exposed(collateral.loan))},
        after={"pledged": str(stays), "owed": str(_exposed(collateral.loan)), "thing": collateral.described},
    )


def may_decide_release(who: Any, approval: Approval) -> None:
    """Not on one's own loan, nor above what one may approve. Raises NotAllowed, AboveOwnLimit."""
    row = Collateral.objects.select_related("loan").get(pk=approval.payload["collateral"])
    policies.require_may_look(who, row.loan)
    policies.require_within_limit(who, row.charged)


@transaction.atomic
def run_release(*, payload: dict[str, Any], maker: Any, checker: Any, at: datetime) -> dict[str, Any]:
    """What an approved request does. Raises IllegalMove when the thing was valued anew or let go meanwhile."""
    row = Collateral.objects.select_related("loan__borrower").get(pk=payload["collateral"])
    Loan.objects.select_for_update(no_key=True).get(pk=row.loan_id)
    _require_standing(row)
    _let_go(row, ReleaseWhy.AGREED, payload["reason"], checker, at)
    return {"released": row.described, "asked_by": maker.pk}


@transaction.atomic
def release_of_over(*, loan: Loan, at: datetime) -> int:
    """A loan that is paid back, or was never paid out, keeps nothing: its things are let go by themselves. Safe to
    run twice. Returns how many.
    """
    loan = Loan.objects.select_related("borrower").select_for_update(of=("self",), no_key=True).get(pk=loan.pk)
    if loan.status not in (LoanStatus.PAID, LoanStatus.REJECTED, LoanStatus.CANCELLED):
        return 0
    why = ReleaseWhy.PAID if loan.status == LoanStatus.PAID else ReleaseWhy.NOT_LENT
    rows = list(Collateral.objects.newest().filter(loan=loan, release=None).select_related("loan__borrower"))
    for row in rows:
        _let_go(row, why, "", system_user(), at)
    return len(rows)


def _require_standing(row: Collateral) -> None:
    if not Collateral.objects.standing().filter(pk=row.pk).exists():
        raise IllegalMove(_("That thing was valued again or let go already. Nothing was changed; look at it anew."))


def _let_go(row: Collateral, why: ReleaseWhy, reason: str, by: User, at: datetime) -> None:
    CollateralRelease.objects.create(collateral=row, why=why, reason=reason, made_by=by, made_at=at)
    facts = {"loan": row.loan_id, "why": why.value, "reason": reason}
    audit_trail.record("lending.collateral.released", on=row, by=by, at=at, customer=row.loan.borrower, after=facts)
    events.publish(
        CollateralReleased(collateral_id=row.pk, loan_id=row.loan_id, borrower_id=row.loan.borrower_id),
    )


def pledged(loan: Loan, on: date | None = None) -> Money:
    """How much of what is pledged stands for a loan, by the newest valuations; with `on`, by those that hold then."""
    rows = list(Collateral.objects.newest().filter(loan=loan, release=None))
    return total((row.charged for row in rows if on is None or not row.has_expired(on)), loan.currency)


def _exposed(loan: Loan) -> Money:
    """The principal owed; before a loan is paid out, the principal asked for."""
    owed: Money = loan.principal if loan.status in OPEN else loan.principal_left
    return owed


def require_pledged(loan: Loan, on: date | None = None) -> None:
    """Raises NotEligible while a product that lends against collateral has too little of it on a day."""
    most = loan.terms.loan_to_value
    if most is None:
        return
    worth = pledged(loan, on)
    if worth.times(most) < loan.principal:
        raise NotEligible(
            _("What is pledged is worth %(worth)s, and %(share)s %% of it can be lent. Nothing was done.")
            % {"worth": worth, "share": f"{(most * 100).normalize():f}"}
        )
