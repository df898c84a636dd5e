"""Every page of groups in both languages: strict, whole, small, not there for strangers, no query more for more."""

import copy
import gzip

import pytest
from django.urls import reverse

from apps.accounts.testing import kes, make_account
from apps.audit_trail.models import AuditLog
from apps.chamas import operations
from apps.chamas.models import CashNote, ChamaGroup, GroupDispute, GroupEntry, GroupLoan, Meeting, Proposal
from apps.chamas.testing import decide, join, make_forming, make_person, members_of, open_next
from apps.kernel.clock import now
from apps.kernel.testing import lasting
from apps.portals.customer.chama.proposing import FORMS
from apps.portals.customer.chama.urls import urlpatterns
from apps.portals.testing import faults_of, sign_in
from apps.portals.tests.customer.circle import POSTS_ONLY, make_circle, make_treasurer, pages_of
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db
FOR_ANYONE_IN = {"chama", "chama-join", "chama-start", "chama-found"}
LEADS_ON = {"chama-sheet", "chama-loan-pay", "chama-minutes-pdf", "chama-paper"}  # treasurer, running loan, files


def circle_of_nyambura():
    user = make_account(make_customer(full_name="Nyambura wa Kimathi-Odhiambo"), balance="50000").owner
    return make_circle(user)


@pytest.fixture(scope="module", autouse=True)
def first_group(django_db_setup, django_db_blocker):
    with lasting(circle_of_nyambura, django_db_blocker) as made:
        yield made


@pytest.fixture
def group(first_group):
    return copy.deepcopy(first_group)


def pages(group):
    found = pages_of(group)
    for pattern in urlpatterns:
        if pattern.name not in POSTS_ONLY:
            yield pattern.name, reverse(f"customer:{pattern.name}", args=found.get(pattern.name, []))


def whole(browser, address, language="en"):
    answer = browser.get(address)
    page = answer.content.decode()
    assert answer.status_code == 200, address
    assert faults_of(page) == [], address
    assert f'<html lang="{language}-KE"' in page
    assert len(gzip.compress(page.encode())) < 25_000, address
    return page


@pytest.mark.parametrize("language", ["en", "sw"])
def test_every_page_is_strict_and_whole(group, language):
    browser = sign_in(group.created_by, kitbank_language=language)
    seen = 0
    for name, address in pages(group):
        if name not in LEADS_ON:
            whole(browser, address, language)
            seen += 1
    assert seen >= 26
    for act in FORMS:
        whole(browser, f"/chama/{group.slug}/approvals/new/{act.lower()}", language)
    decide("LEND_TO_MEMBER", group, {"loan": GroupLoan.objects.get().pk}, at=now())
    make_treasurer(group, group.created_by)
    loan = GroupLoan.objects.get()
    for address in ("sheet", "members", f"loans/{loan.reference}", f"loans/{loan.reference}/pay", "rounds"):
        whole(browser, f"/chama/{group.slug}/{address}", language)


def test_to_who_does_not_belong_nothing_is_there(group, client):
    stranger = sign_in(make_person())
    for pattern in urlpatterns:
        if pattern.name in FOR_ANYONE_IN:
            continue
        args = pages_of(group).get(pattern.name) or [group.slug, *_ids(pattern)]
        address = reverse(
            f"customer:{pattern.name}", args=args if pattern.name != "chama-invitation" else _ids(pattern)
        )
        for ask in (stranger.get, stranger.post):
            answer = ask(address)
            assert answer.status_code in (404, 405), (address, answer.status_code)
            assert group.name not in answer.content.decode()
        assert client.get(address).status_code in (302, 303, 405), address


def _ids(pattern):
    if "uuid:" in str(pattern.pattern):
        return ["00000000-0000-4000-8000-000000000000"]
    return [1] if "int:" in str(pattern.pattern) else []


def test_a_member_finds_their_balance_right_and_the_officers_see_it(group):
    member = members_of(group)[4]
    browser, here = sign_in(member.user), f"/chama/{group.slug}"
    assert "I have checked it" in whole(browser, here)
    newest = GroupEntry.objects.filter(member=member).latest("pk")
    for entry, status in (
        (newest.public_id, 303),
        ("x", 404),
        (GroupEntry.objects.exclude(member=member)[0].public_id, 409),
    ):
        assert browser.post(f"{here}/confirm", {"entry": entry}).status_code == status
    assert "You found it right on" in whole(browser, here)
    said = "found their balance right on"
    assert said in whole(sign_in(group.created_by), f"{here}/members")
    assert said not in whole(browser, f"{here}/members")


def test_strange_numbers_in_an_address_or_a_form_are_no_crash(group):
    browser, here = sign_in(group.created_by), f"/chama/{group.slug}"
    for odd in ("²", "9" * 5000, "-1"):
        assert browser.get(f"{here}/ledger", {"member": odd, "before": odd}).status_code == 200
    assert browser.post(f"{here}/rules", {"version": "²"}).status_code == 404


def test_officers_choose_when_they_hear_of_payments(group):
    browser = sign_in(group.created_by)
    here = f"/chama/{group.slug}/hear"
    for choice, status in (("AT_ONCE", 303), ("NEVER", 400)):
        assert browser.post(here, {"hears": choice}).status_code == status
    assert 'value="AT_ONCE" checked' in whole(browser, f"/chama/{group.slug}/members")
    member = sign_in(members_of(group)[4].user)
    assert "When you hear" not in whole(member, f"/chama/{group.slug}/members")
    assert member.post(here, {"hears": "AT_ONCE"}).status_code == 403


def test_an_empty_form_decides_nothing(group):
    browser, here = sign_in(group.created_by), f"/chama/{group.slug}"
    note, loan = CashNote.objects.get(), GroupLoan.objects.get()
    asked, row = Proposal.objects.get(act="WITHDRAW_SAVINGS"), GroupDispute.objects.get()
    held = Meeting.objects.filter(status="CALLED").latest("pk")
    before = AuditLog.objects.count()
    for page in (
        *("leave", f"cash/{note.pk}", f"loans/{loan.reference}", f"disputes/{row.public_id}"),
        *(f"approvals/{asked.public_id}/act", f"approvals/{asked.public_id}/vote", f"meetings/{held.public_id}/act"),
    ):
        assert browser.post(f"{here}/{page}").status_code == 400, page
    assert AuditLog.objects.count() == before


def test_asks_the_database_no_more_with_more_members_and_rows(group, django_assert_max_num_queries):
    browser = sign_in(group.created_by)
    for _nth in range(4):
        join(group)
    open_next(group)
    for one in members_of(group):
        operations.contribute(member=one, amount=kes("1500"), key="2", by=one.user, at=now())
    facts = {"member": members_of(group)[4].pk, "minor": 100}
    for nth in range(5):
        operations.propose(
            group=group, act="WITHDRAW_SAVINGS", facts=facts, by=group.created_by, at=now(), key=f"k{nth}"
        )
    for page, most in {
        "": 20,
        "/members": 11,
        "/ledger": 11,
        "/approvals": 11,
        "/loans": 11,
        "/meetings": 7,
        "/fines": 9,
        "/rounds": 15,
        "/contribute": 12,
    }.items():
        with django_assert_max_num_queries(most):
            assert browser.get(f"/chama/{group.slug}{page}").status_code == 200
    make_treasurer(group, group.created_by)
    with django_assert_max_num_queries(13):
        assert browser.get(f"/chama/{group.slug}/sheet").status_code == 200
    with django_assert_max_num_queries(9):
        assert browser.get("/chama").status_code == 200


def test_a_group_that_has_not_begun_or_is_closed_shows_what_it_has_and_offers_nothing_else():
    founder = make_person()
    forming = operations.found_group(
        name="Wakulima", kind="SAVINGS", rules={"savings_minor": 100, "rotation": "FIXED", "rotation_minor": 5},
        by=founder, at=now(),
    )  # fmt: skip
    browser = sign_in(founder)
    for status in ("FORMING", "CLOSED"):
        ChamaGroup.objects.filter(pk=forming.pk).update(
            status=status, closed_at=now() if status == "CLOSED" else None, began_at=now()
        )
        for page in (
            "",
            "/rules",
            "/contribute",
            "/members",
            "/ledger",
            "/loans",
            "/meetings",
            "/approvals",
            "/rounds",
        ):
            text = whole(browser, f"/chama/{forming.slug}{page}")
            assert "Propose something" not in text
        assert "The group takes no money now" in whole(browser, f"/chama/{forming.slug}/contribute")
        said = browser.get(f"/chama/{forming.slug}/leave")
        assert (said.status_code, status) in {(200, "FORMING"), (303, "CLOSED")}
        assert status == "CLOSED" or faults_of(said.content.decode()) == []
        assert (
            browser.post(f"/chama/{forming.slug}/approvals/new/share_out", {"idempotency_key": "0" * 32}).status_code
            == 409
        )


def test_leaving_a_group_that_has_not_begun_is_asked_for_and_then_done():
    group = make_forming()
    member = join(group)
    browser, here = sign_in(member.user), f"/chama/{group.slug}/leave"
    assert "you leave at once" in browser.get(here).content.decode()
    assert browser.post(here).status_code == 303
    assert browser.get(here).status_code == 404
    assert sign_in(group.created_by).post(here).status_code == 303
    group.refresh_from_db()
    assert group.status == "CLOSED"


def test_the_ledger_is_looked_through_by_fund_and_member_and_page(group):
    browser = sign_in(group.created_by)
    one = members_of(group)[3]
    page = whole(browser, f"/chama/{group.slug}/ledger?fund=WELFARE&member={one.pk}")
    assert (page.count("KES</span>200.00"), page.count("KES</span>1,000.00")) == (1, 0)
    for nth in range(26):
        operations.contribute(member=one, amount=kes("1"), key=f"m{nth}", by=one.user, at=now())
    first = whole(browser, f"/chama/{group.slug}/ledger?member={one.pk}")
    last = GroupEntry.objects.filter(member=one).order_by("-pk")[24]
    assert f"?member={one.pk}&amp;before={last.pk}" in first
    older = whole(browser, f"/chama/{group.slug}/ledger?member={one.pk}&before={last.pk}")
    assert "Older rows" not in older


def test_hidden_balances_are_not_sent(group):
    browser = sign_in(group.created_by)
    assert "3,600.00" in browser.get(f"/chama/{group.slug}").content.decode()
    browser.post("/me/privacy", {"hide": "1", "next": "/"})
    for address in (f"/chama/{group.slug}", "/chama"):
        assert "3,600.00" not in browser.get(address).content.decode()


def test_a_group_called_like_a_page_of_ours_has_an_address_of_its_own():
    founder = make_person()
    for name in ("Start", "Join", "Invitations"):
        made = operations.found_group(name=name, kind="SAVINGS", rules={"savings_minor": 1}, by=founder, at=now())
        assert made.slug.startswith(f"{name.lower()}-")
    assert ChamaGroup.objects.filter(created_by=founder).count() == 3
