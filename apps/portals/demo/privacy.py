"""Data protection in the demo: consents, a copy that is ready, a correction that waits, a breach under its clock, a
hold, and looks of staff that a customer sees.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from apps.compliance.operations import privacy
from apps.portals.demo.year import Household
from apps.users import operations as users
from apps.users.models import User

LOOKS = ("A question at the counter", "A complaint or a dispute")


def ask_of_data(households: Sequence[Household], *, officer: User, teller: User, end: datetime) -> int:
    """What customers said and asked of their data, and one breach; returns the requests that wait for an answer."""
    first, second, third = (household.account.owner for household in households[:3])
    for nth, household in enumerate(households[:40]):
        at = household.joined_at + timedelta(days=10)
        person = household.account.owner
        privacy.change_consent(user=person, code="BUREAU", is_given=True, channel="PORTAL", at=at)
        if nth % 3 == 0:
            privacy.change_consent(user=person, code="PROFILING", is_given=True, channel="PORTAL", at=end)
        if nth % 2 == 0:
            privacy.change_consent(user=person, code="MARKETING", is_given=True, channel="PORTAL", at=at)
    privacy.change_consent(user=second, code="MARKETING", is_given=False, channel="API", at=end - timedelta(days=20))
    for nth, reason in enumerate(LOOKS):
        users.look_at(customer=first, by=teller, reason=reason, at=end - timedelta(days=30 * (nth + 1)))
    privacy.make_export(request_id=privacy.ask_export(user=first, at=end).pk, at=end)
    privacy.ask_correction(
        user=second, field="other", wanted="My shop moved to Kisumu", reason="The address of my shop is the old one.",
        at=end - timedelta(days=22),
    )  # fmt: skip
    privacy.set_hold(user=third, reason="Sued over a plot", law="ELC case 41 of 2026", by=officer, at=end)
    _lose_a_laptop(first, officer, end)
    privacy.run_retention(at=end)
    return 1


def _lose_a_laptop(touched: User, officer: User, end: datetime) -> None:
    found = privacy.Found(
        title="A lost laptop",
        what="A field officer left a laptop in a matatu. Its disk is sealed; the screen was unlocked.",
        categories="Names, phones, savings of one group",
        people=14,
        is_risky=True,
        aware_at=end - timedelta(hours=30),
        happened_at=end - timedelta(hours=33),
    )
    breach = privacy.open_breach(found=found, by=officer, at=end - timedelta(hours=29))
    wiped = "Wiped from afar at 14:10."
    privacy.note_breach(breach=breach, text=wiped, is_measure=True, by=officer, at=end - timedelta(hours=28))
    privacy.name_people(breach=breach, phones=[str(touched.phone)], by=officer, at=end - timedelta(hours=27))
