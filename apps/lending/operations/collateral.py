"""Things pledged for a loan: valued, valued again, and counted before a loan is approved."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel.clock import local_date
from apps.kernel.errors import IllegalMove
from apps.kernel.money import BadAmount, CurrencyMismatch, Money, total
from apps.lending import policies
from apps.lending.errors import BadTerm, NotEligible
from apps.lending.models import OPEN, Collateral, CollateralKind, Loan, LoanStatus
from apps.users.models import User


@transaction.atomic
def value_collateral(
    *,
    loan: Loan,
    kind: str,
    described: str,
    value: Money,
    valued_on: date,
    valued_by: str,
    serial: str = "",
    replaces: Collateral | None = None,
    by: User,
    at: datetime,
) -> Collateral:
    """Write down what a pledged thing is worth; with `replaces`, a new valuation of the same thing.

    Raises NotAllowed, IllegalMove, BadAmount, CurrencyMismatch, BadTerm.
    """
    policies.require_may_look(by, loan)
    loan = Loan.objects.select_for_update(no_key=True).get(pk=loan.pk)
    if loan.status not in (*OPEN, LoanStatus.ACTIVE):
        raise IllegalMove(_("This loan is over. Nothing was written down."))
    if value.currency != loan.currency:
        raise CurrencyMismatch(_("This loan is in %(currency)s.") % {"currency": loan.currency})
    if value.minor < 0:
        raise BadAmount(_("A value is not below nothing. Nothing was written down."))
    if kind not in CollateralKind.values or not described.strip() or not valued_by.strip():
        raise BadTerm(_("Say what is pledged and who valued it. Nothing was written down."))
    if valued_on > local_date(at):
        raise BadTerm(_("A valuation is of a day that has come. Nothing was written down."))
    if replaces and (replaces.loan_id != loan.pk or Collateral.objects.filter(replaces=replaces).exists()):
        raise BadTerm(_("That thing was valued again already. Nothing was written down; look at it anew."))
    row = Collateral.objects.create(
        loan=loan,
        kind=kind,
        described=" ".join(described.split())[:200],
        serial=serial.strip()[:60],
        currency=value.currency,
        value_minor=value.minor,
        valued_on=valued_on,
        valued_by=" ".join(valued_by.split())[:100],
        replaces=replaces,
        made_by=by,
        made_at=at,
    )
    facts = {"loan": loan.pk, "kind": kind, "value": str(value), "valued_by": row.valued_by}
    audit_trail.record("lending.collateral.valued", on=row, by=by, at=at, customer=loan.borrower, after=facts)
    return row


def pledged(loan: Loan) -> Money:
    """What all that is pledged is worth by its newest valuations."""
    newest = Collateral.objects.filter(loan=loan, replaced_by=None)
    return total((row.value for row in newest), loan.currency)


def require_pledged(loan: Loan) -> None:
    """Raises NotEligible while a product that lends against collateral has too little of it."""
    most = loan.terms.loan_to_value
    if most is None:
        return
    worth = pledged(loan)
    if worth.times(most) < loan.principal:
        raise NotEligible(
            _("What is pledged is worth %(worth)s, and %(share)s %% of it can be lent. Nothing was decided.")
            % {"worth": worth, "share": f"{(most * 100).normalize():f}"}
        )
