"""A business's accounts: opened once it is known, seen by its members, operated by whom its mandate names."""

import pytest
from django.db import IntegrityError, transaction

from apps.accounts import mandates, operations
from apps.accounts.errors import AccountsOpen, BadMandate, NoMandate, NotKnownYet, TooFewSign
from apps.accounts.models import Account, Mandate, Product, Transaction
from apps.accounts.operations.mandate import ask_bank_for_mandate
from apps.accounts.signing import ALL, ANY, SOME, Band
from apps.accounts.testing import business_account, kes, make_account, make_known, make_mandate, sign_mandate
from apps.audit_trail.models import AuditLog
from apps.fx.testing import set_rates
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.errors import IllegalMove, NotAllowed, NotFound
from apps.kernel.money import Money
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.kyc.models import BusinessPerson, ScreeningHit, WatchList
from apps.kyc.operations import screening
from apps.ledger.testing import assert_books_balance
from apps.users import operations as people
from apps.users.errors import StepUpRequired
from apps.users.testing import bearer, make_business, make_customer, make_member, make_staff

pytestmark = pytest.mark.django_db
EVERYBODY = (Band(None, ALL),)


@pytest.fixture
def firm():
    return make_business()


def propose(firm, *who, bands=EVERYBODY, by=None):
    ids = [one.pk for one in who]
    return operations.propose_mandate(business=firm, signatories=ids, bands=bands, by=by or firm.created_by, at=now())


def test_opens_an_account_for_a_known_business_and_none_before(firm):
    product = Product.objects.get(code="BUSINESS")
    with pytest.raises(NotKnownYet):
        operations.open_business_account(business=firm, product=product, by=firm.created_by, at=now())
    assert not Account.objects.filter(owner=firm.party_id).exists()
    account = business_account(firm, balance="5000")
    assert (account.owner_id, account.account_type) == (firm.party_id, "BUSINESS")
    assert_books_balance()


def test_keeps_products_of_people_and_of_businesses_apart(firm):
    with pytest.raises(NotAllowed):
        operations.open_account(
            owner=firm.created_by, product=Product.objects.get(code="BUSINESS"), by=firm.created_by, at=now()
        )
    with pytest.raises(NotAllowed):
        operations.open_business_account(
            business=make_known(firm), product=Product.objects.get(code="CURRENT"), by=firm.created_by, at=now()
        )
    with pytest.raises(NotAllowed):
        operations.open_business_account(
            business=firm, product=Product.objects.get(code="BUSINESS"), by=make_member(firm, "SIGNATORY"), at=now()
        )


def test_counts_another_currency_by_what_it_is_worth(firm):
    set_rates(USD="130")
    product = Product.objects.create(code="BUSINESS_USD", name="Dollars", account_type="BUSINESS", currency="USD")
    second = make_member(firm, "SIGNATORY")
    account = operations.open_business_account(business=make_known(firm), product=product, by=firm.created_by, at=now())
    make_mandate(firm, firm.created_by, second, bands=[Band(1_000_000, ANY), Band(None, ALL)])
    assert mandates.asked_for(account, Money.of("76", "USD")).needed == 1  # 9,880 shillings
    assert mandates.asked_for(account, Money.of("77", "USD")).needed == 2  # 10,010 shillings
    assert mandates.asked_for(account, Money.zero("USD")).needed == 1


def test_shows_it_to_members_and_to_nobody_else(firm, client):
    account, viewer = business_account(firm, balance="5000"), make_member(firm, "VIEWER")
    line = Transaction.objects.get(account=account)
    for who, status in ((firm.created_by, 200), (viewer, 200), (make_customer(), 404)):
        hand = bearer(who)
        assert client.get(f"/api/v1/accounts/{account.pk}/", headers=hand).status_code == status
        assert client.get(f"/api/v1/accounts/{account.pk}/statement/", headers=hand).status_code == status
        assert client.get(f"/api/v1/transactions/{line.pk}/", headers=hand).status_code == status
    people.remove_member(member=firm.members.get(user=viewer), by=viewer, at=now())
    assert client.get(f"/api/v1/accounts/{account.pk}/", headers=bearer(viewer)).status_code == 404


def test_lets_who_signs_freeze_it_and_a_viewer_only_look(firm):
    account, viewer = business_account(firm), make_member(firm, "VIEWER")
    with pytest.raises(NotAllowed):
        operations.freeze(account=account, by=viewer, at=now())
    signatory = make_member(firm, "SIGNATORY")
    assert not operations.freeze(account=account, by=signatory, at=now()).frozen_by_bank
    assert operations.unfreeze(account=account, by=firm.created_by, at=now()).status == "ACTIVE"


def frozen(firm, by):
    account = Account.objects.get(owner=firm.party)
    return operations.freeze(account=account, by=by, at=now())


def thaw(account, by):
    return operations.unfreeze(account=Account.objects.get(pk=account.pk), by=by, at=now())


def test_who_froze_it_lets_go_alone_and_another_needs_as_many_as_the_largest_amount_does(firm):
    second, third, unnamed = (make_member(firm, "SIGNATORY") for _nth in range(3))
    business_account(firm)
    make_mandate(firm, firm.created_by, second, third, bands=[Band(100_000, ANY), Band(None, SOME, 2)])
    account = frozen(firm, second)
    assert thaw(account, second).status == "ACTIVE"
    account = frozen(firm, second)
    for who in (make_member(firm, "VIEWER"), unnamed):
        with pytest.raises(NotAllowed):
            thaw(account, who)
    with pytest.raises(NotFound):
        thaw(account, make_customer())
    assert thaw(account, third).status == "FROZEN"
    assert thaw(account, third).status == "FROZEN", "one who asks twice is still one"
    assert AuditLog.objects.filter(action="accounts.account.unfreeze_agreed").count() == 1
    assert thaw(account, firm.created_by).status == "ACTIVE"
    account = frozen(firm, second)
    assert thaw(account, firm.created_by).status == "FROZEN", "what was agreed before counts no more"


def test_who_agreed_to_let_go_and_left_does_not_count(firm):
    second, third = make_member(firm, "SIGNATORY"), make_member(firm, "SIGNATORY")
    business_account(firm)
    make_mandate(firm, firm.created_by, second, third, bands=[Band(None, SOME, 2)])
    account = frozen(firm, firm.created_by)
    assert thaw(account, third).status == "FROZEN"
    people.remove_member(member=firm.members.get(user=third), by=firm.created_by, at=now())
    assert thaw(account, second).status == "FROZEN"
    people.remove_member(member=firm.members.get(user=second), by=firm.created_by, at=now())
    Account.objects.filter(pk=account.pk).update(frozen_by=None)
    with pytest.raises(TooFewSign):
        thaw(account, firm.created_by)


@pytest.mark.django_db(transaction=True)
def test_two_who_agree_at_once_are_two():
    firm = make_business(make_customer())
    second, third = make_member(firm, "SIGNATORY"), make_member(firm, "SIGNATORY")
    business_account(firm)
    make_mandate(firm, firm.created_by, second, third, bands=[Band(None, SOME, 2)])
    account = frozen(firm, firm.created_by)
    said = at_once(*(lambda who=who: thaw(account, who) for who in (second, third)))
    assert refusals(said) == []
    account.refresh_from_db()
    assert account.status == "ACTIVE"
    assert not account.unfreezing.exists()


def test_is_not_closed_over_an_open_account(firm):
    account = business_account(firm, balance="10")
    with pytest.raises(AccountsOpen):
        people.close_business(business=firm, by=firm.created_by, at=now())
    assert Account.objects.held_by(firm.created_by).filter(pk=account.pk).exists()


def test_does_not_count_a_business_account_among_ones_own(firm):
    own = make_account(firm.created_by)
    business_account(firm)
    assert list(Account.objects.owned_by(firm.created_by)) == [own]


def test_puts_the_first_mandate_in_force_when_all_it_names_and_every_owner_signed(firm):
    second = make_member(firm, "SIGNATORY")
    mandate = sign_mandate(propose(firm, second, bands=[Band(None, ANY)]), second)
    assert mandate.status == "WAITING"
    assert [one.pk for one in mandates.waits_for(mandate).names] == [firm.created_by_id]
    assert sign_mandate(mandate, firm.created_by).status == "IN_FORCE"


def test_wants_a_director_who_was_taken_off_to_be_heard_by_two_officers(firm):
    director = make_member(firm, "SIGNATORY")
    BusinessPerson.objects.create(
        business=firm, who=director, is_director=True, nationality="KE", added_by=firm.created_by, added_at=now()
    )
    people.remove_member(member=firm.members.get(user=director), by=firm.created_by, at=now())
    mandate = sign_mandate(propose(firm, firm.created_by), firm.created_by)
    assert (mandate.status, mandates.waits_for(mandate).is_stuck) == ("WAITING", True)


def test_freezes_the_account_of_a_business_whose_owner_is_confirmed_on_a_sanctions_list(firm):
    account, by = business_account(firm), make_staff("COMPLIANCE_OFFICER")
    BusinessPerson.objects.create(
        business=firm, who=firm.created_by, is_owner=True, share_bp=10_000, nationality="KE", added_by=firm.created_by,
        added_at=now(),
    )  # fmt: skip
    rows = f"uid,kind,name,births\n1,PERSON,{firm.created_by.full_name},\nEND,2026-11-20,1"
    watch_list = WatchList.objects.get(code="OWN")
    WatchList.objects.filter(pk=watch_list.pk).update(kind="SANCTIONS")
    screening.load_list(watch_list=watch_list, raw=rows.encode(), by=by, at=now())
    screening.screen_people([firm.created_by_id], at=now())
    hit = ScreeningHit.objects.select_related("watch_list", "user").get(user=firm.created_by)
    screening.confirm(hit=hit, reason="The same", by=by, at=now())
    deliver_events()
    account.refresh_from_db()
    assert (account.status, account.frozen_by_bank) == ("FROZEN", True)


def test_signs_nothing_without_a_proof_bound_to_it(firm):
    mandate = propose(firm, firm.created_by)
    other = operations.challenge_mandate(mandate=mandate, by=firm.created_by, at=now(), method="SMS")
    with pytest.raises(StepUpRequired):
        operations.sign_mandate(mandate=mandate, challenge_id=other.pk, by=firm.created_by, at=now())
    assert Mandate.objects.get().status == "WAITING"


def test_changes_a_mandate_only_with_as_many_as_its_hardest_band_asks(firm):
    one, two, third = firm.created_by, make_member(firm, "SIGNATORY"), make_member(firm, "SIGNATORY")
    make_mandate(firm, one, two, bands=[Band(10_000, ANY), Band(None, ALL)])
    mandate = sign_mandate(propose(firm, one, third, bands=[Band(None, ANY)]), one)
    mandate = sign_mandate(mandate, third)
    waits = mandates.waits_for(mandate)
    assert (mandate.status, waits.more, [who.pk for who in waits.among]) == ("WAITING", 1, [two.pk])
    assert sign_mandate(mandate, two).status == "IN_FORCE"
    assert list(Mandate.objects.order_by("pk").values_list("status", flat=True)) == ["REPLACED", "IN_FORCE"]


@pytest.mark.parametrize("bands", [[], [Band(100, ANY)], [Band(None, SOME, 3)], [Band(10, ALL), Band(None, ANY)]])
def test_refuses_a_mandate_that_cannot_be(firm, bands):
    with pytest.raises(BadMandate):
        propose(firm, firm.created_by, make_member(firm, "SIGNATORY"), bands=bands)
    assert not Mandate.objects.exists()


def test_names_only_who_signs_for_the_business(firm):
    with pytest.raises(BadMandate):
        propose(firm, make_member(firm, "VIEWER"))
    with pytest.raises(NotFound):
        propose(firm, firm.created_by, by=make_customer())


def test_does_not_let_an_owner_take_the_other_off_and_then_sign_alone(firm):
    one, two = firm.created_by, make_member(firm, "SIGNATORY")
    account = business_account(firm, balance="5000")
    make_mandate(firm, one, two)
    people.remove_member(member=firm.members.get(user=two), by=one, at=now())
    with pytest.raises(TooFewSign):
        mandates.asked_for(account, kes("1"))
    mandate = sign_mandate(propose(firm, one), one)
    assert (mandate.status, mandates.waits_for(mandate).is_stuck) == ("WAITING", True)


def test_has_two_officers_put_it_in_force_where_too_few_are_left(firm):
    one, two = firm.created_by, make_member(firm, "SIGNATORY")
    account = business_account(firm)
    make_mandate(firm, one, two)
    officer, second = make_staff("KYC_OFFICER"), make_staff("KYC_OFFICER")
    waiting = sign_mandate(propose(firm, one), one)
    with pytest.raises(TooFewSign):
        ask_bank_for_mandate(mandate=waiting, reason="Resolution of 3 March seen", by=officer, at=now())
    people.remove_member(member=firm.members.get(user=two), by=two, at=now())
    asked = ask_bank_for_mandate(mandate=waiting, reason="Resolution of 3 March seen", by=officer, at=now())
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=officer, at=now())
    approvals.approve(approval=asked, by=second, at=now())
    assert mandates.asked_for(account, kes("1")).needed == 1


def test_says_that_nobody_may_pay_before_there_is_a_mandate(firm):
    with pytest.raises(NoMandate):
        mandates.asked_for(business_account(firm), kes("1"))


def test_drops_one_that_waits_and_lets_it_be_signed_no_more(firm):
    mandate = propose(firm, firm.created_by)
    operations.drop_mandate(mandate=mandate, by=firm.created_by, at=now())
    with pytest.raises(IllegalMove):
        operations.challenge_mandate(mandate=mandate, by=firm.created_by, at=now())


def test_lets_the_database_keep_one_in_force(firm):
    made = make_mandate(firm, firm.created_by)
    with pytest.raises(IntegrityError, match="one_mandate_is_in_force"), transaction.atomic():
        Mandate.objects.create(business=firm, status="IN_FORCE", made_by=made.made_by, made_at=now(), in_force_at=now())
