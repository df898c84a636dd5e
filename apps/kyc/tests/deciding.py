"""Papers handed in and decided on, as the tests of decisions and of checks need them."""

from datetime import date

from apps.kernel.clock import now
from apps.kyc.models import (
    WorkflowCheck,
)
from apps.kyc.operations import papers
from apps.kyc.rules import mrz
from apps.kyc.testing import BORN, handed_in

AT = now()


def taken(person, officer, **given):
    return papers.claim(workflow=handed_in(person, AT, **given), by=officer, at=AT)


def say_yes(workflow, officer, reason="Seen and read", *, compared=True):
    return papers.approve(workflow=workflow, by=officer, at=AT, compared=compared, reason=reason)


def state(person):
    person.refresh_from_db()
    return person.kyc_tier, person.kyc_status


def results(workflow):
    return {row.kind: row.result for row in WorkflowCheck.objects.filter(workflow=workflow).order_by("pk")}


def zone(person, **other):
    made = mrz.Mrz(
        "TD1", "ID", "KEN", "OTIENO", "ACHIENG", str(person.id_number), "KEN", BORN, "F", date(2035, 1, 1), **other
    )
    return mrz.write("TD1", made)
