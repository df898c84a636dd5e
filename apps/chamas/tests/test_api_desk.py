"""The bank's work on groups by API: the same queue, refusals and second person as at the workbench."""

import pytest

from apps.chamas import operations
from apps.chamas.models import ChamaGroup, GroupCheck, GroupPaper, Membership
from apps.chamas.testing import make_group, member_of
from apps.chamas.tests.app import App
from apps.chamas.tests.test_verification import complete
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.models import Approval
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db
QUEUE = "/api/v1/admin/groups/papers/"


@pytest.fixture
def group():
    return complete(make_group(members=3))


def hand_in(group):
    row = operations.hand_in(group=group, is_registered=True, by=group.created_by, at=now())
    return row, f"{QUEUE}{row.public_id}/"


def test_papers_are_read_refused_with_a_reason_and_verified_by_two(client, group):
    row, at = hand_in(group)
    first, second = (App(client, make_staff("KYC_OFFICER")) for _nth in range(2))
    for who in (App(client, make_staff("TELLER")), App(client, group.created_by)):
        for path in (QUEUE, at):
            who.get(path, 403)
        who.post(f"{at}verify/", {"reason": "Mine"}, 403)
    assert [one["id"] for one in first.get(QUEUE)["results"]] == [str(row.public_id)]
    seen = first.get(at)
    assert ([one["role"] for one in seen["officers"]], len(seen["papers"])) == (["CHAIR", "TREASURER", "SECRETARY"], 3)
    file = first.get(f"{at}files/{seen['papers'][0]['id']}/")
    assert (file.headers["Content-Type"], file.content[:2]) == ("image/jpeg", b"\xff\xd8")
    other = GroupPaper.objects.create(
        group=group, kind="INVESTMENT", media_type="image/jpeg", size=1, sha256_given="x", sha256_kept="x",
        uploaded_by=group.created_by, uploaded_at=now(),
    )  # fmt: skip
    first.get(f"{at}files/{other.public_id}/", 404)
    first.post(f"{at}refuse/", {"reason": ""}, 400)
    first.post(f"{at}refuse/", {"reason": "No", "papers": ["INVESTMENT"]}, 400)
    said = first.post(f"{at}refuse/", {"reason": "Not readable", "papers": ["OFFICIALS"]})
    assert (said["status"], said["refused"]) == ("REJECTED", ["OFFICIALS"])
    first.post(f"{at}refuse/", {"reason": "Again"}, 409)
    _row, at = hand_in(group)
    asked = first.post(f"{at}verify/", {"reason": "Seen"}, 202)
    second.post(f"{at}verify/", {"reason": "Seen"}, 409)
    first.post(f"/api/v1/admin/approvals/{asked['approval']}/approve/", {}, 403)
    second.post(f"/api/v1/admin/approvals/{asked['approval']}/approve/", {})
    assert ChamaGroup.objects.get(pk=group.pk).is_verified
    assert (GroupCheck.objects.waiting().count(), first.get(QUEUE)["results"]) == (0, [])


def test_nobody_of_the_bank_decides_on_a_group_of_their_own(client, group):
    (_row, at), officer = hand_in(group), make_staff("KYC_OFFICER")
    Membership.objects.filter(pk=member_of(group, "SECRETARY").pk).update(user=officer)
    own = App(client, officer)
    own.post(f"{at}verify/", {"reason": "Seen"}, 403)
    own.post(f"{at}refuse/", {"reason": "Seen"}, 403)
    own.get(f"{at}files/{GroupPaper.objects.first().public_id}/", 403)


def test_money_is_stopped_from_leaving_by_two(client, group):
    first, second = (make_staff("BRANCH_MANAGER") for _nth in range(2))
    at, why = f"/api/v1/admin/groups/{group.slug}/restrict/", {"restrict": True, "reason": "Two members dispute loans"}
    App(client, make_staff("KYC_OFFICER")).post(at, why, 403)
    App(client, first).post("/api/v1/admin/groups/none/restrict/", why, 404)
    App(client, first).post(at, why | {"restrict": False}, 409)
    asked = App(client, first).post(at, why, 202)
    assert ChamaGroup.objects.get(pk=group.pk).restricted_at is None
    approvals.approve(approval=Approval.objects.get(pk=asked["approval"]), by=second, at=now())
    assert ChamaGroup.objects.get(pk=group.pk).restricted_at is not None
