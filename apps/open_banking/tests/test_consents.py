"""Consents: lodged, given with proof for exactly this, ended by anybody who may; tokens die with them."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.models import Q

from apps.accounts.testing import kes, make_account
from apps.audit_trail.models import AuditLog
from apps.kernel.clock import now
from apps.kernel.errors import IllegalMove, NotAllowed, NotFound
from apps.kernel.models import OutboxEvent
from apps.notifications.models import Message
from apps.open_banking import errors, operations
from apps.open_banking.models import AccessToken, Consent, ConsentAccount, ConsentEvent, Permission, ThirdPartyApp
from apps.open_banking.operations.lodge import claim
from apps.open_banking.states import CONSENT, OPEN, WORDS, ConsentStatus
from apps.open_banking.testing import give, lodge, lodge_payment, make_app, make_token, prove
from apps.users.errors import StepUpRequired
from apps.users.models import StepUpChallenge
from apps.users.operations.step_up import known_payee
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def app():
    return make_app().app


@pytest.fixture
def account():
    return make_account(balance="100")


def test_every_status_has_its_words_and_final_ones_lead_nowhere():
    assert set(WORDS) == set(ConsentStatus.values)
    assert set(CONSENT.table) == set(OPEN)
    assert {WORDS[one].berlin for one in ConsentStatus.values} == {
        "received", "partiallyAuthorised", "valid", "expired", "rejected", "revokedByPsu", "terminatedByTpp"
    }  # fmt: skip


def test_is_given_with_proof_and_holds_what_was_asked_for_each_account(app, account):
    row = give(lodge(app, transactions=False), [account])
    held = set(ConsentAccount.objects.filter(consent=row).values_list("account_id", "permission"))
    assert held == {(account.pk, Permission.ACCOUNTS), (account.pk, Permission.BALANCES)}
    assert (row.status, row.sca_method) == ("VALID", "SMS")
    assert [move.became for move in row.events.order_by("pk")] == ["RECEIVED", "VALID"]
    assert OutboxEvent.objects.filter(name="open_banking.consent.authorised").count() == 1
    assert AuditLog.objects.filter(action="open_banking.consent.authorised", customer=account.owner).exists()
    assert Message.objects.filter(code="open_banking.given", user_id=account.owner_id).exists()


def test_a_proof_for_one_choice_of_accounts_is_none_for_another(app, account):
    other, row = make_account(account.owner), lodge(app)
    challenge = prove(account.owner, row, [account])
    with pytest.raises(StepUpRequired):
        operations.authorise(
            consent=row, accounts=[account, other], by=account.owner, at=now(), challenge_id=challenge.pk
        )
    assert not ConsentAccount.objects.exists()


def test_a_payment_is_proved_with_its_amount_and_payee(app, account):
    payee = make_account()
    row = lodge_payment(app, payee, "250")
    challenge = prove(account.owner, row, [account])
    cost = operations.cost_told(row, account, now())
    assert (challenge.amount, challenge.payee) == (kes("250") + cost, known_payee(row.payee))
    assert payee.owner.public_name in row.payee
    said = Message.objects.filter(code="users.step_up_payment").latest("pk")
    assert str(kes("250") + cost) in said.body if said.body else said.is_secret
    Consent.objects.filter(pk=row.pk).update(amount_minor=kes("2500").minor)
    row.refresh_from_db()
    with pytest.raises(StepUpRequired):
        operations.authorise(consent=row, accounts=[account], by=account.owner, at=now(), challenge_id=challenge.pk)
    assert row.authorise_before - row.created_at == timedelta(minutes=30)
    assert Consent.objects.get(pk=row.pk).status == "RECEIVED"


@pytest.mark.parametrize("whose", ["stranger", "closed", "goal", "none"])
def test_refuses_accounts_that_cannot_be_shared(app, account, whose):
    user, row = account.owner, lodge(app)
    chosen = {"stranger": [make_account()], "closed": [account], "goal": [account], "none": []}[whose]
    if whose == "closed":
        type(account).objects.filter(pk=account.pk).update(status="CLOSED", closed_at=now())
    if whose == "goal":
        type(account).objects.filter(pk=account.pk).update(account_type="GOAL")
    with pytest.raises(errors.AccountNotEligible):
        operations.challenge(consent=row, accounts=chosen, by=user, at=now())
    assert not StepUpChallenge.objects.exists()


def test_belongs_to_whom_it_was_shown_first(app, account):
    row = claim(consent=lodge(app), by=account.owner, at=now())
    with pytest.raises(NotFound):
        claim(consent=row, by=make_customer(), at=now())
    with pytest.raises(NotFound):
        operations.reject(consent=row, by=make_customer(), at=now())
    assert Message.objects.filter(code="open_banking.asked", user_id=account.owner_id).count() == 1


def test_is_decided_once_and_in_time(app, account):
    row = give(lodge(app), [account])
    with pytest.raises(errors.ConsentEnded):
        operations.authorise(consent=row, accounts=[account], by=account.owner, at=now(), challenge_id=None)
    late = lodge(app)
    with pytest.raises(errors.ConsentEnded):
        claim(consent=late, by=account.owner, at=now() + timedelta(hours=24))


def test_a_new_recurring_consent_ends_the_one_before_and_a_single_read_does_not(app, account):
    first = give(lodge(app), [account])
    once = give(lodge(app, is_recurring=False), [account], at=now() + timedelta(minutes=2))
    assert Consent.objects.get(pk=first.pk).status == "VALID"
    second = give(lodge(app), [account], at=now() + timedelta(minutes=4))
    assert Consent.objects.get(pk=first.pk).status == "TERMINATED_BY_TPP"
    assert {Consent.objects.get(pk=one.pk).status for one in (once, second)} == {"VALID"}


def test_the_database_keeps_one_recurring_consent_for_an_app_and_a_customer(app, account):
    row, other = give(lodge(app), [account]), lodge(app)
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.filter(pk=other.pk).update(status="VALID", user=row.user_id, authorised_at=now())


def test_stopping_it_kills_its_tokens_in_the_same_transaction_and_twice_is_once(app, account):
    row = give(lodge(app), [account])
    make_token(app, row)
    for _ in range(2):
        operations.revoke(consent=row, by=account.owner, at=now())
    row.refresh_from_db()
    assert (row.status, AccessToken.objects.count()) == ("REVOKED_BY_PSU", 0)
    assert OutboxEvent.objects.filter(name="open_banking.consent.revoked").count() == 1
    assert Message.objects.filter(code="open_banking.stopped").count() == 1


def test_only_its_customer_or_staff_with_the_right_and_a_reason_stop_it(app, account):
    row = give(lodge(app), [account])
    for stranger in (make_customer(), make_staff("TELLER")):
        with pytest.raises(NotFound):
            operations.revoke(consent=row, by=stranger, at=now(), reason="because")
    officer = make_staff("ADMIN")
    with pytest.raises(NotAllowed):
        operations.revoke(consent=row, by=officer, at=now())
    assert Consent.objects.get(pk=row.pk).status == "VALID"
    operations.revoke(consent=row, by=officer, at=now(), reason="Fraud at the app")
    assert Consent.objects.get(pk=row.pk).status == "REVOKED_BY_BANK"


def test_the_clock_ends_what_is_over_and_what_nobody_authorised(app, account):
    held, waits = give(lodge(app, valid_until=now() + timedelta(days=2)), [account]), lodge(app)
    make_token(app, held)
    assert operations.expire_due(at=now() + timedelta(hours=25)) == 1
    assert Consent.objects.get(pk=waits.pk).status == "EXPIRED"
    assert operations.expire_due(at=now() + timedelta(days=3)) == 1
    assert operations.expire_due(at=now() + timedelta(days=3)) == 0
    assert not AccessToken.objects.exists()
    assert ConsentEvent.objects.filter(became="EXPIRED", actor="CLOCK").count() == 2


def test_warns_once_a_week_before_the_end(app, account):
    give(lodge(app), [account])
    late = now() + timedelta(days=84)
    assert (operations.warn_before_end(at=late), operations.warn_before_end(at=late)) == (1, 0)
    assert Message.objects.filter(code="open_banking.ending", user_id=account.owner_id).count() == 1


def test_what_was_used_once_is_over(app, account):
    row = give(lodge(app, is_recurring=False), [account])
    operations.consume(consent=row, at=now())
    assert Consent.objects.get(pk=row.pk).status == "CONSUMED"
    with pytest.raises(IllegalMove):
        operations.consume(consent=row, at=now())


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        ({"valid_until": timedelta(0)}, errors.BadValidity),
        ({"valid_until": timedelta(days=91)}, errors.ValidityTooLong),
        ({"accounts": False, "balances": False, "transactions": False}, errors.BadAccess),
        ({"consent_type": "CBPII"}, errors.BadAccess),
        ({"consent_type": "PIS"}, errors.BadAccess),
        ({"is_recurring": False, "frequency_per_day": 2}, errors.BadAccess),
    ],
)
def test_refuses_a_wish_that_makes_no_sense(app, wish, refusal):
    if "valid_until" in wish:
        wish = {"valid_until": now() + wish["valid_until"]}
    with pytest.raises(refusal):
        lodge(app, **wish)
    assert not Consent.objects.exists()


def test_asks_for_what_the_app_was_registered_for():
    with pytest.raises(errors.BadAccess):
        lodge(make_app(scopes=["fundsconfirmations"]).app)


def test_a_sandbox_app_never_reaches_a_customer(account):
    row = lodge(make_app(live=False).app)
    with pytest.raises(errors.AppNotLive):
        claim(consent=row, by=account.owner, at=now())
    with pytest.raises(errors.AppNotLive):
        operations.challenge(consent=row, accounts=[account], by=account.owner, at=now())


def test_moves_are_written_once(app):
    row = lodge(app)
    with pytest.raises(Exception, match="pgtrigger"), transaction.atomic():
        ConsentEvent.objects.filter(Q(consent=row)).update(reason="other")


def test_the_demo_tells_of_apps_once():
    for name in ("Achieng", "Baraka", "Chebet"):
        make_account(make_customer(full_name=name), balance="10")
    make_staff("ADMIN"), make_staff("SUPER_ADMIN")
    for _ in range(2):
        call_command("demo_third_parties")
    assert sorted(ThirdPartyApp.objects.values_list("status", flat=True)) == ["APPROVED", "PENDING"]
    assert sorted(Consent.objects.values_list("status", flat=True)) == ["REVOKED_BY_PSU", "VALID"]
