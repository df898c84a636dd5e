"""A loan that does not come back, on the pages: proposed from its page, decided, shown to all, and paid back later."""

import pytest

from apps.chamas import rail
from apps.chamas.models import GroupLoan
from apps.chamas.operations.books import balances
from apps.chamas.testing import decide, make_lost_loan, member_of, members_of
from apps.kernel.clock import now
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import code_sent_to
from apps.payments.models import Payment
from apps.portals.testing import faults_of, sign_in
from apps.portals.tests.customer.test_chama_decisions import key, page_of, propose

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["en", "sw"])
def test_it_is_proposed_from_its_page_and_everybody_sees_what_was_lost(language):
    loan = make_lost_loan(rate=0)
    group = loan.group
    chair = sign_in(member_of(group, "CHAIR").user, kitbank_language=language)
    here = f"/chama/{group.slug}/loans/{loan.reference}"
    assert f"approvals/new/write_off_loan?loan={loan.pk}" in page_of(chair, here)
    form = f"/chama/{group.slug}/approvals/new/write_off_loan"
    assert f'<option value="{loan.pk}" selected>' in page_of(chair, f"{form}?loan={loan.pk}")
    assert propose(chair, group, "write_off_loan", loan=loan.pk, reason="").status_code == 422
    place = propose(chair, group, "write_off_loan", loan=loan.pk, reason="Moved away")["Location"]
    assert "KES 2,000.00" in page_of(chair, place)
    assert "Moved away" in page_of(chair, place)
    decide("WRITE_OFF_LOAN", group, {"loan": loan.pk, "reason": "Moved away"}, at=now())
    after = page_of(chair, here)
    assert "KES\u00a01,000.00" in after
    assert "write_off_loan" not in after
    assert f"{here}/pay" not in after
    assert loan.reference in page_of(chair, f"/chama/{group.slug}/loans")
    assert "<select" not in page_of(chair, form)
    assert propose(chair, group, "write_off_loan", loan=loan.pk, reason="Again").status_code == 422


def test_who_borrowed_pays_it_back_afterwards_and_no_more_than_was_lost():
    loan = make_lost_loan(rate=0)
    group, member = loan.group, members_of(loan.group)[-1]
    decide("WRITE_OFF_LOAN", group, {"loan": loan.pk, "reason": "Moved away"}, at=now())
    browser, here = sign_in(member.user), f"/chama/{group.slug}/loans/{loan.reference}"
    assert f"{here}/pay" in page_of(browser, here)
    page_of(browser, f"/chama/{group.slug}/contribute/mpesa?loan={loan.reference}")
    assert "1,000.00" in page_of(browser, f"{here}/pay")
    pay = {"idempotency_key": key(), "amount": "1000.01", "from_account": member.account_id}
    refused = browser.post(f"{here}/pay", pay)
    assert (refused.status_code, faults_of(refused.content.decode())) == (422, [])
    confirm = browser.post(f"{here}/pay", pay | {"amount": "1000"})["Location"]
    browser.post(confirm, {"code": code_sent_to(str(member.user.phone))})
    rail.ChamaRail().send(payment=Payment.objects.get(), at=now())
    assert (GroupLoan.objects.get().recovered_minor, balances(group)["RESERVE"]) == (100_000, 0)
    assert f"{here}/pay" not in page_of(browser, here)
    assert browser.get(f"{here}/pay").status_code == 303
    assert browser.get(f"/chama/{group.slug}/contribute/mpesa?loan={loan.reference}").status_code == 404
    assert_books_balance()
