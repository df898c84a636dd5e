"""The register of what a group owns: what a thing is, and writing it down with the row of the books it came by."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.audit_trail import operations as audit_trail
from apps.chamas.acts import Facts
from apps.chamas.errors import Invalid
from apps.chamas.models import ChamaGroup, GroupEntry, Investment, InvestmentKind
from apps.chamas.operations import asked
from apps.chamas.references import new_investment_reference
from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.users.models import User


def thing(facts: Facts) -> dict[str, Any]:
    """`kind`, `name`, `units`, `custodian` and `custody_reference` of what is bought or brought in. Raises Invalid."""
    kind = str(facts.get("kind") or "")
    if kind not in InvestmentKind.values:
        raise Invalid(_("Choose what it is. Nothing was done."), errors={"kind": ["unknown"]})
    return {
        "kind": kind,
        "name": asked.words(facts, "name", most=80),
        "units": str(asked.units(facts)),
        "custodian": asked.words(facts, "custodian", most=80),
        "custody_reference": asked.words(facts, "custody_reference", most=60),
    }


def registered(
    group: ChamaGroup, facts: Facts, *, cost: Money, entry: GroupEntry, payee: Account | None, by: User, at: datetime
) -> Investment:
    """Write it down at its cost, within the caller's transaction; without a payee it was brought in."""
    units = asked.units(facts)
    row = Investment.objects.create(
        group=group,
        kind=facts["kind"],
        name=facts["name"],
        custodian=facts["custodian"],
        custody_reference=facts["custody_reference"],
        reference=new_investment_reference(),
        bought_on=local_date(at),
        is_brought=payee is None,
        units=units,
        units_left=units,
        cost_minor=cost.minor,
        cost_left_minor=cost.minor,
        currency=cost.currency,
        payee=payee,
        receipt=entry.reference,
        transfer_id=entry.transfer_id,
    )
    audit_trail.record("chamas.investment.registered", on=row, by=by, at=at, after={"cost": str(cost)})
    return row
