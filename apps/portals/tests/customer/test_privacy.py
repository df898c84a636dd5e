"""My data on the pages: strict in both languages, without JavaScript, one's own alone."""

import pytest

from apps.accounts.testing import make_account
from apps.compliance.models import DataRequest
from apps.compliance.operations import privacy
from apps.kernel import consents
from apps.kernel.clock import now
from apps.notifications.testing import code_sent_to
from apps.portals.testing import faults_of, sign_in
from apps.users import operations as users
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db
HOME = "/settings/privacy"


@pytest.fixture
def user():
    return make_customer()


@pytest.fixture
def browser(user):
    return sign_in(user)


@pytest.mark.parametrize("language", ["en", "sw"])
def test_every_page_is_strict_in_both_languages(user, browser, language):
    make_account(user)
    users.look_at(customer=user, by=make_staff("TELLER"), reason="A complaint or a dispute", at=now())
    request = privacy.ask_export(user=user, at=now())
    privacy.make_exports(at=now())
    browser.cookies["kitbank_language"] = language
    pages = [HOME, f"{HOME}/looks", f"{HOME}/correct", f"{HOME}/erase", f"{HOME}/copy/{request.public_id}", "/settings"]
    for address in pages:
        answer = browser.get(address)
        assert answer.status_code == 200, address
        assert faults_of(answer.content.decode()) == [], address
    words = browser.get(HOME).content.decode()
    assert ("Ofa na habari" if language == "sw" else "Offers and news") in words


def test_keeps_a_word_on_consent_and_says_no_to_what_the_law_demands(user, browser):
    agreed = browser.post(f"{HOME}/consent", {"purpose": "MARKETING", "is_given": "1"})
    assert (agreed.status_code, agreed["Location"]) == (303, HOME)
    assert consents.holds(user.pk, "MARKETING")
    browser.post("/settings/notices", {"SMS:SERVICE": "on", "quiet_from": "21:00", "quiet_to": "07:00"})
    assert not consents.holds(user.pk, "MARKETING")
    assert browser.post(f"{HOME}/consent", {"purpose": "IDENTITY", "is_given": "0"}).status_code == 409
    assert browser.post(f"{HOME}/consent", {"purpose": "a\0b", "is_given": "1"}).status_code == 404


def test_downloads_a_copy_after_a_proof(user, browser):
    browser.post(f"{HOME}/copy")
    privacy.make_exports(at=now())
    row = DataRequest.objects.get()
    page = f"{HOME}/copy/{row.public_id}"
    assert browser.post(page, {"way": "SMS"}).status_code == 303
    assert browser.post(page, {"code": "000000"}).status_code == 422
    file = browser.post(page, {"code": code_sent_to(str(user.phone))})
    assert (file.status_code, file["Content-Type"], file["Cache-Control"]) == (200, "application/zip", "no-store")
    assert browser.post(page, {}).status_code == 422
    assert sign_in(make_customer()).get(page).status_code == 404


def test_asks_for_a_correction_and_takes_it_back(user, browser):
    asked = {"field": "full_name", "wanted": "Achieng Atieno", "reason": "Married"}
    refused = browser.post(f"{HOME}/correct", asked)
    assert refused.status_code == 422
    assert "Add a picture" in refused.content.decode()
    assert browser.post(f"{HOME}/correct", asked | {"field": "other"}).status_code == 303
    row = DataRequest.objects.get()
    browser.post(f"{HOME}/requests/{row.public_id}/withdraw")
    row.refresh_from_db()
    assert row.status == "WITHDRAWN"
    assert user.full_name in browser.get("/settings").content.decode()


def test_says_what_is_in_the_way_of_erasure_then_asks_with_a_proof(user, browser):
    account = make_account(user)
    assert f"•••{account.number[-4:]}" in browser.get(f"{HOME}/erase").content.decode()
    browser.post(f"{HOME}/erase", {"way": "SMS"})
    assert not DataRequest.objects.exists()
    type(account).objects.filter(pk=account.pk).update(status="CLOSED", closed_at=now())
    browser.post(f"{HOME}/erase", {"way": "SMS"})
    assert browser.post(f"{HOME}/erase", {"code": code_sent_to(str(user.phone))}).status_code == 303
    assert DataRequest.objects.get().status == "OPEN"


def test_shows_looks_by_role_with_as_few_questions_for_many(user, browser, django_assert_num_queries):
    teller = make_staff("TELLER", full_name="Teller Wanjiku")
    users.look_at(customer=user, by=make_staff("COMPLIANCE_OFFICER"), reason="An alert", at=now())
    users.look_at(customer=user, by=teller, reason="A complaint or a dispute", at=now())
    page = browser.get(f"{HOME}/looks").content.decode()
    assert "Teller" in page
    assert "Teller Wanjiku" not in page
    assert "Compliance officer" not in page
    for _nth in range(10):
        users.look_at(customer=user, by=teller, reason="A complaint or a dispute", at=now())
    with django_assert_num_queries(4):
        browser.get(f"{HOME}/looks")
