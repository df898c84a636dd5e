"""Whoever may be on a list is found once, decided by a person, and looked at again when either changes."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from apps.audit_trail.models import AuditLog
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.errors import IllegalMove, NotAllowed
from apps.kernel.testing import at_once, refusals
from apps.kyc.errors import ListRefused
from apps.kyc.models import ListedParty, ListVersion, ScreeningDecision, ScreeningHit, WatchList
from apps.kyc.operations import screening
from apps.kyc.tests.lists import OFAC, UN, own
from apps.users.errors import Connected
from apps.users.models import StaffConnection, User
from apps.users.testing import bearer, make_customer, make_staff

pytestmark = pytest.mark.django_db
URL = "/api/v1/admin/compliance/screening/"


@pytest.fixture
def officer():
    return make_staff("COMPLIANCE_OFFICER")


def load(officer, code="OWN", raw=None, **given):
    raw = raw if raw is not None else own("1,PERSON,Zubair Warsame,1963-03-12")
    return screening.load_list(watch_list=WatchList.objects.get(code=code), raw=raw, by=officer, at=now(), **given)


def customer(name="Zubeyr Warsama", born="1963-03-12"):
    return make_customer(full_name=name, date_of_birth=born)


def the_hit(officer, **given):
    load(officer, **given)
    person = customer()
    screening.screen_people([person.pk], at=now())
    return ScreeningHit.objects.select_related("watch_list", "user").get()


def test_loads_every_known_format(officer):
    assert [load(officer, "OFAC_SDN", OFAC.encode()).parties, load(officer, "UN", UN.encode()).parties] == [3, 2]
    assert AuditLog.objects.filter(action="kyc.watch_list.loaded").count() == 2


def test_keeps_each_change_with_its_version(officer):
    first = load(
        officer, raw=own("1,PERSON,Ann A,", "2,PERSON,Ben B,", "3,PERSON,Cen C,", "4,PERSON,Den D,", "5,PERSON,E E,")
    )
    again = load(
        officer, raw=own("1,PERSON,Ann A,", "2,PERSON,Ben B,", "3,PERSON,Cen C,", "4,PERSON,Den D,", "5,PERSON,E E,")
    )
    assert again == first
    second = load(
        officer, raw=own("1,PERSON,Ann A,", "2,PERSON,Ben Bob,", "4,PERSON,Den D,", "5,PERSON,E E,", "6,PERSON,F F,")
    )
    assert (second.number, second.added, second.changed, second.removed) == (2, 1, 1, 1)
    assert {row.name for row in ListedParty.objects.filter(until=None)} == {"Ann A", "Ben Bob", "Den D", "E E", "F F"}
    assert ListedParty.objects.get(name="Ben B").until == second


@pytest.mark.parametrize(
    "raw",
    [b"", own("1,PERSON,A A,", "2,PERSON,B B,", said=3), own("1,PERSON,A A,", on="2026-11-01"), own("1,PERSON,A A,")],
)
def test_refuses_a_file_that_is_broken_older_or_much_shorter(officer, raw):
    load(officer, raw=own("1,PERSON,A A,", "2,PERSON,B B,"))
    with pytest.raises(ListRefused):
        load(officer, raw=raw)
    assert ListVersion.objects.count() == 1
    assert ListedParty.objects.filter(until=None).count() == 2


FIVE = [f"{nth},PERSON,Name {nth}," for nth in range(1, 6)]


def ask_shorter(officer, raw, code="OWN"):
    there = WatchList.objects.get(code=code)
    return screening.ask_shorter(watch_list=there, raw=raw, reason="Its publisher cleaned up", by=officer, at=now())


def load_shorter(officer, raw):
    asked = ask_shorter(officer, raw)
    approvals.approve(approval=asked, by=make_staff("COMPLIANCE_OFFICER"), at=now())
    return ListVersion.objects.order_by("-pk")[0]


def test_takes_a_much_shorter_one_on_the_word_of_two(officer):
    load(officer, raw=own(*FIVE))
    asked = ask_shorter(officer, own(FIVE[0]))
    assert (asked.before["parties"], asked.after["parties"], asked.after["gone"]) == (5, 1, 4)
    assert "Name 5" in asked.after["who"]
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=officer, at=now())
    assert ListVersion.objects.count() == 1
    second = make_staff("COMPLIANCE_OFFICER")
    approvals.approve(approval=asked, by=second, at=now())
    version = ListVersion.objects.get(number=2)
    assert (version.removed, version.loaded_by, version.allowed_by) == (4, officer, second)
    assert load(officer, raw=own(*FIVE, on="2026-11-21")).added == 4


def test_loads_no_shorter_one_that_another_file_overtook(officer):
    load(officer, raw=own(*FIVE))
    asked = ask_shorter(officer, own(FIVE[0]))
    load(officer, raw=own(*FIVE, "6,PERSON,Name 6,"))
    with pytest.raises(IllegalMove):
        approvals.approve(approval=asked, by=make_staff("COMPLIANCE_OFFICER"), at=now())
    assert ListedParty.objects.filter(until=None).count() == 6


def test_asks_a_second_person_for_nothing_that_one_may_load(officer):
    load(officer, raw=own(*FIVE))
    with pytest.raises(ListRefused, match="second person"):
        ask_shorter(officer, own(*FIVE[:4]))
    with pytest.raises(ListRefused):
        ask_shorter(officer, b"broken")
    with pytest.raises(NotAllowed):
        ask_shorter(make_staff("TELLER"), own(FIVE[0]))


def test_one_officer_does_not_put_others_in_place_of_those_on_a_list(officer):
    load(officer, raw=own(*FIVE))
    with pytest.raises(ListRefused):
        load(officer, raw=own(*[f"9{nth},PERSON,Other {nth}," for nth in range(5)]))
    assert ListedParty.objects.get(uid="3").until is None


def test_one_officer_does_not_shorten_a_list_step_by_step(officer):
    twenty = [f"{nth},PERSON,Name {nth}," for nth in range(1, 21)]
    load(officer, raw=own(*twenty))
    load(officer, raw=own(*twenty[:17]))
    raw = own(*twenty[:15], *(f"9{nth},PERSON,Other {nth}," for nth in range(5)))
    with pytest.raises(ListRefused):
        load(officer, raw=raw)
    asked, there = ask_shorter(officer, raw), WatchList.objects.get(code="OWN")
    long_after = now() + timedelta(days=31)
    assert screening.load_list(watch_list=there, raw=raw, by=officer, at=long_after).removed == 2
    with pytest.raises(IllegalMove):
        approvals.approve(approval=asked, by=make_staff("COMPLIANCE_OFFICER"), at=long_after)


def test_an_app_asks_for_a_shorter_one(officer, client):
    load(officer, raw=own(*FIVE))
    asked = {"accept_shrinking": True, "reason": "Its publisher cleaned up"}

    def send(raw, **more):
        return client.post(f"{URL}lists/OWN/versions/", {"file": io.BytesIO(raw), **more}, headers=bearer(officer))

    assert send(own(FIVE[0])).status_code == 422
    assert send(own(FIVE[0]), accept_shrinking=True).status_code == 400
    answer = send(own(FIVE[0]), **asked)
    assert (answer.status_code, answer.json()["status"]) == (202, "PENDING")
    assert ListVersion.objects.count() == 1
    assert send(own(*FIVE[:4]), **asked).status_code == 201


def test_lets_nobody_else_load_or_decide(officer):
    hit = the_hit(officer)
    teller = make_staff("TELLER")
    with pytest.raises(NotAllowed):
        load(teller)
    for decide in (screening.clear, screening.confirm):
        with pytest.raises(NotAllowed):
            decide(hit=hit, reason="Somebody else", by=teller, at=now())
        with pytest.raises(NotAllowed):
            decide(hit=hit, reason="  ", by=officer, at=now())
    hit.refresh_from_db()
    assert hit.status == "OPEN"


def test_finds_who_joins_and_who_was_there(officer, django_capture_on_commit_callbacks):
    there = customer()
    screening.screen_people([there.pk], at=now())
    with django_capture_on_commit_callbacks(execute=True):
        version = load(officer)
    assert screening.screen_version(version, at=now()) == 1
    assert screening.screen_version(version, at=now()) == 0
    comes = customer("WARSAME Zubair")
    assert screening.screen_people([comes.pk], at=now()) == 1
    assert set(ScreeningHit.objects.values_list("user_id", flat=True)) == {there.pk, comes.pk}


def test_finds_nobody_by_a_weak_alias_alone(officer):
    load(officer, "OFAC_SDN", OFAC.encode())
    other, same = customer("Simba", "1990-01-01"), customer("Simba", "1963-03-12")
    screening.screen_people([other.pk, same.pk], at=now())
    assert list(ScreeningHit.objects.values_list("user_id", flat=True)) == [same.pk]


def test_screens_each_night_only_who_changed(officer, django_assert_max_num_queries):
    load(officer)
    person = customer("Grace Wanjiku")
    screening.screen_changed(at=now())
    person.full_name = "Zubair Warsame"
    person.save()
    assert screening.screen_changed(at=now()).startswith("1 hits")
    with django_assert_max_num_queries(12):
        assert screening.screen_changed(at=now()).startswith("0 hits")


def test_lets_go_when_the_names_part(officer):
    hit = the_hit(officer)
    User.objects.filter(pk=hit.user_id).update(full_name="Grace Wanjiku")
    screening.screen_people([hit.user_id], at=now())
    hit.refresh_from_db()
    assert hit.status == "GONE"
    version = load_shorter(officer, own("9,PERSON,Somebody Else,", on="2026-11-21"))
    User.objects.filter(pk=hit.user_id).update(full_name="Zubair Warsame")
    screening.screen_version(version, at=now())
    hit.refresh_from_db()
    assert hit.status == "GONE"


def test_lets_go_of_who_is_taken_off_the_list(officer):
    hit = the_hit(officer)
    version = load_shorter(officer, own("9,PERSON,Somebody Else,", on="2026-11-21"))
    screening.screen_version(version, at=now())
    hit.refresh_from_db()
    assert hit.status == "GONE"


def test_remembers_what_was_cleared_until_either_changes(officer):
    hit = the_hit(officer)
    assert screening.clear(hit=hit, reason="Another person: seen the passport", by=officer, at=now()) is None
    assert screening.screen_people([hit.user_id], at=now()) == 0
    with pytest.raises(IllegalMove):
        screening.clear(hit=hit, reason="Again", by=officer, at=now())
    load(officer, raw=own("1,PERSON,Zubair Warsame,1963-03-12; 1964-01-01", on="2026-11-21"))
    assert screening.screen_people([hit.user_id], at=now()) == 1
    hit.refresh_from_db()
    assert (hit.status, hit.decided_by, hit.reason) == ("OPEN", None, "")
    became = ScreeningDecision.objects.order_by("pk").values_list("became", flat=True)
    assert list(became) == ["OPEN", "CLEARED", "OPEN"]


def test_wakes_what_was_cleared_long_ago(officer):
    hit = the_hit(officer)
    screening.clear(hit=hit, reason="Another person", by=officer, at=now())
    assert screening.wake(at=now() + timedelta(days=364)) == 0
    assert screening.wake(at=now() + timedelta(days=366)) == 1
    hit.refresh_from_db()
    assert hit.status == "OPEN"


def test_takes_two_to_clear_a_strong_match_with_sanctions(officer):
    hit = the_hit(officer, code="OFAC_SDN", raw=OFAC.encode())
    approval = screening.clear(hit=hit, reason="Another person", by=officer, at=now())
    hit.refresh_from_db()
    assert hit.status == "OPEN"
    with pytest.raises(NotAllowed):
        approvals.approve(approval=approval, by=officer, at=now())
    approvals.approve(approval=approval, by=make_staff("COMPLIANCE_OFFICER"), at=now())
    hit.refresh_from_db()
    assert hit.status == "CLEARED"


def test_clears_nothing_that_changed_since_it_was_asked(officer):
    hit = the_hit(officer, code="OFAC_SDN", raw=OFAC.encode())
    approval = screening.clear(hit=hit, reason="Another person", by=officer, at=now())
    User.objects.filter(pk=hit.user_id).update(full_name="Zubair Warsame")
    screening.screen_people([hit.user_id], at=now())
    with pytest.raises(IllegalMove):
        approvals.approve(approval=approval, by=make_staff("COMPLIANCE_OFFICER"), at=now())


def test_nobody_decides_on_themselves_not_even_in_the_database(officer):
    hit = the_hit(officer)
    hit_of_officer = ScreeningHit.objects.get(pk=hit.pk)
    hit_of_officer.user_id = officer.pk
    with pytest.raises(NotAllowed):
        screening.clear(hit=hit_of_officer, reason="It is not me", by=officer, at=now())
    with pytest.raises(IntegrityError), transaction.atomic():
        ScreeningHit.objects.filter(pk=hit.pk).update(
            user=officer, status="CLEARED", decided_by=officer, decided_at=now(), reason="It is not me"
        )


def test_officers_find_no_match_of_themselves_or_who_is_near(client, officer):
    hit = the_hit(officer)
    address = f"/api/v1/admin/compliance/screening/{hit.pk}/"
    assert client.get(address, headers=bearer(officer)).status_code == 200
    StaffConnection.objects.create(
        staff=officer, customer=hit.user, kind="SELF", declared_by=officer, declared_at=now()
    )
    assert client.get(address, headers=bearer(officer)).status_code == 404
    assert client.get("/api/v1/admin/compliance/screening/", headers=bearer(officer)).json()["results"] == []
    with pytest.raises(Connected):
        screening.clear(hit=hit, reason="It is not me", by=officer, at=now())


@pytest.mark.django_db(transaction=True)
def test_two_who_screen_at_once_find_one_hit(officer):
    load(officer)
    person = customer()
    found = at_once(*[lambda: screening.screen_people([person.pk], at=now())] * 4)
    assert refusals(found) == []
    assert sum(found) == 1
    assert ScreeningDecision.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_decide_at_once_decide_once(officer):
    the_hit(officer)
    other = make_staff("COMPLIANCE_OFFICER")
    one, two = (ScreeningHit.objects.select_related("watch_list").get() for _nth in range(2))  # both look at it open
    done = at_once(
        lambda: screening.clear(hit=one, reason="Other", by=officer, at=now()),
        lambda: screening.confirm(hit=two, reason="Same", by=other, at=now()),
    )
    assert [type(no) for no in refusals(done)] == [IllegalMove]


def test_answers_by_api(officer, client, django_assert_max_num_queries):
    hit, signed = the_hit(officer), bearer(officer)
    with django_assert_max_num_queries(12):
        listed = client.get(URL, {"status": "OPEN"}, headers=signed).json()["results"]
    assert [(one["id"], one["birth"], one["party"]["watch_list"]) for one in listed] == [(hit.pk, "SAME", "OWN")]
    assert {"ours": "zubeyr", "listed": "zubair", "alike": 0.94} in listed[0]["words"]
    done = client.post(f"{URL}{hit.pk}/clear/", {"reason": "Other"}, headers=signed, content_type="application/json")
    assert (done.status_code, done.json()["status"]) == (200, "CLEARED")
    again = client.post(f"{URL}{hit.pk}/confirm/", {"reason": "Same"}, headers=signed, content_type="application/json")
    assert again.status_code == 409
    asked = client.post(f"{URL}check/", {"name": "زبير ورسمه"}, headers=signed, content_type="application/json")
    assert [one["party"]["name"] for one in asked.json()] == ["Zubair Warsame"]
    lists = {one["code"]: one["version"] for one in client.get(f"{URL}lists/", headers=signed).json()}
    assert (lists["OWN"], lists["UN"]) == (1, None)


@pytest.mark.parametrize("role", ["TELLER", "KYC_OFFICER", "BRANCH_MANAGER", "SUPPORT_AGENT"])
def test_tips_nobody_off(officer, client, role):
    hit = the_hit(officer)
    for who in (make_staff(role), hit.user):
        for path in ("", f"{hit.pk}/", "lists/"):
            assert client.get(URL + path, headers=bearer(who)).status_code == 403


def test_loads_by_command(officer, tmp_path, capsys):
    file = tmp_path / "own.csv"
    file.write_bytes(own("1,PERSON,A A,"))
    call_command("load_watchlist", "OWN", str(file), by=officer.email)
    assert "version 1 of 2026-11-20: 1 parties, 1 new, 0 changed, 0 gone" in capsys.readouterr().out
    file.write_bytes(b"broken")
    for code, path in (("OWN", file), ("NONE", file), ("OWN", tmp_path / "missing")):
        with pytest.raises(CommandError):
            call_command("load_watchlist", code, str(path), by=officer.email)


def test_asks_by_command_for_a_shorter_one(officer, tmp_path, capsys):
    load(officer, raw=own(*FIVE))
    file = tmp_path / "own.csv"
    file.write_bytes(own(FIVE[0]))
    with pytest.raises(CommandError):
        call_command("load_watchlist", "OWN", str(file), by=officer.email)
    with pytest.raises(CommandError, match="why"):
        call_command("load_watchlist", "OWN", str(file), by=officer.email, accept_shrinking=True)
    call_command("load_watchlist", "OWN", str(file), by=officer.email, accept_shrinking=True, reason="Cleaned up")
    assert "a second person" in capsys.readouterr().out
    assert ListVersion.objects.count() == 1
