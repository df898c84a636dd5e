"""Statements of groups on the customer's pages."""

from datetime import timedelta

import pytest
from django.test import Client

from apps.chamas import operations
from apps.chamas.models import GroupStatement, Meeting
from apps.chamas.testing import make_group, make_person, member_of, open_next, pay_all
from apps.kernel.clock import now
from apps.portals.testing import faults_of, sign_in
from apps.users.rules import half_name

pytestmark = pytest.mark.django_db
ALWAYS = "from_date=2020-01-01&to_date=2199-01-01"


@pytest.mark.parametrize("language", ["en", "sw"])
def test_shows_adds_up_and_makes_files(language):
    group = make_group(members=4)
    pay_all(open_next(group))
    member = member_of(group, "MEMBER")
    browser = sign_in(member.user)
    browser.cookies["kitbank_language"] = language
    at = f"/chama/{group.slug}/statement"
    fresh = browser.get(at)
    assert (fresh.status_code, faults_of(fresh.content.decode())) == (200, [])
    page = browser.get(f"{at}?{ALWAYS}").content.decode()
    assert faults_of(page) == []
    assert "4,800" in page
    assert "https://wa.me/?text=" in page
    mine = browser.get(f"{at}?{ALWAYS}&of=4").content.decode()
    assert "4,800" not in mine
    assert "1,200" in mine
    assert browser.get(f"{at}?{ALWAYS}&of=4&kind=pdf").content[:5] == b"%PDF-"
    row = GroupStatement.objects.get()
    page = Client().get(f"/verify/{row.pk}", headers={"Accept-Language": language}).content.decode()
    assert (row.seal in page, group.name in page, faults_of(page)) == (True, True, [])
    assert half_name(member.user.full_name) not in page
    assert browser.get(f"{at}?{ALWAYS}&kind=xlsx").content[:2] == b"PK"
    for wrong in ("from_date=2026-12-01&to_date=2026-11-01", "from_date=x", "of=1", "of=99", "kind=doc"):
        answer = browser.get(f"{at}?{wrong}")
        assert (answer.status_code, faults_of(answer.content.decode())) == (422, []), wrong
    assert "1,200" in sign_in(group.created_by).get(f"{at}?{ALWAYS}&of=4").content.decode()
    assert sign_in(make_person()).get(at).status_code == 404


def test_minutes_are_printed_for_members_alone():
    group = make_group(members=3)
    chair = group.created_by
    meeting = operations.call_meeting(
        group=group, starts_at=now() + timedelta(days=30), place="Kondele", agenda=["x"], by=chair, at=now()
    )
    address = f"/chama/{group.slug}/meetings/{meeting.public_id}/minutes.pdf"
    browser = sign_in(chair)
    assert browser.get(address).status_code == 404
    Meeting.objects.update(starts_at=now())
    meeting.refresh_from_db()
    operations.hold_meeting(meeting=meeting, presences={}, by=chair, at=now())
    operations.write_minutes(meeting=meeting, body="Agreed.", by=chair, at=now())
    assert browser.get(address).content[:5] == b"%PDF-"
    assert sign_in(make_person()).get(address).status_code == 404
