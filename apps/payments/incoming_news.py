"""What a customer is told of money that another bank sent, refused to them, or wants back."""

from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from apps.accounts import mandates
from apps.kernel.clock import local_date
from apps.kernel.events import subscribe
from apps.notifications import operations as notifications
from apps.payments.banks.reasons import why
from apps.payments.events import (
    TransferAskedBack,
    TransferReceived,
    TransferRefused,
    TransferReturned,
    TransferWaits,
)
from apps.payments.models import AskedBack, IncomingReturn, IncomingTransfer, OtherBank
from apps.users.queries import business_of

# What the holder of an account is told of why money did not reach it; of other reasons they need not know.
_OWN_WORDS = {
    "AM21": _("Your level does not allow that much. Send us your papers to raise it."),
    "AM03": _("Your account is kept in another currency."),
}


def payer_of(row: IncomingTransfer) -> str:
    """`Peter Kamau, Equity Bank`, as far as they said."""
    at_bank = Q(bic=row.payer_bank) | Q(bic__startswith=row.payer_bank[:8]) | Q(code=row.payer_bank)
    bank = OtherBank.objects.filter(at_bank).order_by("-valid_from").first() if row.payer_bank else None
    where = bank.name if bank else row.payer_bank
    return ", ".join(filter(None, [" ".join(row.payer_name.split()).title()[:40], where])) or row.channel


@subscribe(TransferReceived)
def tell_of_receipt(event: TransferReceived) -> None:
    """That it is there, from whom; once."""
    row = _row(event.incoming_id)
    if row.account is None:
        return
    context = {"amount": str(row.amount), "reference": row.reference, "payer": payer_of(row)}
    key = f"payments/incoming/{row.pk}/received/{row.returns.count()}"
    notifications.send("payments.received", to=row.account.owner, context=context, at=row.received_at, key=key)


@subscribe(TransferRefused)
def tell_of_refusal(event: TransferRefused) -> None:
    """Somebody tried to pay them: what they can do about it."""
    _tell_why_not(_row(event.incoming_id), "payments.incoming_refused")


@subscribe(TransferWaits)
def tell_of_waiting(event: TransferWaits) -> None:
    """The money is here but cannot be given to them as things are."""
    _tell_why_not(_row(event.incoming_id), "payments.incoming_waits")


def _tell_why_not(row: IncomingTransfer, code: str) -> None:
    if row.account is None or row.reason not in _OWN_WORDS:
        return
    owner = row.account.owner
    with translation.override(owner.language):
        because = gettext(_OWN_WORDS[row.reason])
    context = {"amount": str(row.amount), "payer": payer_of(row), "because": because}
    key = f"payments/incoming/{row.pk}/{code}"
    notifications.send(code, to=owner, context=context, at=row.received_at, key=key)


@subscribe(TransferAskedBack)
def tell_of_wish(event: TransferAskedBack) -> None:
    """Who wants what back, and until when they may answer: the holder, or each who signs for the business."""
    asked = AskedBack.objects.select_related("incoming__account__owner").get(pk=event.asked_id)
    row = asked.incoming
    if row is None or row.account is None:
        return
    context = {"amount": str(row.amount), "payer": payer_of(row), "due_on": str(local_date(asked.due_at))}
    business = business_of(row.account.owner)
    signing = mandates.signing_of(business) if business else None
    for person in signing.signers if signing else (row.account.owner,):
        key = f"payments/asked_back/{asked.pk}{f'/{person.pk}' if signing else ''}"
        notifications.send("payments.asked_back", to=person, context=context, at=asked.asked_at, key=key)


@subscribe(TransferReturned)
def tell_of_return(event: TransferReturned) -> None:
    """That what they agreed to send back has arrived."""
    back = IncomingReturn.objects.select_related("incoming__account__owner").get(pk=event.return_id)
    row = back.incoming
    if event.owner_id is None or row.account is None or back.ended_at is None:
        return
    context = {"amount": str(row.amount), "reference": row.reference, "payer": payer_of(row)}
    key = f"payments/incoming/{row.pk}/went_back"
    notifications.send("payments.went_back", to=row.account.owner, context=context, at=back.ended_at, key=key)


def shown_reason(code: str) -> str:
    """Why another bank asks, in words."""
    return gettext(_ASKED_FOR.get(code, why(code)))


_ASKED_FOR = {
    "CUST": _("Their customer asks for it"),
    "DUPL": _("It was paid twice"),
    "FRAD": _("They believe it was fraud"),
    "AC03": _("It went to the wrong account"),
    "AM09": _("The amount was wrong"),
    "TECH": _("A fault of theirs"),
    "": _("They give no reason"),
}


def _row(pk: int) -> IncomingTransfer:
    return IncomingTransfer.objects.select_related("account__owner").get(pk=pk)
