"""Papers in Chromium: chosen on a phone, seen beside each other at the desk, under the strict policy."""

import pytest

from apps.kernel.clock import now
from apps.kyc.models import VerificationWorkflow
from apps.kyc.operations import papers
from apps.kyc.testing import BORN, PIN, picture
from apps.portals.tests.banker.desk import enter
from apps.users.testing import PASSWORD, make_customer, make_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PARTS = {"NATIONAL_ID/FRONT": {}, "NATIONAL_ID/BACK": {}, "SELFIE/PAGE": {}, "TAX_PIN/PAGE": {"number": PIN}}


def test_from_the_phone_to_the_desk(chromium, live_server):
    person = make_customer(full_name="Nyambura wa Kimathi-Odhiambo")
    phone = chromium.new_context(viewport={"width": 360, "height": 740})
    page, wrong = phone.new_page(), []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.goto(f"{live_server.url}/login")
    page.fill("input[name=login]", str(person.phone))
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server.url}/")
    page.goto(f"{live_server.url}/kyc")
    page.click("text=Begin")
    page.wait_for_selector("#parts")
    for part, fields in PARTS.items():
        page.goto(f"{live_server.url}/kyc/bring/{part}")
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, part
        if part == "NATIONAL_ID/FRONT":
            fields = {"number": str(person.id_number), "born_on": BORN.isoformat()}
        for name, value in fields.items():
            page.fill(f"input[name={name}]", value)
        if part == "SELFIE/PAGE":
            page.check("input[name=consent]")
        file = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": picture(part)}
        page.set_input_files("input[name=file]", file)
        page.click("text=Send this picture")
        page.wait_for_selector("#parts")
    page.wait_for_load_state()  # its style sheet too
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click("text=Hand in my papers")
    page.wait_for_selector("text=We are checking your papers")
    assert wrong == []
    phone.close()
    papers.check_due(at=now())
    _at_the_desk(chromium, live_server, person)


def _at_the_desk(chromium, live_server, person):
    row = VerificationWorkflow.objects.get()
    officer = enter(make_staff("KYC_OFFICER"))
    desk = chromium.new_context(viewport={"width": 1440, "height": 900})
    cookies = [{"name": name, "value": held.value, "url": live_server.url} for name, held in officer.cookies.items()]
    desk.add_cookies(cookies)
    page, wrong = desk.new_page(), []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.goto(f"{live_server.url}/workbench/queues/kyc/")
    page.click("text=Take the next")
    page.wait_for_url(f"**/workbench/kyc/{row.public_id}/")
    seen = page.evaluate("[...document.images].map(one => one.complete && one.naturalWidth)")
    assert seen == [800] * 4
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.check("input[name=compared]")
    page.fill("textarea[name=reason]", "Seen and read; the registry was not asked")
    page.click("button[value=approve]")
    page.wait_for_url("**/workbench/queues/kyc/")
    assert wrong == []
    desk.close()
    person.refresh_from_db()
    assert person.kyc_tier == "TIER_2"
