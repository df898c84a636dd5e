"""A group shows the bank its papers: on its page, by the API, and at the desk, where two people decide."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.chamas.models import GroupCheck, GroupPaper
from apps.chamas.testing import make_group, make_person, member_of, members_of, picture
from apps.chamas.tests.app import App
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.models import Approval
from apps.portals.testing import faults_of, sign_in
from apps.portals.tests.banker.desk import enter
from apps.users.models import User
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db


def test_papers_are_brought_handed_in_looked_at_and_agreed_on_by_two(client):
    group = make_group(members=4)
    User.objects.filter(pk__in=[one.user_id for one in members_of(group)]).update(kyc_tier="TIER_2")
    here, chair = f"/chama/{group.slug}/papers", sign_in(group.created_by)
    page = chair.get(here).content.decode()
    assert (faults_of(page), "500,000.00" in page) == ([], True)
    refused = chair.post(f"{here}/hand-in", {"unregistered": "1"})
    page = refused.content.decode()
    assert (refused.status_code, faults_of(page), "the list of officials" in page) == (409, [], True)
    for nth, kind in enumerate(("CONSTITUTION", "OFFICIALS")):
        file = SimpleUploadedFile("x.jpg", picture(("red", "blue")[nth]))
        assert chair.post(here, {"kind": kind, "file": file}).status_code == 303
    assert chair.post(here, {"kind": "OFFICIALS"}).status_code == 422
    member = sign_in(member_of(group, "MEMBER").user)
    assert "Add a paper" not in member.get(here).content.decode()
    assert member.post(f"{here}/hand-in", {"unregistered": "1"}).status_code == 403
    assert chair.post(f"{here}/hand-in", {"unregistered": "1"}).status_code == 303
    assert "You hear from us by" in chair.get(here).content.decode()
    app = App(client, group.created_by, group)
    seen = app.get("verification/")
    assert (seen["is_verified"], seen["last"]["status"], seen["missing"]) == (False, "IN_REVIEW", ["REGISTRATION"])
    assert seen["limits"][0]["limit"]["amount"] == "500000.00"
    _decided(group)
    seen = app.get("verification/")
    assert (seen["is_verified"], seen["limits"]) == (True, [])
    assert app.post("verification/", {"is_registered": True}, 409)["code"] == "already_done"
    App(client, make_person(), group).get("verification/", 404)
    assert "has verified this group" in chair.get(here).content.decode()


def _decided(group):
    """One refuses and is sent new papers; two agree."""
    first, second = make_staff("KYC_OFFICER"), make_staff("KYC_OFFICER")
    desk, check = enter(first), GroupCheck.objects.get()
    at = f"/workbench/group-papers/{check.public_id}/"
    assert enter(make_staff("TELLER")).get(at).status_code == 403
    page = desk.get("/workbench/queues/groups/").content.decode()
    assert (faults_of(page), at in page) == ([], True)
    page = desk.get(at).content.decode()
    assert (faults_of(page), "Self-help group" in page) == ([], True)
    paper = check.papers.first()
    assert desk.get(f"{at}{paper.public_id}/")["Content-Type"] == "image/jpeg"
    other = GroupPaper.objects.create(
        group=group, kind="INVESTMENT", media_type="image/jpeg", size=1, sha256_given="x", sha256_kept="x",
        uploaded_by=group.created_by, uploaded_at=now(),
    )  # fmt: skip
    assert desk.get(f"{at}{other.public_id}/").status_code in (403, 404)
    assert desk.post(at, {"act": "verify", "reason": ""}).status_code == 422
    assert desk.post(at, {"act": "verify", "reason": "Seen"}).status_code == 303
    page = desk.get(at).content.decode()
    assert ("What you found" not in page, faults_of(page)) == (True, [])
    approvals.approve(approval=Approval.objects.get(kind="chamas.verify_group"), by=second, at=now())
    assert "Verified" in enter(make_staff("BRANCH_MANAGER")).get(f"/workbench/groups/{group.slug}/").content.decode()
