"""Standing orders of a business in Chromium: every page fits a phone in both themes, and says nothing wrong."""

import os
from pathlib import Path

import pytest

from apps.accounts.testing import business_account, kes, make_account, make_mandate
from apps.kernel.clock import local_date, now
from apps.notifications.testing import code_sent_to
from apps.payments import operations
from apps.payments.schedule import Schedule
from apps.portals.tests.journeys.fits import too_wide
from apps.portals.tests.journeys.test_customer_browser import sign_in
from apps.users import operations as people
from apps.users.testing import make_business, make_customer, make_member

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("KITBANK_SHOTS", "")  # a folder, for who wants to look at the pages


def ask(account, payee, by, key):
    return operations.ask_joint_order(
        from_account=account, where=operations.place_here(to=payee.number, owner=account.owner, at=now()),
        amount=kes("48000"), schedule=Schedule("MONTHLY", local_date(now()), times=12), note="Rent of the workshop",
        key=key, by=by, at=now(),
    )  # fmt: skip


def sign(joint, by):
    row = operations.challenge_joint_order(joint=joint, by=by, at=now(), method="SMS")
    people.answer(challenge_id=row.pk, user=by, answer=code_sent_to(str(by.phone)), at=now())
    operations.sign_joint_order(joint=joint, challenge_id=row.pk, by=by, at=now())


def test_every_page_fits_a_phone_in_both_themes(phone, live_server):
    firm = make_business(make_customer(full_name="Nyambura wa Kimathi-Odhiambo", kyc_tier="TIER_2"))
    second, third = make_member(firm, "SIGNATORY"), make_member(firm, "SIGNATORY")
    account, payee = business_account(firm, balance="90000"), make_account(make_customer(full_name="Wanjiku Kamau"))
    make_mandate(firm, second, third)
    lacks, waits = ask(account, payee, third, "one"), ask(account, payee, second, "two")
    for who in (third, second):
        sign(lacks, who)
    make_mandate(firm, firm.created_by, second, third)
    phone.set_viewport_size({"width": 390, "height": 844})
    sign_in(phone, live_server.url, firm.created_by)
    pages = {"money": "money", "new": "orders/new", "change": f"orders/new?instead={lacks.order.public_id}",
             "waits": f"orders/{waits.order.public_id}", "lacks": f"orders/{lacks.order.public_id}"}  # fmt: skip
    for name, path in pages.items():
        for theme in ("light", "dark"):
            phone.emulate_media(color_scheme=theme)
            answer = phone.goto(f"{live_server.url}/settings/businesses/{firm.pk}/{path}")
            assert answer.status == 200, path
            if SHOTS:
                phone.screenshot(path=Path(SHOTS) / f"{name}-{theme}.png", full_page=True)
            assert too_wide(phone) == [], (path, theme)
    assert phone.wrong == []
