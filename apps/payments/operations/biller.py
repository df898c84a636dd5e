"""The directory of billers: reading where a bill goes, and changing an entry with four eyes."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import TransactionType
from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals
from apps.kernel.clock import local_date
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval
from apps.kernel.money import Money
from apps.payments import patterns
from apps.payments.errors import BadBillAccount, BadBillAmount, BadBiller, BillerNotFound
from apps.payments.models import Biller, BillerCategory
from apps.payments.operations.start import find_destination
from apps.payments.rails import Destination
from apps.users.models import User

CHANGE_BILLER = "payments.change_biller"
RAIL = "mpesa"
FIELDS = (
    "name",
    "category",
    "paybill",
    "account_label",
    "account_label_sw",
    "account_pattern",
    "example",
    "least_minor",
    "most_minor",
    "is_active",
)


def biller_called(code: str, *, at: datetime) -> Biller:
    """The biller of that code as it stands today. Raises BillerNotFound."""
    found = Biller.objects.on(local_date(at)).filter(code=code.strip().lower()[:24]).first()
    if found is None:
        raise BillerNotFound(_("We know no biller by that name. No money moved. Pay by its paybill number."))
    return found


def find_bill(*, biller: Biller, account: str, amount: Money, at: datetime) -> Destination:
    """Where a bill of a known biller goes; called outside any transaction, as M-Pesa may be asked for the name.

    Raises BadBillAccount, BadBillAmount, and what the rail says.
    """
    read = patterns.read_account(account)
    if not biller.takes(read):
        label = biller.label_in(get_language() or "en")
        words = _("That is no %(label)s of %(biller)s. It looks like %(example)s. No money moved.")
        said = str(words % {"label": label, "biller": biller.name, "example": biller.example})
        raise BadBillAccount(said, errors={"account": [said]}, example=biller.example)
    if amount.currency == "KES" and not biller.least <= amount <= biller.most:
        words = _("%(biller)s takes from %(least)s to %(most)s at once. No money moved.")
        raise BadBillAmount(words % {"biller": biller.name, "least": biller.least, "most": biller.most})
    asked = {"paybill": biller.paybill, "account": read}
    found = find_destination(rail=RAIL, kind=TransactionType.BILL_PAYMENT, asked=asked, amount=amount, at=at)
    told = {"biller": biller.code, "biller_name": biller.name, "account_label": biller.account_label}
    # The name M-Pesa tells of the paybill goes before our own: it is who will have the money.
    name = biller.name if found.name == "Paybill" else found.name
    return replace(found, name=name, data=found.data | told)


def ask_biller_change(
    *, code: str, facts: dict[str, Any], valid_from: date, reason: str, by: User, at: datetime
) -> Approval:
    """Ask for a biller to be written down, changed or closed from a day on; a second person must allow it.

    `facts` holds FIELDS as primitives, amounts in minor units of shillings. Raises NotAllowed, BadBiller.
    """
    if not by.has_perm("payments.manage_billers"):
        raise NotAllowed(_("You do not hold the right to change the directory of billers."))
    row = _row(code, facts, valid_from, at)
    before = Biller.objects.filter(code=row.code, valid_from__lte=valid_from).order_by("-valid_from").first()
    return approvals.ask(
        kind=CHANGE_BILLER,
        subject=f"billers/{row.code}",
        payload={"code": row.code, "valid_from": valid_from.isoformat(), "facts": _facts(row)},
        before=_facts(before) if before else {},
        after={**_facts(row), "from": valid_from.isoformat()},
        reason=reason,
        by=by,
        at=at,
    )


@transaction.atomic
def run_biller_change(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The approved change. Raises BadBiller when its day has passed, or another change took that day."""
    row = _row(payload["code"], payload["facts"], date.fromisoformat(payload["valid_from"]), at)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as no:
        raise BadBiller(_("Another change already starts on that day. Choose another day.")) from no
    after = {**_facts(row), "code": row.code, "from": payload["valid_from"]}
    audit_trail.record("payments.biller.changed", on=row, by=checker, at=at, after=after)
    return {"biller": row.pk}


def _facts(row: Biller) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FIELDS}


def _row(code: str, facts: dict[str, Any], valid_from: date, at: datetime) -> Biller:
    """A row that holds together, not saved. Raises BadBiller."""
    row = Biller(code=code.strip().lower(), valid_from=valid_from, **{name: facts[name] for name in FIELDS})
    if valid_from < local_date(at):
        raise BadBiller(_("What held yesterday stays written. Choose today or a later day."))
    if row.category not in BillerCategory.values:
        raise BadBiller(_("There is no such kind of bill. Nothing was changed."))
    try:
        patterns.check_pattern(row.account_pattern)
    except patterns.BadPattern as no:
        words = _("The pattern of the account is not taken: %(why)s. Nothing was changed.")
        raise BadBiller(words % {"why": no}, field="account_pattern") from no
    if not row.takes(row.example):
        raise BadBiller(_("The example does not fit the pattern. Nothing was changed."), field="example")
    if not 0 < row.least_minor <= row.most_minor:
        raise BadBiller(_("The least amount must be over zero and not over the most. Nothing was changed."))
    if not (row.paybill.isascii() and row.paybill.isdecimal() and 5 <= len(row.paybill) <= 7):
        raise BadBiller(_("A paybill has 5 to 7 digits. Nothing was changed."), field="paybill")
    if not row.code.replace("-", "").isalnum() or not row.code.isascii() or not 2 <= len(row.code) <= 24:
        raise BadBiller(_("The code is 2 to 24 letters, digits and dashes. Nothing was changed."), field="code")
    return row
