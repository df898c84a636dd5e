"""Groups by API: coming together, paying in, looking, and walls to who does not belong."""

import pytest

from apps.accounts.testing import balance_of, kes
from apps.chamas import operations, rail
from apps.chamas.models import CashNote, ChamaGroup, Contribution, Membership, PayIn
from apps.chamas.testing import RULES, join, make_forming, make_group, make_person, member_of, open_next, pay_all
from apps.chamas.tests.app import App, apps_of, money
from apps.kernel.clock import now
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import code_sent_to
from apps.payments.models import Payment

pytestmark = pytest.mark.django_db
ALL = "/api/v1/chamas/"


def test_is_founded_joined_by_code_and_by_phone_and_begun(client):
    chair, friend, guest = make_person(), make_person(), make_person()
    app = App(client, chair)
    made = app.post(ALL, {"name": "Umoja Women", "kind": "SAVINGS", "rules": RULES}, 201, key="1")
    assert app.post(ALL, {"name": "Umoja Women", "kind": "SAVINGS", "rules": RULES}, 201, key="1") == made
    assert ChamaGroup.objects.count() == 1
    assert (made["my_role"], made["missing"]) == ("CHAIR", ["treasurer", "secretary", "members"])
    app.slug = made["slug"]
    renewed = app.post("join-code/", {})["join_code"]
    App(client, friend).post(f"{ALL}join/", {"join_code": made["join_code"]}, 404)
    App(client, friend).post(f"{ALL}{app.slug}/join-code/", {}, 404)
    App(client, friend).post(f"{ALL}join/", {"join_code": renewed.lower()}, 202)
    App(client, friend).get(f"{ALL}{app.slug}/", 404)
    asked = [one for one in app.get("members/")["results"] if one["status"] == "ASKED"]
    app.post(f"members/{asked[0]['number']}/decide/", {"take_in": True})
    app.post("members/", {"phone": str(guest.phone)}, 202)
    (mine,) = App(client, guest).get(f"{ALL}invitations/")["results"]
    assert mine["group"] == "Umoja Women"
    App(client, chair).post(f"{ALL}invitations/{mine['id']}/answer/", {"accept": True}, 404)
    App(client, guest).post(f"{ALL}invitations/{mine['id']}/answer/", {"accept": True}, 204)
    for number, role in ((2, "TREASURER"), (3, "SECRETARY")):
        app.post(f"members/{number}/role/", {"role": role})
    assert app.post("begin/", status=409)["missing"] == ["acceptance"]
    for person in (friend, guest):
        theirs = App(client, person)
        theirs.slug = app.slug
        version = theirs.get("constitution/")["proposed"]["version"]
        assert theirs.post(f"constitution/{version}/accept/")["proposed"]["i_accepted"]
    assert app.post("begin/")["status"] == "ACTIVE"
    listed = App(client, guest).get(ALL)["results"]
    assert [(one["slug"], one["members"], one["my_role"]) for one in listed] == [(app.slug, 3, "SECRETARY")]


def test_who_does_not_belong_finds_nothing(client):
    group = make_group(members=3)
    stranger = App(client, make_person(), group)
    for path in ("", "members/", "ledger/", "approvals/", "statement/", "leave/", "rounds/", "cash/", "meetings/"):
        stranger.get(path, 404)
    for path in ("contributions/", "payouts/", "loans/", "disputes/", "shares/", "begin/"):
        body = {"amount": money("1"), "act": "SHARE_OUT", "months": 1, "guarantors": [], "text": "x", "count": 1,
                "entry": "6f1c2c8e-8a8c-4b8e-9d55-0f6f3f6a1b2c"}  # fmt: skip
        wants = {"contributions/": ("amount",), "payouts/": ("act",), "loans/": ("amount", "months", "guarantors"),
                 "disputes/": ("entry", "text"), "shares/": ("count",)}.get(path, ())  # fmt: skip
        stranger.post(path, {name: body[name] for name in wants}, 404)
    assert not Payment.objects.exists()


def test_the_name_is_an_officers_and_the_address_stays(client):
    group = make_group(members=4)
    apps = apps_of(client, group)
    assert apps["MEMBER"].post("", {"name": "Ours"}, 403, how="put")["code"] == "not_allowed"
    assert apps["SECRETARY"].post("", {"name": "Umoja Mothers"}, how="put")["name"] == "Umoja Mothers"
    assert apps["MEMBER"].get("")["join_code"] is None
    made = operations.found_group(name="Join", kind="SAVINGS", rules=RULES, by=make_person(), at=now())
    assert made.slug.startswith("join-")


def test_a_contribution_is_a_payment_like_any_other(client):
    group = make_group(members=3)
    open_next(group)
    app = apps_of(client, group)["SECRETARY"]
    asked = {"amount": money("1500.00")}
    begun = app.post("contributions/", asked, 201, key="pay-1")
    assert app.post("contributions/", asked, 201, key="pay-1")["id"] == begun["id"]
    assert (begun["kind"], begun["rail"]) == ("CONTRIBUTION", "chama")
    assert not PayIn.objects.exists()
    proof = {"challenge": begun["challenge"]["id"], "code": code_sent_to(str(app.user.phone))}
    app.post(f"/api/v1/payments/{begun['id']}/confirm/", proof)
    rail.ChamaRail().send(payment=Payment.objects.get(), at=now())
    shown = app.get("")
    assert (shown["my_funds"], shown["due"]) == (
        {"SAVINGS": money("1000.00"), "WELFARE": money("200.00"), "ADVANCE": money("300.00")},
        money("0.00"),
    )
    assert shown["purses"] == {"POT": money("1000.00"), "WELFARE": money("200.00"), "ADVANCE": money("300.00")}
    app.post("contributions/", {"amount": {"amount": "5", "currency": "USD"}}, 422)
    app.post("contributions/", {"amount": money("5"), "member": 99}, 404)
    (paid,) = app.get("contributions/?status=PAID")["results"]
    assert (paid["member"]["number"], paid["left"], paid["status"]) == (3, money("0.00"), "PAID")
    app.get("contributions/?status=GONE", 400)
    assert_books_balance()


def test_the_ledger_pages_by_cursor_and_marks_what_is_disputed(client, django_assert_num_queries):
    group = make_group(members=4)
    pay_all(open_next(group))
    apps = apps_of(client, group)
    first = apps["MEMBER"].get("ledger/?page_size=3")
    assert (len(first["results"]), first["next"] is not None) == (3, True)
    row = apps["MEMBER"].get("ledger/?fund=SAVINGS&member=4")["results"][0]
    raised = apps["MEMBER"].post("disputes/", {"entry": row["id"], "text": "I gave 1,200"}, 201)
    assert raised["entry"] == row["id"]
    apps["MEMBER"].post("disputes/", {"entry": row["id"], "text": "Again"}, 409)
    assert [one["id"] for one in apps["CHAIR"].get("ledger/")["results"] if one["is_disputed"]] == [row["id"]]
    apps["MEMBER"].post(f"disputes/{raised['id']}/answer/", {"is_right": True, "answer": "Yes"}, 403)
    answered = apps["CHAIR"].post(f"disputes/{raised['id']}/answer/", {"is_right": False, "answer": "Receipt seen"})
    assert answered["status"] == "DISMISSED"
    with django_assert_num_queries(4):
        apps["MEMBER"].get("ledger/")
    apps["MEMBER"].get("ledger/?fund=GOLD", 400)


def test_lists_take_as_many_queries_for_many_as_for_few(client, django_assert_max_num_queries):
    group = make_group(members=6)
    open_next(group)
    app = apps_of(client, group)["MEMBER"]
    with django_assert_max_num_queries(11):
        assert len(app.get("members/")["results"]) == 6
    with django_assert_max_num_queries(6):
        assert len(app.get("contributions/")["results"]) == 6
    with django_assert_max_num_queries(8):
        assert len(app.get(ALL)["results"]) == 1
    with django_assert_max_num_queries(19):
        app.get("")


def test_cash_is_noted_confirmed_and_paid_in_once(client):
    group = make_group(members=4)
    open_next(group)
    apps = apps_of(client, group)
    asked = {"member": 4, "amount": money("1200.00")}
    assert apps["CHAIR"].post("cash/", asked, 403)["code"] == "not_allowed"
    note = apps["TREASURER"].post("cash/", asked, 201, key="c1")
    assert apps["TREASURER"].post("cash/", asked, 201, key="c1") == note
    path = f"cash/{note['id']}"
    apps["CHAIR"].post(f"{path}/confirm/", {"is_so": True}, 404)
    assert apps["MEMBER"].post(f"{path}/confirm/", {"is_so": True})["status"] == "CONFIRMED"
    for _twice in (1, 2):
        assert apps["TREASURER"].post(f"{path}/bank/")["status"] == "BANKED"
    assert PayIn.objects.get().source == "TREASURER"
    assert CashNote.objects.get().amount == kes("1200")
    assert balance_of(member_of(group, "TREASURER").account) == "48800.00"
    assert_books_balance()


def test_fines_are_given_appealed_and_paid(client):
    group = make_group(members=4, other_fines={"Phone rang": 2_000})
    apps = apps_of(client, group)
    asked = {"member": 4, "why": "NAMED", "name": "Phone rang", "cause": "5 December"}
    fine = apps["CHAIR"].post("fines/", asked, 201)
    apps["CHAIR"].post("fines/", asked, 409)
    apps["MEMBER"].post("fines/", asked, 403)
    apps["CHAIR"].post(f"fines/{fine['id']}/pay/", {}, 404)
    paid = apps["MEMBER"].post(f"fines/{fine['id']}/pay/", {"amount": money("5.00")}, 201, key="f")
    assert paid["amount"] == money("5.00")
    assert apps["MEMBER"].post(f"fines/{fine['id']}/appeal/", {"says": "Hospital"})["status"] == "APPEALED"
    apps["MEMBER"].post(f"fines/{fine['id']}/pay/", {}, 409)
    assert apps["MEMBER"].get("fines/")["results"][0]["left"] == money("0.00")
    assert_books_balance()


def test_leaving_shows_what_is_taken_along_and_what_stands_in_the_way(client):
    group = make_group(members=4)
    pay_all(open_next(group))
    app = apps_of(client, group)["MEMBER"]
    shown = app.get("leave/")
    assert (shown["net"], shown["hindrances"]) == (money("1000.00"), ["notice"])
    assert app.post("leave/", status=201)["leaves_from"]
    app.post("leave/", status=409)
    assert app.post("leave/", how="delete")["leaves_from"] is None
    bought = app.post("shares/", {"count": 2}, 201, key="s")
    assert bought["amount"] == money("1000.00")
    assert app.get("")["my_funds"]["SHARES"] == money("1000.00")
    assert_books_balance()


def test_leaving_a_group_that_comes_together_is_looked_at_as_leaving_any_other(client):
    group = make_forming()
    other = join(group)
    chair, member = App(client, group.created_by, group), App(client, other.user, group)
    assert (member.get("leave/")["net"], member.get("leave/")["hindrances"]) == (money("0.00"), [])
    assert chair.get("leave/")["hindrances"] == ["officer"]
    member.post("leave/", status=204)
    assert chair.get("leave/")["hindrances"] == []


def test_an_invitation_is_officers_to_see_and_take_back(client):
    group = make_group(members=4)
    apps = apps_of(client, group)
    apps["MEMBER"].post("members/", {"phone": "0722 000 114"}, 403)
    apps["CHAIR"].post("members/", {"phone": "0722 000 114"}, 202)
    apps["MEMBER"].get("invitations/", 403)
    (row,) = apps["CHAIR"].get("invitations/")["results"]
    apps["CHAIR"].post(f"invitations/{row['id']}/withdraw/", status=204)
    assert apps["CHAIR"].get("invitations/")["results"] == []


def test_invitations_are_counted_as_codes_are_for_each_is_an_sms_to_a_number_of_the_senders_choice(client, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"otp": "2/min"}
    group = make_group(members=3)
    app = apps_of(client, group)["CHAIR"]
    for nth, status in ((1, 202), (2, 202), (3, 429)):
        app.post("members/", {"phone": f"0722 000 11{nth}"}, status)
    assert group.invitations.count() == 2


def test_a_forming_group_is_asked_for_its_rules_again(client):
    group = make_forming()
    join(group)
    app = App(client, group.created_by, group)
    wrong = app.post("constitution/", {"rules": {"sign_offs": 1}}, 400)
    assert "sign_offs" in wrong["errors"]
    changed = app.post("constitution/", {"rules": {**RULES, "savings_minor": 150_000}}, 201)
    assert (changed["proposed"]["version"], changed["proposed"]["accepted"], changed["in_force"]) == (2, 1, None)
    assert Membership.objects.count() == 2
    assert not Contribution.objects.exists()
