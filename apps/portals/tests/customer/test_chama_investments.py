"""The pages of what a group owns: proposed, looked at with one's own part, its papers kept and opened."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.accounts.testing import make_account
from apps.chamas.models import GroupPaper, Investment, Proposal
from apps.chamas.testing import decide, make_group, member_of, members_of, open_next, pay_all, picture
from apps.kernel.clock import local_date, now
from apps.portals.customer.pay import fresh_key
from apps.portals.testing import faults_of, sign_in

pytestmark = pytest.mark.django_db


def test_what_was_owned_before_is_brought_in_on_a_paper_by_each_members_part():
    group = make_group(members=4)
    chair, here = sign_in(group.created_by), f"/chama/{group.slug}"
    new = f"{here}/approvals/new/bring_investment"
    assert "First an officer adds the paper" in chair.get(new).content.decode()
    assert chair.post(f"{here}/investments", {"file": SimpleUploadedFile("x.jpg", b"none")}).status_code == 422
    assert chair.post(f"{here}/investments", {"file": SimpleUploadedFile("x.jpg", picture())}).status_code == 303
    people = members_of(group)
    asked = {
        "idempotency_key": fresh_key(), "kind": "LAND", "name": "Plot in Juja", "units": "1", "value_minor": "3,000",
        "valued_on": str(local_date(now())), "says": "A valuer", "paper": str(GroupPaper.objects.get().public_id),
        "custodian": "Ardhi House", "custody_reference": "LR 1/22", "split": "PARTS",
    }  # fmt: skip
    page = chair.get(new).content.decode()
    assert (faults_of(page), page.count('name="part_')) == ([], 4)
    refused = chair.post(new, asked | {f"part_{people[0].pk}": "2,000"})
    page = refused.content.decode()
    assert (refused.status_code, "add up to what it is worth" in page, faults_of(page)) == (422, True, [])
    parts = {f"part_{people[0].pk}": "2,000", f"part_{people[1].pk}": "1,000"}
    assert chair.post(new, asked | parts).status_code == 303
    row = Proposal.objects.get()
    assert row.facts["parts"] == [[people[0].pk, 200_000], [people[1].pk, 100_000]]
    assert sorted(row.concerned) == [people[0].pk, people[1].pk]
    page = chair.get(f"{here}/approvals/{row.public_id}").content.decode()
    assert ("It becomes share capital" in page, "the others decide" in page) == (True, True)
    decide("BRING_INVESTMENT", group, row.facts | {"split": "EQUALLY"}, at=now())
    page = chair.get(f"{here}/investments/{Investment.objects.get().public_id}").content.decode()
    assert ("Brought in on" in page, faults_of(page)) == (True, [])


def test_something_is_bought_valued_and_sold_from_the_pages():
    group = make_group(members=4)
    pay_all(open_next(group))
    member, chair = sign_in(member_of(group, "MEMBER").user), sign_in(group.created_by)
    here, seller = f"/chama/{group.slug}", make_account()
    assert "approvals/new/buy_investment" in member.get(f"{here}/investments").content.decode()
    asked = {
        "idempotency_key": fresh_key(), "kind": "LAND", "name": "Plot in Juja", "units": "1", "minor": "3,000",
        "account": seller.number, "custodian": "Ardhi House", "custody_reference": "LR 1/22", "why": "",
    }  # fmt: skip
    new = f"{here}/approvals/new/buy_investment"
    for field, wrong, said in (
        ("account", "99", "no such account"), ("minor", "9,000", "The group has"), ("units", "x", "like 200"),
    ):  # fmt: skip
        answer = member.post(new, asked | {field: wrong})
        page = answer.content.decode()
        assert (answer.status_code, said in page, faults_of(page)) == (422, True, []), field
    assert member.post(new, asked).status_code == 303
    row = Proposal.objects.get()
    page = member.get(f"{here}/approvals/{row.public_id}").content.decode()
    assert "Buy 1 of Plot in Juja for KES\xa03,000.00" in page or "Buy 1 of Plot in Juja for KES 3,000.00" in page
    decide("BUY_INVESTMENT", group, row.facts, at=now())
    owned = Investment.objects.get()
    one = f"{here}/investments/{owned.public_id}"
    assert "not valued" in member.get(one).content.decode()
    refused = chair.post(one, {"file": SimpleUploadedFile("x.jpg", b"nothing")})
    assert (refused.status_code, GroupPaper.objects.exists()) == (422, False)
    assert chair.post(one, {"file": SimpleUploadedFile("x.jpg", picture())}).status_code == 303
    assert member.post(one, {"file": SimpleUploadedFile("x.jpg", picture("red"))}).status_code == 422
    paper = GroupPaper.objects.get()
    seen = member.get(f"{here}/papers/{paper.public_id}")
    assert (seen.status_code, seen["Content-Type"]) == (200, "image/jpeg")
    value = {"idempotency_key": fresh_key(), "investment": owned.pk, "value_minor": "0", "valued_on": "2026-01-01"}
    value |= {"says": "A valuer", "paper": str(paper.public_id)}
    new = f"{here}/approvals/new/value_investment"
    assert "between the purchase and today" in member.post(new, value).content.decode()
    assert member.post(new, value | {"valued_on": str(local_date(now()))}).status_code == 303
    facts = Proposal.objects.get(act="VALUE_INVESTMENT").facts
    decide("VALUE_INVESTMENT", group, facts | {"value_minor": 400_000}, at=now())
    sell = {"idempotency_key": fresh_key(), "investment": owned.pk, "units": "1", "price_minor": "4,500"}
    new = f"{here}/approvals/new/sell_investment"
    assert "The group has 1 of it" in member.post(new, sell | {"units": "2"}).content.decode()
    assert member.post(new, sell).status_code == 303
    decide("SELL_INVESTMENT", group, Proposal.objects.get(act="SELL_INVESTMENT").facts, at=now())
    page = member.get(one).content.decode()
    assert faults_of(page) == []
    assert owned.sales.get().reference in page
    assert "1,000.00" in member.get(f"{here}/investments").content.decode()  # a quarter of what it is worth
    pdf = member.get(f"{here}/statement?from_date=2020-01-01&to_date=2199-01-01&kind=pdf")
    assert pdf.content[:5] == b"%PDF-"
