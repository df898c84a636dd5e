"""Investments and papers by API: proposed, read and opened by members, and by nobody else."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.accounts.testing import make_account
from apps.chamas.models import Investment, InvestmentSale, Proposal
from apps.chamas.testing import bring_paper, decide, make_group, make_person, open_next, pay_all, picture
from apps.chamas.tests.app import App, apps_of, money
from apps.kernel.clock import day_in_words, local_date, now

pytestmark = pytest.mark.django_db

BUY = {"act": "BUY_INVESTMENT", "kind": "SHARES", "name": "Safaricom PLC", "units": "200", "custodian": "CDSC",
       "custody_reference": "123/LI"}  # fmt: skip


@pytest.fixture
def group():
    group = make_group(members=4)
    pay_all(open_next(group))
    return group


def test_what_was_theirs_before_is_brought_in_by_its_parts(client, group):
    apps = apps_of(client, group)
    paper = bring_paper(group)
    asked = {key: value for key, value in BUY.items() if key != "act"} | {
        "act": "BRING_INVESTMENT", "value": money("3000"), "valued_on": str(local_date(now())), "says": "CDSC",
        "paper": str(paper.public_id), "split": "PARTS",
        "parts": [{"member": nth, "amount": money("750")} for nth in (1, 2, 3, 4)],
    }  # fmt: skip
    assert "parts" in apps["MEMBER"].post("approvals/", asked | {"parts": []}, 400)["errors"]
    apps["MEMBER"].post("approvals/", asked | {"parts": [{"member": 99, "amount": money("3000")}]}, 404)
    assert "account" in apps["MEMBER"].post("approvals/", asked | {"account": "1"}, 400)["errors"]
    made = apps["MEMBER"].post("approvals/", asked, 201)
    assert (made["act"], made["amount"], made["is_voted_on"], made["concerned"]) == (
        "BRING_INVESTMENT",
        money("0.00"),
        True,
        [],
    )
    assert made["says"].count("KES 750.00") == 4
    decide("BRING_INVESTMENT", group, Proposal.objects.get().facts, at=now())
    [one] = apps["MEMBER"].get("investments/")["investments"]
    assert (one["is_brought"], one["cost"], one["value"]) == (True, money("3000.00"), money("3000.00"))


def owned(group):
    facts = {key: value for key, value in BUY.items() if key != "act"}
    decide("BUY_INVESTMENT", group, facts | {"account": make_account().number, "minor": 300_000}, at=now())
    return Investment.objects.get(group=group)


def test_the_register_shows_what_is_owned_and_the_callers_part(client, group):
    member, seller = apps_of(client, group)["MEMBER"], make_account()
    made = member.post("approvals/", BUY | {"account": seller.number, "amount": money("3000")}, 201, key="buy-1")
    assert (made["act"], made["amount"], made["is_voted_on"]) == ("BUY_INVESTMENT", money("3000.00"), True)
    wrong = member.post("approvals/", BUY | {"account": "1", "amount": money("3000")}, 400)
    assert "account" in wrong["errors"]
    assert "account" in member.post("approvals/", BUY | {"amount": money("3000")}, 400)["errors"]
    row = owned(group)
    today = str(local_date(now()))
    told = {"act": "VALUE_INVESTMENT", "investment": str(row.public_id), "value": money("0"), "valued_on": today}
    said = member.post("approvals/", told | {"says": "CDSC"}, 201)["says"]
    assert said == f"Safaricom PLC was worth KES 0.00 on {day_in_words(local_date(now()), 'en')}, says CDSC"
    decide("VALUE_INVESTMENT", group,
           {"investment": row.pk, "value_minor": 400_000, "valued_on": today, "says": "CDSC"}, at=now())  # fmt: skip
    found = member.get("investments/")
    assert (found["cost"], found["value"]) == (money("3000.00"), money("4000.00"))
    assert found["mine"][0]["value"] == money("1000.00")
    assert found["mine"][0]["units"] == "50.000000"
    assert member.get("investments/", on="2020-01-01")["investments"] == []
    member.get("investments/", 400, on="yesterday")
    sell = {"act": "SELL_INVESTMENT", "investment": str(row.public_id), "units": "100", "price": money("1800")}
    assert "Sell 100 of Safaricom PLC for KES 1,800.00" in member.post("approvals/", sell, 201)["says"]
    decide("SELL_INVESTMENT", group, {"investment": row.pk, "units": "100", "price_minor": 180_000}, at=now())
    one = member.get(f"investments/{row.public_id}/")
    assert one["sales"][0]["reference"] == InvestmentSale.objects.get().reference
    assert one["valuations"][0]["value"] == money("4000.00")
    other = make_group(members=3)
    stranger = App(client, other.created_by, other)
    stranger.get(f"investments/{row.public_id}/", 404)
    stranger.post("approvals/", sell, 404)
    statement = member.get("statement/")
    assert statement["investments"][0]["value"] == money("4000.00")
    assert "Safaricom PLC: *KES 4,000.00*" in member.get("statement/", kind="text").content.decode()
    assert member.get("statement/", member=4)["investments"][0]["value"] == money("1000.00")
    assert member.get("statement/", kind="xlsx").content[:2] == b"PK"


def test_a_paper_is_brought_by_an_officer_and_opened_by_members(client, group):
    apps = apps_of(client, group)

    def bring(app, body, status):
        file = SimpleUploadedFile("title.jpg", body)
        answer = client.post(app._at("papers/"), {"kind": "INVESTMENT", "file": file}, headers=app.headers)
        assert answer.status_code == status, answer.content
        return answer.json()

    made = bring(apps["CHAIR"], picture(), 201)
    assert bring(apps["CHAIR"], picture(), 201)["id"] == made["id"]
    bring(apps["MEMBER"], picture(), 403)
    assert bring(apps["CHAIR"], b"<script>", 400)["code"] == "paper_refused"
    assert [one["id"] for one in apps["MEMBER"].get("papers/")["results"]] == [made["id"]]
    shown = apps["MEMBER"].get(f"papers/{made['id']}/file/")
    assert (shown["Content-Type"], shown["Cache-Control"]) == ("image/jpeg", "no-store")
    App(client, make_person(), group).get(f"papers/{made['id']}/file/", 404)


def test_the_very_last_day_is_a_day_too(client, group):
    owned(group)
    member = apps_of(client, group)["MEMBER"]
    today, last = member.get("investments/"), member.get("investments/", on="9999-12-31")
    assert (last["cost"], last["mine"]) == (today["cost"], today["mine"])
    asked = member.get("statement/", to_date="9999-12-31", member=4)
    assert [one["investment"]["name"] for one in asked["investments"]] == ["Safaricom PLC"]
