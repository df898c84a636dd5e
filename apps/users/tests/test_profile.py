"""What people change about themselves while others change them too, and what an older secret still opens."""

import json
from datetime import timedelta
from functools import partial

import pytest
from allauth.mfa.models import Authenticator
from fido2.utils import websafe_encode

from apps.kernel.clock import now
from apps.kernel.testing import at_once, refusals
from apps.notifications.models import Message
from apps.notifications.testing import code_sent_to, messages_to
from apps.users import operations, webauthn
from apps.users.errors import CodeExpired, CodeSpent, Invalid, TooSoon
from apps.users.models import OtpChallenge, User
from apps.users.operations import passkeys
from apps.users.operations.factors import ADD
from apps.users.testing import PASSWORD, make_customer, make_staff, proof_of

pytestmark = pytest.mark.django_db
NEW = "morning-by-the-lake-9182"


@pytest.mark.parametrize("change", [{"language": "sw"}, {"email": "new@example.com"}])
def test_a_change_leaves_alone_what_the_bank_changed_meanwhile(change):
    person = make_customer()
    as_read_before = User.objects.get(pk=person.pk)
    User.objects.filter(pk=person.pk).update(status="SUSPENDED", kyc_tier="TIER_2", password="another")
    operations.change_profile(user=as_read_before, at=now(), **change)
    kept = User.objects.get(pk=person.pk)
    assert (kept.status, kept.kyc_tier, kept.password) == ("SUSPENDED", "TIER_2", "another")
    assert {name: getattr(kept, name) for name in change} == change
    assert User.objects.with_email(str(kept.email)).get() == person


def test_the_phone_hears_of_another_address_and_of_no_other_change():
    person = make_customer()
    operations.change_profile(user=person, language="sw", email=str(person.email), at=now())
    assert not Message.objects.filter(user=person, code="users.email_changed")
    operations.change_profile(user=person, email="other@example.com", at=now())
    assert Message.objects.get(user=person, code="users.email_changed").channel == "SMS"


def test_the_person_hears_of_a_passkey_and_one_set_up_keeps_one(monkeypatch):
    person = make_customer()
    monkeypatch.setattr(webauthn, "finish_registration", lambda _state, _credential: "a-credential")
    begun, _options = operations.start_passkey_registration(user=person, challenge_id=proof_of(person, ADD), at=now())
    facts = {"user": person, "challenge_id": begun.pk, "credential": {}, "name": "Phone", "at": now()}
    operations.register_passkey(**facts)
    assert {one.channel for one in Message.objects.filter(user=person, code="users.factor_added")} >= {"SMS"}
    monkeypatch.setattr(passkeys, "spend_try", lambda _row, _at: None)  # the other of two at once, just after its look
    with pytest.raises(CodeSpent):
        operations.register_passkey(**facts)
    assert Authenticator.objects.filter(user=person, type="webauthn").count() == 1


def test_an_address_that_was_changed_meanwhile_is_not_confirmed_by_the_code_of_the_one_before():
    person = make_customer()
    proof = answered(OtpChallenge.Purpose.CONFIRM_EMAIL, str(person.email), "EMAIL")
    as_read_before = User.objects.get(pk=person.pk)
    operations.change_profile(user=person, email="not-proven@example.com", at=now())
    with pytest.raises(Invalid):
        operations.confirm_email(user=as_read_before, proof=proof, at=now())
    assert User.objects.get(pk=person.pk).email_confirmed_at is None


def answered(purpose, address, channel="SMS", later=timedelta(0)):
    row = operations.send_code(purpose=purpose, address=address, channel=channel, at=now() + later)
    code = code_sent_to(address)
    return operations.check_code(challenge_id=row.pk, code=code, purpose=purpose, at=now()).pk


def test_an_address_nobody_proved_resets_no_password():
    person = make_customer()  # who may have mistyped it, so that the mailbox is a stranger's
    row = operations.forgot_password(login=str(person.email), at=now())
    assert not messages_to(str(person.email))
    assert row.user is None
    assert operations.forgot_password(login=str(person.phone), at=now()).user == person
    User.objects.filter(pk=person.pk).update(email_confirmed_at=now())
    proof = answered(OtpChallenge.Purpose.RESET, str(person.email), "EMAIL", later=timedelta(minutes=1))
    assert operations.reset_password(proof=proof, new=NEW, at=now()) == person


def test_another_address_resets_no_password_before_its_owner_could_say_so():
    """Whoever found the page open changes the address to theirs, and proves it in their own mailbox."""
    person = make_customer()
    operations.change_profile(user=person, email="theirs@example.com", at=now())
    proof = answered(OtpChallenge.Purpose.CONFIRM_EMAIL, "theirs@example.com", "EMAIL")
    operations.confirm_email(user=person, proof=proof, at=now())
    soon, later = now() + timedelta(days=2, hours=23), now() + timedelta(days=3, seconds=1)
    assert operations.forgot_password(login="theirs@example.com", at=soon).user is None
    assert operations.forgot_password(login="theirs@example.com", at=later).user == person


@pytest.mark.django_db(transaction=True)
def test_one_code_is_sent_however_often_it_is_asked_for_at_once():
    person = make_customer()
    results = at_once(*[lambda: operations.forgot_password(login=str(person.phone), at=now())] * 6)
    assert {type(no) for no in refusals(results)} == {TooSoon}
    assert OtpChallenge.objects.count() == 1
    ask = partial(operations.challenge, user=person, operation=ADD, subject=f"users/{person.pk}", method="SMS")
    results = at_once(*[lambda: ask(at=now())] * 6)
    assert ({type(no) for no in refusals(results)}, len(messages_to(str(person.phone)))) == ({TooSoon}, 2)


def test_a_sign_in_begun_with_the_old_password_ends_with_it(rf):
    teller = make_staff()
    begun = operations.check_password(request=rf.post("/"), login=str(teller.phone), password=PASSWORD, at=now())
    code = code_sent_to(str(teller.phone))
    operations.change_password(user=teller, current=PASSWORD, new=NEW, at=now())
    with pytest.raises(CodeExpired):
        operations.finish_sign_in(challenge_id=str(begun.challenge.pk), answer=code, at=now() + timedelta(seconds=1))


def test_a_code_that_may_have_been_somebody_elses_resets_no_newer_password():
    person = make_customer()
    proof = answered(OtpChallenge.Purpose.RESET, str(person.phone))
    operations.change_password(user=person, current=PASSWORD, new=NEW, at=now())
    with pytest.raises(CodeSpent):
        operations.reset_password(proof=proof, new="taken-over-quietly-55", at=now())
    assert User.objects.get(pk=person.pk).check_password(NEW)


@pytest.mark.parametrize("cut", [b"", bytes(32), bytes(36), bytes(32) + b"\x41" + bytes(4), bytes(37) + b"\x9b"])
def test_what_no_passkey_signed_is_refused_and_no_crash(client, cut):
    begun = client.post("/api/v1/auth/passkeys/login/options/").json()
    said = {"type": "webauthn.get", "challenge": begun["options"]["publicKey"]["challenge"], "origin": "http://x"}
    response = {"clientDataJSON": websafe_encode(json.dumps(said).encode()), "authenticatorData": websafe_encode(cut),
                "attestationObject": websafe_encode(b"\x9b"), "signature": "AA", "userHandle": "AA"}  # fmt: skip
    given = {"id": "AA", "rawId": "AA", "type": "public-key", "clientExtensionResults": {}, "response": response}
    sent = {"challenge": begun["challenge"], "credential": given, "device_id": "x"}
    assert client.post("/api/v1/auth/passkeys/login/", sent, content_type="application/json").status_code == 422
    person = make_customer()
    state = webauthn.start_assertion(person)
    assert not any(webauthn.check_assertion(person, state, odd) for odd in (given, json.dumps(given), "[" * 7000))
    assert webauthn.finish_registration(state["fido"], given) is None
