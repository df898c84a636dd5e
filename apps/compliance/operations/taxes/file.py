"""Filing: an officer who did not compute the figures writes down what the revenue authority answered."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.compliance.errors import FiledAlready, OutOfTurn, TaxReturnIncomplete
from apps.compliance.events import TaxReturnFiled
from apps.compliance.models import TaxReturn, TaxStatus
from apps.compliance.policies import require_may_file
from apps.compliance.states import TAX
from apps.kernel import events
from apps.kernel.errors import IllegalMove
from apps.users.models import User


@transaction.atomic
def file(*, tax_return: TaxReturn, acknowledgement: str, by: User, at: datetime) -> TaxReturn:
    """Freeze the figures of a return that was filed, with the number by which it was acknowledged.

    Raises NotAllowed, TaxReturnIncomplete, OutOfTurn when the month before is not filed or was computed again,
    IllegalMove, FiledAlready for a number that another return has.
    """
    row = TaxReturn.objects.to_change().get(pk=tax_return.pk)
    require_may_file(by, row)
    if row.status != TaxStatus.DRAFT:
        raise IllegalMove(_("It is filed already. Nothing was changed."))
    number = acknowledgement.strip()
    if not number:
        words = _("Write the number by which KRA acknowledged it.")
        raise TaxReturnIncomplete(words, errors={"acknowledgement": [words]})
    _require_turn(row)
    try:
        with transaction.atomic():
            TAX.make(row, TaxStatus.FILED, filed_by=by, filed_at=at, acknowledgement=number[:60])
    except IntegrityError as no:
        raise FiledAlready(_("Another return has this number of KRA. Nothing was filed.")) from no
    due = row.figures.due
    audit_trail.record("taxes.return.filed", on=row, by=by, at=at, after={"acknowledgement": number, "due_minor": due})
    events.publish(TaxReturnFiled(return_id=row.pk, minor=due, currency=row.currency))
    return row


def _require_turn(row: TaxReturn) -> None:
    """What the month before counted must be final, and be what this one did not count."""
    before = row.follows
    if before is None or before.computation is None or row.computation is None:
        return
    if before.status == TaxStatus.DRAFT:
        words = _("File the return of %(month)s first. Nothing was filed.")
        raise OutOfTurn(words % {"month": f"{before.first_on:%Y-%m}"})
    if before.computation.upto_transfer != row.computation.since_transfer:
        raise OutOfTurn(
            _("The month before was computed again after this one: compute this one again. Nothing was filed.")
        )
