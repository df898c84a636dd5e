"""Things pledged for a loan: valued again by a new row, and enough of them before anybody approves."""

import itertools
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from apps.accounts.testing import kes
from apps.kernel import approvals
from apps.kernel.clock import local_date, now
from apps.kernel.errors import Conflict, DomainError, IllegalMove, NotAllowed
from apps.kernel.testing import at_once, deliver_events, print_keys, refusals
from apps.lending import operations
from apps.lending.errors import BadPaper, BadTerm, NotEligible, PledgedElsewhere
from apps.lending.models import Collateral, CollateralPaper, CollateralRelease
from apps.lending.operations.collateral import bytes_of, pledged
from apps.lending.security import security_of
from apps.lending.testing import ask, make_borrower, make_officer, terms_of
from apps.notifications.models import Message
from apps.users.testing import make_staff

_nth = itertools.count(100)
pytestmark = pytest.mark.django_db


@pytest.fixture
def loan():
    account = make_borrower(deposits="100000", kyc_tier="TIER_2")
    return ask(account, "60000", code="BUSINESS", terms=terms_of("BUSINESS", loan_to_value=Decimal("0.6")))


def value(loan, amount="100000", **more):
    asked = {"kind": "VEHICLE", "described": "Boda KMDX 123A", "value": kes(amount), "valued_by": "AA of Kenya"}
    asked |= {"number": f"KMDX {next(_nth)}A"}
    asked |= {"valued_on": local_date(now()), "by": make_officer(), "at": now()}
    return operations.value_collateral(loan=loan, **asked | more)


def test_approves_only_what_is_covered(loan):
    officer = make_officer()
    value(loan, "99999")
    with pytest.raises(NotEligible):
        operations.approve(loan=loan, by=officer, at=now())
    loan.refresh_from_db()
    assert loan.status == "APPLIED"
    value(loan, "1", described="A radio")
    assert operations.approve(loan=loan, by=officer, at=now()).status == "APPROVED"


def test_counts_the_newest_valuation_of_a_thing(loan):
    first = value(loan, "120000")
    value(loan, "80000", replaces=first)
    assert pledged(loan) == kes("80000")
    with pytest.raises(BadTerm):
        value(loan, "90000", replaces=first)
    with pytest.raises(DatabaseError), transaction.atomic():
        Collateral.objects.filter(pk=first.pk).update(value_minor=1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "GOLD"},
        {"described": "  "},
        {"valued_by": ""},
        {"value": kes("-1")},
        {"valued_on": local_date(now()) + timedelta(days=2)},
    ],
)
def test_refuses_what_makes_no_sense_and_keeps_nothing(loan, wrong):
    with pytest.raises(DomainError):
        value(loan, **wrong)
    assert not Collateral.objects.exists()


def test_is_for_officers_and_nobody_values_for_themselves(loan):
    for who in (loan.borrower, make_staff("TELLER")):
        with pytest.raises(DomainError):
            value(loan, by=who)


def test_one_thing_stands_for_no_more_than_it_is_worth(loan):
    value(loan, "100000", number="KMDX 1a", charged=kes("60000"))
    other = make_borrower(deposits="100000", kyc_tier="TIER_2")
    theirs = ask(other, "60000", code="BUSINESS", terms=loan.terms)
    with pytest.raises(PledgedElsewhere):
        value(theirs, "100000", number="kmdx-1A".replace("-", " "), charged=kes("40001"))
    row = value(theirs, "100000", number="KMDX1A")
    assert (row.charged, pledged(theirs)) == (kes("40000"), kes("40000"))
    again = value(theirs, "70000", replaces=row, number="")
    assert (again.charged, again.masked_number) == (kes("10000"), "••• X1A")
    with pytest.raises(PledgedElsewhere):
        value(theirs, "60000", number="KMDX1A", charged=kes("1"))


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_pledge_one_thing_once():
    terms = None
    loans = []
    for _nth in range(2):
        account = make_borrower(deposits="100000", kyc_tier="TIER_2")
        terms = terms or terms_of("BUSINESS", loan_to_value=Decimal("0.6"))
        loans.append(ask(account, "60000", code="BUSINESS", terms=terms))
    found = at_once(*(lambda one=one: value(one, "100000", number="KMDX 7B", charged=kes("80000")) for one in loans))
    assert [type(no) for no in refusals(found)] == [PledgedElsewhere]
    assert Collateral.objects.count() == 1


def test_keeps_photos_and_papers_sealed_and_nothing_else(loan):
    row = value(loan)
    asked = {"collateral": row, "name": "C:\\logbook.pdf", "by": make_officer(), "at": now()}
    paper = operations.keep_paper(content=b"%PDF-1.7 logbook", **asked)
    assert (paper.name, paper.content_type, bytes_of(paper)) == ("logbook.pdf", "application/pdf", b"%PDF-1.7 logbook")
    assert operations.keep_paper(content=b"%PDF-1.7 logbook", **asked) == paper
    with connection.cursor() as cursor:
        cursor.execute("SELECT content, number FROM lending_collateralpaper, lending_collateral")
        assert all(b"KMDX" not in bytes(one) and b"logbook" not in bytes(one) for one in cursor.fetchone())
    for content in (b"<html>", b"", b"%PDF-" + b"x" * 3_000_001):
        with pytest.raises(BadPaper):
            operations.keep_paper(content=content, **asked)
    assert CollateralPaper.objects.count() == 1


def test_a_valuation_that_ran_out_does_not_count(loan):
    value(loan, "100000", valued_on=local_date(now()) - timedelta(days=400), expires_on=local_date(now()))
    with pytest.raises(NotEligible):
        operations.approve(loan=loan, by=make_officer(), at=now())
    found = security_of(loan, local_date(now()))
    assert (found.pledged, found.counts, found.ltv, found.is_covered) == (kes("100000"), kes("0"), None, False)


def test_lets_go_by_itself_once_the_loan_is_over_and_by_two_people_before(loan):
    row, kept = value(loan), value(loan, "50000", described="Posho mill", kind="MACHINE")
    officer = make_officer()
    approval = operations.ask_release(collateral=row, reason="Sold; the mill stays", by=officer, at=now())
    with pytest.raises(Conflict):
        operations.ask_release(collateral=row, reason="Again", by=officer, at=now())
    with pytest.raises(NotAllowed):
        approvals.approve(approval=approval, by=officer, at=now())
    approvals.approve(approval=approval, by=make_officer(), at=now())
    assert pledged(loan) == kes("50000")
    with pytest.raises(IllegalMove):
        operations.ask_release(collateral=row, reason="Again", by=officer, at=now())
    operations.cancel(loan=loan, by=loan.borrower, at=now())
    deliver_events()
    assert CollateralRelease.objects.get(collateral=kept).why == "NOT_LENT"
    assert operations.release_of_over(loan=loan, at=now()) == 0
    assert Message.objects.filter(user=loan.borrower, code="lending.collateral_released").exists()


def test_keys_rotate_under_numbers_that_nobody_else_may_change(loan):
    row = value(loan)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE lending_collateral SET number = number")  # what the rotation of keys writes
    for change in ({"number_print": b"x"}, {"charged_minor": 0}, {"owner_name": "Somebody"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Collateral.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Collateral.objects.filter(pk=row.pk).delete()


def test_a_thing_is_one_thing_while_the_key_of_its_print_is_changed(loan, settings):
    row = value(loan, number="KMDX 123A")
    other = ask(make_borrower(deposits="100000", kyc_tier="TIER_2"), "60000", code="BUSINESS", terms=loan.terms)
    for names in (("old", "new"), ("new", "old")):
        print_keys(settings, *names)
        with pytest.raises(PledgedElsewhere):
            value(other, number="KMDX 123A", charged=kes("1"))
    call_command("rotate_blind_indexes")
    print_keys(settings, "new")
    with pytest.raises(PledgedElsewhere):
        value(other, number="KMDX 123A", charged=kes("1"))
    with pytest.raises(DatabaseError), transaction.atomic():  # closed again behind the rotation
        Collateral.objects.filter(pk=row.pk).update(number_print=b"x")
