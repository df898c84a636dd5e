"""The compliance console in Chromium: every page fits a phone and a desk, in both themes, and says nothing wrong."""

import itertools
import os
from datetime import timedelta
from pathlib import Path

import pytest

from apps.accounts.testing import make_account
from apps.compliance.models import TaxReturn
from apps.compliance.operations import taxes
from apps.compliance.testing import make_case, make_tax
from apps.kernel.clock import now
from apps.notifications.testing import code_sent_to
from apps.users.testing import PASSWORD, make_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("KITBANK_SHOTS", "")  # a folder, for who wants to look at the pages


def test_every_page_fits_and_says_nothing_wrong(chromium, live_server):
    officer, case = make_staff("COMPLIANCE_OFFICER"), make_case()
    make_tax("187.50", at=now() - timedelta(days=40), account=make_account())
    make_tax("48.50", at=now(), kind="INTEREST", purpose="tax:withholding")
    taxes.draft_due(at=now())
    taxed = TaxReturn.objects.earliest("pk").pk
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page, wrong = context.new_page(), []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.goto(f"{live_server.url}/compliance/")
    page.fill("input[name=login]", str(officer.phone))
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/login/code**")
    page.fill("input[name=code]", code_sent_to(str(officer.phone)))
    page.keyboard.press("Enter")
    page.wait_for_url("**/compliance/")
    for name, address in {
        "queue": "", "alerts": "alerts", "case": f"cases/{case.reference}", "report": f"cases/{case.reference}/report",
        "customer": f"customers/{case.subject_id}", "screening": "screening", "rules": "rules",
        "rule": "rules/RAPID_IN_OUT", "reports": "reports", "quality": "quality", "audit": "audit", "go": "go?q=a",
        "taxes": "taxes", "tax": f"taxes/{taxed}",
    }.items():  # fmt: skip
        page.goto(f"{live_server.url}/compliance/{address}")
        for width, theme in itertools.product((1440, 390), ("light", "dark")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=theme)
            if SHOTS:
                page.screenshot(path=Path(SHOTS) / f"{name}-{theme}-{width}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width, theme)
    context.close()
    assert wrong == []
