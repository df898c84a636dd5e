"""A proof opens exactly the act it was asked for, once, in time."""

import re
from datetime import timedelta
from functools import partial

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from fido2.utils import websafe_encode

from apps.kernel.clock import now
from apps.kernel.errors import NotFound
from apps.kernel.money import Money
from apps.kernel.testing import at_once, refusals
from apps.notifications.models import Message
from apps.users import operations
from apps.users.errors import CodeExpired, CodeSpent, StepUpRequired, TooManyTries, TooSoon, WrongCode
from apps.users.operations import step_up
from apps.users.operations.factors import ADD
from apps.users.testing import bearer, make_customer, proof_of

ACT = {"operation": "payments.confirm", "subject": "payments/7", "amount": Money.of("1290", "KES"), "payee": "Mama W."}


def asked(user):
    challenge = operations.challenge(user=user, at=now(), **ACT)
    code = re.search(r"\b(\d{6})\b", Message.objects.order_by("-pk").first().body)[1]
    return challenge, code


def answered(user):
    challenge, code = asked(user)
    return operations.answer(challenge_id=challenge.pk, user=user, answer=code, at=now())


@pytest.mark.django_db
def test_the_sms_names_the_amount_and_the_payee():
    asked(make_customer())
    body = Message.objects.get().body
    assert "1,290.00" in body
    assert "Mama W." in body


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "told"), [("en", "to add a way to approve payments"), ("sw", "wa kuongeza njia ya kuidhinisha malipo")]
)
def test_the_sms_says_which_change_its_code_approves(client, language, told):
    headers = bearer(make_customer(language=language))
    client.post("/api/v1/auth/step-up/", {"operation": ADD}, content_type="application/json", headers=headers)
    assert f"{told}. " in Message.objects.get().body


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changed",
    [
        {"amount": Money.of("1291", "KES")},
        {"amount": Money.of("1290", "USD")},
        {"amount": None},
        {"payee": "Someone else"},
        {"subject": "payments/8"},
        {"operation": "users.factor.remove"},
    ],
)
def test_opens_nothing_but_what_it_was_asked_for(changed):
    user = make_customer()
    row = answered(user)
    with pytest.raises(StepUpRequired):
        operations.use(challenge_id=row.pk, user=user, at=now(), **{**ACT, **changed})
    operations.use(challenge_id=row.pk, user=user, at=now(), **ACT)


@pytest.mark.django_db
def test_opens_nothing_for_another_person_nor_unanswered_nor_twice_nor_late():
    user, other = make_customer(), make_customer()
    challenge, code = asked(user)
    for who in (user, other):
        with pytest.raises(StepUpRequired):
            operations.use(challenge_id=challenge.pk, user=who, at=now(), **ACT)
    with pytest.raises(NotFound):
        operations.answer(challenge_id=challenge.pk, user=other, answer=code, at=now())
    operations.answer(challenge_id=challenge.pk, user=user, answer=code, at=now())
    with pytest.raises(StepUpRequired):
        operations.use(challenge_id=challenge.pk, user=user, at=now() + step_up.LIFE, **ACT)
    operations.use(challenge_id=challenge.pk, user=user, at=now(), **ACT)
    with pytest.raises(StepUpRequired):
        operations.use(challenge_id=challenge.pk, user=user, at=now(), **ACT)


@pytest.mark.django_db
def test_whoever_asked_a_moment_before_somebody_else_answered_may_use_it():
    user, before = make_customer(), now()
    row = answered(user)
    operations.use(challenge_id=row.pk, user=user, at=before, **ACT)
    row.refresh_from_db()
    assert row.used_at == row.answered_at


@pytest.mark.django_db
def test_a_late_answer_is_refused():
    user = make_customer()
    challenge, code = asked(user)
    with pytest.raises(CodeExpired):
        operations.answer(challenge_id=challenge.pk, user=user, answer=code, at=now() + timedelta(minutes=6))


@pytest.mark.django_db
def test_three_wrong_answers_spend_it():
    user = make_customer()
    challenge, code = asked(user)
    for _try in range(3):
        with pytest.raises(WrongCode):
            operations.answer(challenge_id=challenge.pk, user=user, answer="no", at=now())
    with pytest.raises(CodeSpent):
        operations.answer(challenge_id=challenge.pk, user=user, answer=code, at=now())


@pytest.mark.django_db
def test_a_second_sms_waits_half_a_minute():
    user = make_customer()
    asked(user)
    with pytest.raises(TooSoon):
        operations.challenge(user=user, at=now(), **ACT)


@pytest.mark.django_db
def test_a_code_that_was_used_is_said_to_be_used_and_nobody_waits_for_the_next():
    user = make_customer()
    challenge, code = asked(user)
    operations.answer(challenge_id=challenge.pk, user=user, answer=code, at=now())
    operations.use(challenge_id=challenge.pk, user=user, at=now(), **ACT)
    with pytest.raises(CodeSpent, match="was used"):
        operations.answer(challenge_id=challenge.pk, user=user, answer=code, at=now())
    again, code = asked(user)
    operations.answer(challenge_id=again.pk, user=user, answer=code, at=now())


@pytest.mark.django_db(transaction=True)
def test_of_eight_uses_at_once_one_wins():
    user = make_customer()
    row = answered(user)

    def use():
        operations.use(challenge_id=row.pk, user=user, at=now(), **ACT)

    assert len(refusals(at_once(*[use] * 8))) == 7


def totp_now(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


@pytest.mark.django_db
def test_an_authenticator_app_replaces_the_sms_and_its_code_works_once():
    user = make_customer()
    begun = operations.enrol_totp(user=user, challenge_id=proof_of(user, ADD), at=now())
    codes = operations.confirm_totp(user=user, challenge_id=begun.challenge.pk, code=totp_now(begun.secret), at=now())
    assert len(codes) == 10
    assert step_up.methods_of(user) == ["TOTP", "SMS"]
    row = operations.challenge(user=user, at=now(), **ACT)
    operations.answer(challenge_id=row.pk, user=user, answer=totp_now(begun.secret), at=now())
    again = operations.challenge(user=user, at=now(), **ACT)
    with pytest.raises(WrongCode):
        operations.answer(challenge_id=again.pk, user=user, answer=totp_now(begun.secret), at=now())


@pytest.mark.django_db
def test_a_recovery_code_opens_the_door_but_no_payment():
    user = make_customer()
    begun = operations.enrol_totp(user=user, challenge_id=proof_of(user, ADD), at=now())
    codes = operations.confirm_totp(user=user, challenge_id=begun.challenge.pk, code=totp_now(begun.secret), at=now())
    row = operations.challenge(user=user, at=now(), **ACT)
    with pytest.raises(WrongCode):
        operations.answer(challenge_id=row.pk, user=user, answer=codes[0], at=now())
    door = operations.challenge(
        user=user, operation="users.sign_in", subject=f"users/{user.pk}", method="TOTP", at=now()
    )
    assert operations.finish_sign_in(challenge_id=str(door.pk), answer=codes[0], at=now()) == user


@pytest.mark.django_db
def test_nobody_adds_a_factor_without_a_proof_for_it():
    user, other = make_customer(), make_customer()
    for proof in (None, proof_of(user, "users.factor.remove"), proof_of(other, ADD), proof_of(user, ADD, "users/0")):
        with pytest.raises(StepUpRequired):
            operations.enrol_totp(user=user, challenge_id=proof, at=now())
        with pytest.raises(StepUpRequired):
            operations.start_passkey_registration(user=user, challenge_id=proof, at=now())
    once = proof_of(user, ADD)
    operations.enrol_totp(user=user, challenge_id=once, at=now())
    with pytest.raises(StepUpRequired):
        operations.start_passkey_registration(user=user, challenge_id=once, at=now())


def guess(user, operation, times, at):
    """Wrong answers, three to a challenge, until they are refused; how many were looked at."""
    for tried in range(times):
        if tried % 3 == 0:
            row = operations.challenge(user=user, operation=operation, subject="users/1", method="TOTP", at=at)
        try:
            step_up._answer(row, "no code", at)
        except TooManyTries:
            return tried
        except WrongCode:
            continue
    return times


@pytest.mark.django_db
def test_a_code_is_guessed_ten_times_an_hour_and_the_person_hears_of_it():
    user, at = make_customer(), now()
    begun = operations.enrol_totp(user=user, challenge_id=proof_of(user, ADD), at=at)
    operations.confirm_totp(user=user, challenge_id=begun.challenge.pk, code=totp_now(begun.secret), at=at)
    assert guess(user, "users.sign_in", 13, at) == 10
    assert Message.objects.filter(user=user, code="users.codes_guessed", channel="SMS").count() == 1
    row = operations.challenge(user=user, at=at, **ACT)  # whoever is in goes on: only the door is shut
    operations.answer(challenge_id=row.pk, user=user, answer=totp_now(begun.secret), at=at)
    assert guess(user, "users.sign_in", 3, at + timedelta(minutes=59)) == 0
    assert guess(user, "users.sign_in", 3, at + timedelta(minutes=61)) == 3


@pytest.mark.django_db
def test_a_secret_is_sealed_in_the_database():
    from allauth.mfa.models import Authenticator

    user = make_customer()
    begun = operations.enrol_totp(user=user, challenge_id=proof_of(user, ADD), at=now())
    operations.confirm_totp(user=user, challenge_id=begun.challenge.pk, code=totp_now(begun.secret), at=now())
    assert begun.secret not in str(Authenticator.objects.get(type="totp").data)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "attested"), [(b"[" * 100_000, b"\xa0"), (b'{"type": 1, "challenge": 2, "origin": 3}', b"")]
)
def test_a_passkey_no_authenticator_made_is_refused_in_words(client, said, attested):
    encoded = {"clientDataJSON": websafe_encode(said), "attestationObject": websafe_encode(attested)}
    user, response = make_customer(), {**encoded, "authenticatorData": "", "signature": "eA", "userHandle": "eA"}
    credential = {"id": "eA", "rawId": "eA", "type": "public-key", "response": response}
    post = partial(client.post, content_type="application/json", headers=bearer(user))
    refused = post("/api/v1/auth/passkeys/register/options/")
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
    proof = {"Step-Up-Challenge": str(proof_of(user, ADD))}
    begun = post("/api/v1/auth/passkeys/register/options/", headers=bearer(user) | proof).json()
    asked = {"challenge": begun["challenge"], "credential": credential, "name": "x"}
    assert post("/api/v1/auth/passkeys/", asked).status_code == 422
    begun = client.post("/api/v1/auth/passkeys/login/options/").json()
    asked = {"challenge": begun["challenge"], "credential": credential, "device_id": "x"}
    assert post("/api/v1/auth/passkeys/login/", asked).status_code == 422
