"""After a loan was written off each page tells the truth: to who borrowed, the other members, and the treasurer."""

from datetime import timedelta

import pytest
from django.utils import translation
from django.utils.translation import gettext

from apps.accounts.testing import kes
from apps.chamas import acts, operations
from apps.chamas.models import GroupLoan, Membership
from apps.chamas.testing import decide, make_group, make_lost_loan, member_of, members_of, open_next, pay_all
from apps.kernel.clock import now
from apps.portals.testing import sign_in
from apps.portals.tests.customer.test_chama_decisions import page_of, propose

pytestmark = pytest.mark.django_db
LANGUAGES = pytest.mark.parametrize("language", ["en", "sw"])


def written_off(back=""):
    """A loan of 2,000 of which savings paid 1,000 and so much came back, and the address of its group."""
    loan = make_lost_loan(rate=0)
    decide("WRITE_OFF_LOAN", loan.group, {"loan": loan.pk, "reason": "Moved away"}, at=now())
    if back:
        operations.repay_loan(loan=fresh(loan), amount=kes(back), key="back", by=loan.member.user, at=now())
    return fresh(loan), f"/chama/{loan.group.slug}"


def fresh(loan):
    return GroupLoan.objects.select_related("group", "member__user", "member__account").get(pk=loan.pk)


def saying(page, language, *, these=(), not_these=()):
    with translation.override(language):
        assert {words: gettext(words) in page for words in these} == dict.fromkeys(these, True)
        assert {words: gettext(words) in page for words in not_these} == dict.fromkeys(not_these, False)


def part(page, label):
    """The section of a page which a heading names."""
    return page.partition(f'aria-labelledby="{label}"')[2].partition("</section>")[0]


@LANGUAGES
def test_who_borrowed_reads_what_is_not_back_and_is_not_asked_to_borrow_again(language):
    loan, home = written_off(back="250")
    pay_all(open_next(loan.group))  # they save anew, which would allow a loan of four times as much
    borrower = sign_in(loan.member.user, kitbank_language=language)
    seen = page_of(borrower, home)
    assert "750.00" in part(seen, f"loan{loan.pk}")
    saying(part(seen, f"loan{loan.pk}"), language, these=["Not back yet", "Written off"])
    listed = page_of(borrower, f"{home}/loans")
    assert f"{home}/loans/new" not in listed
    assert "750.00" in part(listed, "mine")
    assert (loan.reference in part(listed, "limit"), "4,000.00" in part(listed, "limit")) == (True, False)
    one = page_of(borrower, f"{home}/loans/{loan.reference}")
    saying(one, language, these=["Until all of it is back you borrow nothing here.", "Written off on", "Not back yet"])
    saying(
        one,
        language,
        these=["Who stood for it", "What was paid before"],
        not_these=["Who stands for it", "Instalments"],
    )
    assert part(one, "plan").count("<li") == 1  # the second instalment is not owed as one any more
    assert f"{home}/loans/{loan.reference}/pay" in one


@LANGUAGES
def test_the_other_members_and_the_treasurer_read_what_was_lost_and_came_back(language):
    loan, home = written_off(back="250")
    for member in (member_of(loan.group, "TREASURER"), members_of(loan.group)[3]):
        browser = sign_in(member.user, kitbank_language=language)
        seen = page_of(browser, home)
        saying(
            seen,
            language,
            these=["More was lost than earned together:", "At a share-out it comes off what members own."],
        )
        assert "750.00" in seen
        listed = part(page_of(browser, f"{home}/loans"), "others")
        assert ("1,000.00" in listed, "250.00" in listed) == (True, True)
        saying(listed, language, these=["Came back since"])
        one = page_of(browser, f"{home}/loans/{loan.reference}")
        saying(one, language, not_these=["Until all of it is back you borrow nothing here.", "Pay back"])
        assert ("1,000.00" in one, "250.00" in one, "750.00" in one) == (True, True, True)
        saying(page_of(browser, f"{home}/ledger"), language, these=["Loan written off", "Lost loan that came back"])


@LANGUAGES
def test_statements_name_the_loss_in_the_fund_that_bears_it(language):
    loan, home = written_off(back="250")
    treasurer = sign_in(member_of(loan.group, "TREASURER").user, kitbank_language=language)
    for whose in ("", str(loan.member.number)):
        page = page_of(treasurer, f"{home}/statement?of={whose}")
        saying(page, language, these=["Loan written off", "Lost loan that came back", "Earned together"])
        assert "750.00" in part(page, "sums")


@LANGUAGES
def test_a_share_out_after_a_loss_says_what_comes_off_before_anybody_votes(language):
    loan, home = written_off()
    chair = sign_in(member_of(loan.group, "CHAIR").user, kitbank_language=language)
    form = page_of(chair, f"{home}/approvals/new/share_out")
    saying(
        form,
        language,
        these=["Everybody is paid their savings and shares, and their part of what was earned or lost."],
    )
    asked = page_of(chair, propose(chair, loan.group, "share_out")["Location"])
    assert ("3,000.00" in asked, "1,000.00" in asked) == (True, True)


def test_only_a_group_that_lost_is_told_of_a_loss():
    lost, sound = written_off()[0].group, make_group()
    pay_all(open_next(sound))
    for code in ("SHARE_OUT", "DISSOLVE"):
        act = acts.act(code)
        assert "KES 1,000.00 comes off" in act.describe(lost, act.read(lost, {}))
        assert "lost" not in act.describe(sound, act.read(sound, {}))


def test_once_all_is_back_nothing_is_said_of_it_and_they_may_ask_again():
    loan, home = written_off(back="1000")
    operations.contribute(member=loan.member, amount=kes("1000"), key="new", by=loan.member.user, at=now())
    pay_all(open_next(loan.group))
    borrower = sign_in(loan.member.user)
    listed, seen = page_of(borrower, f"{home}/loans"), page_of(borrower, home)
    assert f"{home}/loans/new" in listed
    saying(listed, "en", not_these=["Not back yet"])
    saying(seen, "en", not_these=["More was lost than earned together:", "Not back yet"])


def test_a_group_that_has_closed_asks_nobody_to_pay_back_what_it_would_not_take():
    loan, home = written_off()
    decide("DISSOLVE", loan.group, {}, at=now() + timedelta(days=60))
    borrower, here = sign_in(loan.member.user), f"{home}/loans/{loan.reference}"
    one = page_of(borrower, here)
    saying(one, "en", these=["The group is closed and takes nothing back."])
    saying(one, "en", not_these=["Pay back", "By M-Pesa", "Until all of it is back you borrow nothing here."])
    assert borrower.get(f"{here}/pay").status_code == 303
    assert borrower.get(f"{home}/contribute/mpesa?loan={loan.reference}").status_code == 404


def test_who_left_and_came_back_still_finds_the_loan_as_theirs():
    loan, home = written_off()
    group, chair = loan.group, member_of(loan.group, "CHAIR").user
    Membership.objects.filter(pk=loan.member_id).update(status="LEFT", left_at=now())
    again = operations.ask_to_join(join_code=group.join_code, by=loan.member.user, at=now())
    operations.decide_on_asker(member=again, take_in=True, by=chair, at=now())
    borrower = sign_in(loan.member.user)
    assert loan.reference in part(page_of(borrower, f"{home}/loans"), "mine")
    assert f'aria-labelledby="loan{loan.pk}"' in page_of(borrower, home)
    assert f"{home}/loans/{loan.reference}/pay" in page_of(borrower, f"{home}/loans/{loan.reference}")
    page_of(borrower, f"{home}/contribute/mpesa?loan={loan.reference}")
