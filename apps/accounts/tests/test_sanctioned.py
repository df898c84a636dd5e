"""Nothing leaves the accounts of who is on a sanctions list."""

import pytest

from apps.accounts import operations as accounts
from apps.accounts.models import Account, Product
from apps.accounts.testing import business_account, make_account
from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed
from apps.kernel.testing import deliver_events
from apps.kyc.models import ScreeningHit, WatchList
from apps.kyc.operations import business, screening
from apps.kyc.operations.business.people import Person
from apps.users.testing import make_business, make_customer, make_member, make_staff


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("code", "status"), [("UN", "FROZEN"), ("OWN", "ACTIVE")])
def test_freezes_who_is_on_a_sanctions_list_and_nobody_else(code, status):
    officer = make_staff("COMPLIANCE_OFFICER")
    watch_list = WatchList.objects.get(code=code)
    WatchList.objects.filter(pk=watch_list.pk).update(format="CSV")
    watch_list.refresh_from_db()
    raw = b"uid,kind,name\n1,PERSON,Zubair Warsame\nEND,2026-11-20,1"
    screening.load_list(watch_list=watch_list, raw=raw, by=officer, at=now())
    person = make_customer(full_name="Zubair Warsame")
    account, own = make_account(person), make_account(person, product="SAVINGS")
    accounts.freeze(account=own, by=person, at=now())
    screening.screen_people([person.pk], at=now())
    screening.confirm(hit=ScreeningHit.objects.get(user=person), reason="The passport is theirs", by=officer, at=now())
    deliver_events()
    account.refresh_from_db()
    own.refresh_from_db()
    assert (account.status, account.frozen_by_bank) == (status, status == "FROZEN")
    assert (own.status, own.frozen_by_bank) == ("FROZEN", status == "FROZEN"), "they could let go of it themselves"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("code", "may"), [("UN", False), ("OWN", True)])
def test_opens_no_other_account_for_who_is_on_a_sanctions_list(code, may):
    officer, person = make_staff("COMPLIANCE_OFFICER"), make_customer(full_name="Zubair Warsame")
    WatchList.objects.filter(code=code).update(format="CSV")
    raw = b"uid,kind,name\n1,PERSON,Zubair Warsame\nEND,2026-11-20,1"
    screening.load_list(watch_list=WatchList.objects.get(code=code), raw=raw, by=officer, at=now())
    screening.screen_people([person.pk], at=now())
    screening.confirm(hit=ScreeningHit.objects.get(user=person), reason="The passport is theirs", by=officer, at=now())
    deliver_events()
    before, opens = Account.objects.owned_by(person).count(), Product.objects.get(code="SAVINGS")
    if may:
        accounts.open_account(owner=person, product=opens, by=person, at=now())
    else:
        with pytest.raises(NotAllowed):
            accounts.open_account(owner=person, product=opens, by=person, at=now())
    assert Account.objects.owned_by(person).count() == before + may


@pytest.mark.django_db
def test_freezes_a_business_that_names_somebody_who_was_found_before():
    firm, officer = make_business(), make_staff("COMPLIANCE_OFFICER")
    account, member = business_account(firm), make_member(firm, "VIEWER")
    WatchList.objects.filter(code="UN").update(format="CSV")
    raw = f"uid,kind,name\n1,PERSON,{member.full_name}\nEND,2026-11-20,1".encode()
    screening.load_list(watch_list=WatchList.objects.get(code="UN"), raw=raw, by=officer, at=now())
    screening.screen_people([member.pk], at=now())
    hit = ScreeningHit.objects.select_related("watch_list", "user").get(user=member)
    screening.confirm(hit=hit, reason="The passport is theirs", by=officer, at=now())
    deliver_events()
    account.refresh_from_db()
    assert account.status == "ACTIVE"
    named = Person(is_owner=True, share_bp=5_000, member=firm.members.get(user=member).pk)
    business.name_person(business=firm, person=named, by=firm.created_by, at=now())
    deliver_events()
    account.refresh_from_db()
    assert (account.status, account.frozen_by_bank) == ("FROZEN", True)
