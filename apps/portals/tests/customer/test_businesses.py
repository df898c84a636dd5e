"""A business from its registration to its members, each by the operation the API calls too."""

import pytest

from apps.portals.testing import faults_of, sign_in
from apps.users.models import BusinessInvitation, BusinessMember, BusinessProfile
from apps.users.testing import make_business, make_customer, make_member

pytestmark = pytest.mark.django_db
HERE = "/settings/businesses"


@pytest.fixture
def owner():
    return make_customer(full_name="Achieng Otieno")


@pytest.fixture
def browser(owner):
    return sign_in(owner)


def test_registers_one_and_says_what_is_wrong(browser, owner):
    wrong = browser.post(HERE, {"name": "Welders", "kind": "COMPANY", "registration_number": "?"})
    assert wrong.status_code == 422
    good = {"name": "Jua Kali Welders", "kind": "GROUP", "registration_number": "SHG/KSM/2021/457"}
    made = browser.post(HERE, good)
    business = BusinessProfile.objects.get()
    assert made.headers["Location"] == f"{HERE}/{business.pk}"
    assert business.members.get().user == owner
    assert sign_in(make_customer()).post(HERE, good).status_code == 409
    assert "Jua Kali Welders" in browser.get(HERE).content.decode()


def test_asks_somebody_who_joins_and_another_who_does_not(browser, owner):
    business, wanjiku, kamau = make_business(owner), make_customer(full_name="Wanjiku Kamau"), make_customer()
    page = f"{HERE}/{business.pk}"
    for person in (wanjiku, kamau):
        assert browser.post(page, {"phone": person.phone, "role": "SIGNATORY"}).status_code == 303
    assert "Asked, not answered yet" in browser.get(page).content.decode()
    asked = {row.phone: row.public_id for row in BusinessInvitation.objects.all()}
    hers = sign_in(wanjiku)
    assert "Achieng O. asks you" in hers.get(HERE).content.decode()
    assert hers.get(page).status_code == 404
    assert sign_in(make_customer()).post(f"{HERE}/invitations/{asked[wanjiku.phone]}").status_code == 404
    assert hers.post(f"{HERE}/invitations/{asked[wanjiku.phone]}", {"answer": "yes"}).headers["Location"] == page
    assert sign_in(kamau).post(f"{HERE}/invitations/{asked[kamau.phone]}", {"answer": "no"}).status_code == 303
    assert [member.user for member in business.members.order_by("pk")] == [owner, wanjiku]
    assert "Ask somebody" not in hers.get(page).content.decode()
    assert hers.post(page, {"phone": "0722000999", "role": "OWNER"}).status_code == 422


def test_takes_an_invitation_back(browser, owner):
    business = make_business(owner)
    browser.post(f"{HERE}/{business.pk}", {"phone": "0722000999", "role": "VIEWER"})
    sent = BusinessInvitation.objects.get()
    assert browser.post(f"{HERE}/{business.pk}/asked/{sent.public_id}").status_code == 303
    sent.refresh_from_db()
    assert sent.status == "WITHDRAWN"


def test_changes_roles_and_takes_members_off_but_never_the_last_owner(browser, owner):
    business = make_business(owner)
    other = make_member(business, "VIEWER")
    mine, theirs = (business.members.get(user=user) for user in (owner, other))
    page = f"{HERE}/{business.pk}/members"
    assert browser.post(f"{page}/{mine.pk}", {"remove": "1"}).status_code == 409
    assert sign_in(other).post(f"{page}/{mine.pk}", {"remove": "1"}).status_code == 403
    assert browser.post(f"{page}/{theirs.pk}", {"role": "KING"}).status_code in {400, 422}
    assert browser.post(f"{page}/{theirs.pk}", {"role": "OWNER"}).status_code == 303
    assert browser.post(f"{page}/{mine.pk}", {"remove": "1"}).headers["Location"] == HERE
    assert [row.user for row in BusinessMember.objects.filter(left_at=None)] == [other]
    assert browser.post(f"{HERE}/{business.pk}/close").status_code == 404
    assert sign_in(other).post(f"{HERE}/{business.pk}/close").status_code == 303
    assert BusinessProfile.objects.get().closed_at


def test_asks_the_database_no_more_with_more_members(browser, owner, django_assert_max_num_queries):
    business = make_business(owner)
    for _nth in range(6):
        make_member(business, "VIEWER")
    page = f"{HERE}/{business.pk}"
    browser.get(page)
    with django_assert_max_num_queries(8):
        answer = browser.get(page)
    assert faults_of(answer.content.decode()) == []
