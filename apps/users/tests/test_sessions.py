"""Stays begin, are renewed once per token, and end at once everywhere."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from axes.models import AccessLog as AxesLog
from django.conf import settings
from django.contrib.auth.hashers import get_hasher, make_password
from django.contrib.sessions.models import Session as BrowserSession
from django.db import transaction
from django.test import Client

from apps.kernel.clock import now
from apps.kernel.testing import at_once, refusals, until_waiting
from apps.notifications.testing import code_sent_to
from apps.users import operations, tasks
from apps.users.doors import Hand
from apps.users.errors import AccountLocked, RefreshRefused, WrongPassword
from apps.users.models import Session, User
from apps.users.testing import PASSWORD, bearer, make_customer, make_staff

HAND = Hand("phone-1", "Chrome · Android")


@pytest.mark.django_db
def test_each_refresh_token_works_once_and_its_reuse_ends_the_family():
    user = make_customer()
    first = operations.open_token_session(user=user, hand=HAND, at=now())
    second = operations.refresh(token=first.refresh, at=now())
    with pytest.raises(RefreshRefused):
        operations.refresh(token=first.refresh, at=now())
    with pytest.raises(RefreshRefused):
        operations.refresh(token=second.refresh, at=now())
    assert Session.objects.get().revoked_because == "refresh token used twice"


@pytest.mark.django_db
def test_an_access_token_is_no_refresh_token():
    tokens = operations.open_token_session(user=make_customer(), hand=HAND, at=now())
    with pytest.raises(RefreshRefused):
        operations.refresh(token=tokens.access, at=now())


@pytest.mark.django_db(transaction=True)
def test_of_ten_refreshes_at_once_one_wins():
    tokens = operations.open_token_session(user=make_customer(), hand=HAND, at=now())
    results = at_once(*[lambda: operations.refresh(token=tokens.refresh, at=now())] * 10)
    assert len(refusals(results)) == 9


@pytest.mark.django_db
def test_signing_out_everywhere_stops_access_tokens_at_once(client):
    user = make_customer()
    headers = bearer(user)
    assert client.get("/api/v1/users/me/", headers=headers).status_code == 200
    operations.end_all_sessions(user=user, by=user, at=now(), because="test")
    answer = client.get("/api/v1/users/me/", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "session_ended")


@pytest.mark.django_db
def test_a_suspended_profile_is_out_at_once(client):
    user, officer = make_customer(), make_staff("ADMIN")
    headers = bearer(user)
    operations.set_status(person=user, status="SUSPENDED", reason="Court order", by=officer, at=now())
    assert client.get("/api/v1/users/me/", headers=headers).status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize("login", ["0712 345 908", "+254712345908", "ACHIENG@example.com"])
def test_signs_in_by_phone_or_email(rf, login):
    user = make_customer(phone="+254712345908", email="achieng@example.com")
    checked = operations.check_password(request=rf.post("/"), login=login, password=PASSWORD, at=now())
    assert checked.user == user
    assert checked.challenge is None


@pytest.mark.django_db
@pytest.mark.parametrize("login", ["0712345908", "0799 999 999", "nobody@example.com"])
def test_locks_after_five_wrong_passwords_whether_or_not_anyone_has_the_name(rf, login):
    make_customer(phone="+254712345908")
    for _try in range(4):
        with pytest.raises(WrongPassword):
            operations.check_password(request=rf.post("/"), login=login, password="wrong", at=now())
    with pytest.raises(AccountLocked) as no:
        operations.check_password(request=rf.post("/"), login=login, password="wrong", at=now())
    assert no.value.facts["locked_until"]
    with pytest.raises(AccountLocked):
        operations.check_password(request=rf.post("/"), login=login, password=PASSWORD, at=now())


@pytest.mark.django_db(transaction=True)
def test_of_many_passwords_tried_at_once_five_are_looked_at(rf, monkeypatch):
    user, looked_at = make_customer(), []
    right = User.check_password

    def look(person, password):
        looked_at.append(password)
        return right(person, password)

    monkeypatch.setattr(User, "check_password", look)

    def guess(login):
        return lambda: operations.check_password(request=rf.post("/"), login=login, password="wrong", at=now())

    assert len(refusals(at_once(*map(guess, [str(user.phone), str(user.email)] * 6)))) == 12
    assert len(looked_at) == 5


@pytest.mark.django_db
def test_phone_and_email_of_a_person_share_their_tries_and_another_password_gives_them_back(rf):
    user = make_customer(phone="+254712345908", email="achieng@example.com")
    for login in ("0712345908", "+254712345908", "Achieng@example.com", "achieng@example.com"):
        with pytest.raises(WrongPassword):
            operations.check_password(request=rf.post("/"), login=login, password="wrong", at=now())
    with pytest.raises(AccountLocked):
        operations.check_password(request=rf.post("/"), login="0712345908", password="wrong", at=now())
    with pytest.raises(AccountLocked):
        operations.check_password(request=rf.post("/"), login="achieng@example.com", password=PASSWORD, at=now())
    row = operations.forgot_password(login=str(user.phone), at=now())
    operations.check_code(challenge_id=row.pk, code=code_sent_to(str(user.phone)), purpose="RESET", at=now())
    operations.reset_password(proof=row.pk, new="morning-by-the-lake-9182", at=now())
    again = {"login": "achieng@example.com", "password": "morning-by-the-lake-9182"}
    assert operations.check_password(request=rf.post("/"), at=now(), **again).user == user


@pytest.mark.django_db(transaction=True)
def test_no_stay_begins_with_a_password_that_was_changed_meanwhile():
    user = make_customer()
    as_checked = User.objects.get(pk=user.pk)
    operations.change_password(user=user, current=PASSWORD, new="morning-by-the-lake-9182", at=now())
    with pytest.raises(WrongPassword):
        operations.open_token_session(user=as_checked, hand=HAND, at=now())
    operations.set_status(person=user, status="SUSPENDED", reason="Court order", by=make_staff("ADMIN"), at=now())
    with pytest.raises(WrongPassword):
        operations.open_token_session(user=user, hand=HAND, at=now())


@pytest.mark.django_db(transaction=True)
def test_a_stay_that_begins_while_the_password_is_changed_waits_and_is_refused():
    user = make_customer()
    as_checked = User.objects.get(pk=user.pk)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            operations.change_password(user=user, current=PASSWORD, new="morning-by-the-lake-9182", at=now())
            begun = pool.submit(
                lambda: at_once(lambda: operations.open_token_session(user=as_checked, hand=HAND, at=now()))
            )
            until_waiting()
        assert [type(no) for no in begun.result()] == [WrongPassword]
    assert not Session.objects.filter(user=user, revoked_at=None).exists()


@pytest.mark.django_db
def test_staff_always_prove_a_second_factor(rf):
    teller = make_staff("TELLER")
    checked = operations.check_password(request=rf.post("/"), login=teller.phone, password=PASSWORD, at=now())
    assert checked.challenge is not None
    assert checked.challenge.method == "SMS"


def test_the_bank_itself_hashes_with_argon2(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    hashed = make_password(PASSWORD)
    assert hashed.startswith("argon2$argon2id$")
    assert get_hasher("default").verify(PASSWORD, hashed)


@pytest.mark.django_db
def test_a_token_that_was_good_is_refused_once_its_time_is_over(client, monkeypatch):
    headers = bearer(make_customer())
    assert client.get("/api/v1/users/me/", headers=headers).status_code == 200
    late = now() + settings.ACCESS_TOKEN_LIFETIME + timedelta(seconds=1)
    monkeypatch.setattr("apps.users.api.authentication.now", lambda: late)
    monkeypatch.setattr("rest_framework_simplejwt.tokens.aware_utcnow", lambda: late)
    refused = client.get("/api/v1/users/me/", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (401, "token_not_valid")


@pytest.mark.django_db
def test_a_token_that_was_good_is_refused_once_its_stay_was_ended(client):
    person = make_customer()
    headers = bearer(person)
    assert client.get("/api/v1/users/me/", headers=headers).status_code == 200
    operations.end_all_sessions(user=person, by=person, at=now(), because="lost")
    assert client.get("/api/v1/users/me/", headers=headers).json()["code"] == "session_ended"
    assert client.get("/api/v1/users/me/", headers={"Authorization": "Bearer x.y.z"}).status_code == 401


@pytest.mark.django_db
def test_a_browser_that_signs_in_leaves_no_phone_in_clear(client):
    user = make_customer()
    answer = client.post("/login", {"login": user.phone, "password": PASSWORD}, follow=True)
    assert Session.objects.filter(user=user, door="PORTAL").exists(), answer.content
    assert not AxesLog.objects.exists()


@pytest.mark.django_db
def test_what_browsers_left_behind_is_forgotten_once_it_opens_nothing(client):
    client.post("/join/phone", {"phone": "0712 345 908"})  # half-way: name and phone lie sealed in such a session
    user, browser = make_customer(), Client()
    browser.post("/login", {"login": user.phone, "password": PASSWORD})
    assert BrowserSession.objects.count() == 2
    BrowserSession.objects.filter(session_key=client.session.session_key).update(expire_date=now() - timedelta(hours=1))
    tasks.drop_ended_sessions()
    assert [row.session_key for row in BrowserSession.objects.all()] == [browser.session.session_key]
    assert "users.drop_ended_sessions" in tasks.SCHEDULE
