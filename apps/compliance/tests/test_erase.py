"""Corrections by two, erasure by two and on its day, holds that win, retention that counts, books and audit intact."""

import io
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from PIL import Image

from apps.accounts import operations as accounts
from apps.accounts.queries import holding
from apps.accounts.testing import make_account
from apps.audit_trail import operations as audit_trail
from apps.audit_trail.models import AuditLog
from apps.compliance.errors import AskedAlready, BadCorrection, DataHeld, ReasonNeeded, StillInUse
from apps.compliance.models import Case, DataRequest, Erasure, LegalHold, RetentionRule, RetentionRun
from apps.compliance.operations import privacy
from apps.compliance.testing import allow, ask_erasure, close, make_case
from apps.kernel import approvals, consents
from apps.kernel.clock import day_in_words, local_date, now
from apps.kernel.errors import Conflict, IllegalMove, NotAllowed, NotFound
from apps.kernel.models import Approval
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger.testing import assert_books_balance
from apps.notifications import operations as notifications
from apps.notifications.models import Alert, Message, SecureMessage
from apps.users import operations as users
from apps.users.doors import Hand
from apps.users.errors import Connected, StepUpRequired
from apps.users.models import CustomerNote, Device, OtpChallenge, Session, User
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db
YEARS = timedelta(days=2557)


@pytest.fixture
def officer():
    return make_staff("COMPLIANCE_OFFICER")


@pytest.fixture
def second():
    return make_staff("COMPLIANCE_OFFICER", full_name="Rehema Mwangi")


@pytest.fixture
def person():
    return make_customer(date_of_birth="1990-04-23")


def picture() -> bytes:
    held = io.BytesIO()
    Image.effect_noise((700, 500), 60).convert("RGB").save(held, "JPEG")
    return held.getvalue()


def correct(person, **facts) -> DataRequest:
    asked = {"field": "full_name", "wanted": "Achieng Atieno", "reason": "Married", "paper": picture(), "name": "p.jpg"}
    return privacy.ask_correction(user=person, at=now(), **asked | facts)


class TestCorrection:
    def test_is_made_once_two_agree_and_both_see_before_and_after(self, person, officer, second):
        before = person.full_name
        request = correct(person)
        assert (request.held, request.wanted) == (before, "Achieng Atieno")
        body, media_type = privacy.open_paper(request=request, by=officer, at=now())
        assert (body[:2], media_type) == (b"\xff\xd8", "image/jpeg")
        asked = privacy.accept_correction(request=request, answer="Certificate seen.", by=officer, at=now())
        assert User.objects.get(pk=person.pk).full_name == before
        with pytest.raises(NotAllowed):
            allow(asked, officer)
        allow(asked, second)
        assert User.objects.get(pk=person.pk).full_name == "Achieng Atieno"
        request.refresh_from_db()
        assert (request.status, request.maker, request.answered_by) == ("DONE", officer, second)
        assert Message.objects.filter(user=person, code="privacy.answered").count() == 1
        assert "Achieng" not in str([asked.payload, asked.before, asked.after])

    @pytest.mark.parametrize(
        ("facts", "member"),
        [
            ({"wanted": "1"}, "wanted"),
            ({"field": "id_number", "wanted": "12"}, "wanted"),
            ({"field": "date_of_birth", "wanted": "23.4.1990"}, "wanted"),
            ({"field": "date_of_birth", "wanted": "2999-01-01"}, "wanted"),
            ({"field": "date_of_birth", "wanted": "1990-04-23"}, "wanted"),
            ({"field": "kyc_tier", "wanted": "TIER_3"}, "field"),
            ({"reason": " "}, "reason"),
            ({"paper": b""}, "paper"),
            ({"paper": b"MZ\x90"}, "paper"),
        ],
    )
    def test_refuses_what_cannot_be_and_keeps_nothing(self, person, facts, member):
        with pytest.raises(BadCorrection) as refused:
            correct(person, **facts)
        assert list(refused.value.facts.get("errors", {member: 1})) == [member]
        assert not DataRequest.objects.exists()

    def test_of_something_else_is_answered_in_words(self, person, officer):
        request = correct(person, field="other", wanted="My shop is in Kisumu", paper=b"")
        with pytest.raises(ReasonNeeded):
            privacy.accept_correction(request=request, answer=" ", by=officer, at=now())
        assert privacy.accept_correction(request=request, answer="Changed.", by=officer, at=now()) is None
        assert DataRequest.objects.get().status == "DONE"

    def test_waits_again_when_it_is_sent_back_and_can_be_refused_or_taken_back(self, person, officer, second):
        request = correct(person)
        asked = privacy.accept_correction(request=request, answer="Seen.", by=officer, at=now())
        with pytest.raises(IllegalMove):
            privacy.refuse(request=request, reason="No", by=second, at=now())
        approvals.send_back(approval=asked, by=second, at=now(), reason="Blurred")
        request.refresh_from_db()
        assert (request.status, request.maker) == ("OPEN", None)
        privacy.refuse(request=request, reason="The paper is blurred.", by=second, at=now())
        assert DataRequest.objects.get().answer == "The paper is blurred."
        again = correct(person)
        with pytest.raises(AskedAlready):
            correct(person)
        privacy.withdraw(request=again, by=person, at=now())
        assert User.objects.get(pk=person.pk).full_name == person.full_name

    def test_does_not_take_the_number_of_another(self, person, officer, second):
        other = make_customer()
        request = correct(person, field="id_number", wanted=str(other.id_number))
        asked = privacy.accept_correction(request=request, answer="Seen.", by=officer, at=now())
        with pytest.raises(Conflict):
            allow(asked, second)
        assert Approval.objects.get(pk=asked.pk).status == "PENDING"
        assert User.objects.get(pk=person.pk).id_number == person.id_number

    def test_nobody_answers_without_the_right_or_about_themselves(self, person, officer):
        request = correct(person)
        with pytest.raises(NotFound):
            privacy.refuse(request=request, reason="x", by=make_staff("TELLER"), at=now())
        with pytest.raises(NotAllowed):
            privacy.refuse(request=request, reason="x", by=make_staff("AUDITOR"), at=now())
        User.objects.filter(pk=officer.pk).update(is_staff=True)
        with pytest.raises(NotFound):
            privacy.refuse(request=DataRequest(user=officer, kind="RECTIFY"), reason="x", by=officer, at=now())
        with pytest.raises(IntegrityError), transaction.atomic():
            DataRequest.objects.filter(pk=request.pk).update(maker=person)
        with pytest.raises(NotFound):
            privacy.open_paper(request=request, by=make_customer(), at=now())


class TestErasure:
    def test_waits_until_everything_is_closed(self, person):
        account = make_account(person, balance="350")
        with pytest.raises(StillInUse) as refused:
            ask_erasure(person)
        assert refused.value.facts["open"]["accounts"] == [f"•••{account.number[-4:]}"]
        assert not DataRequest.objects.exists()

    def test_of_who_is_still_here_would_come_seven_years_from_today_whatever_was_closed_before(self, person):
        old = make_account(person)
        type(old).objects.filter(pk=old.pk).update(
            status="CLOSED", opened_at=now() - timedelta(days=500), closed_at=now() - timedelta(days=400)
        )
        today = local_date(now())
        assert privacy.outlook(person, at=now()).due_on == today - timedelta(days=400) + YEARS
        make_account(person)
        assert privacy.outlook(person, at=now()).due_on == today + YEARS

    def test_needs_proof(self, person):
        with pytest.raises(StepUpRequired):
            privacy.ask_erasure(user=person, reason="", challenge_id=None, at=now())
        assert not DataRequest.objects.exists()

    def test_lets_go_at_once_what_may_and_sets_the_day_for_the_rest(self, person, officer, second):
        account = make_account(person)
        accounts.close(account=account, by=person, at=now())
        privacy.change_consent(user=person, code="MARKETING", is_given=True, channel="API", at=now())
        users.open_token_session(user=person, hand=Hand("phone", "Phone"), at=now())
        Alert.objects.create(user=person, type="LOW_BALANCE", code="x.y", message="Low", created_at=now())
        request = ask_erasure(person)
        assert not consents.holds(person.pk, "MARKETING")
        asked = privacy.accept_erasure(request=request, answer="Papers seen.", by=officer, at=now())
        assert User.objects.get(pk=person.pk).status == "ACTIVE"
        with pytest.raises(NotAllowed):
            allow(asked, officer)
        allow(asked, second)
        held = Erasure.objects.get()
        assert held.due_on == local_date(now()) + YEARS
        kept = User.objects.get(pk=person.pk)
        assert (kept.status, kept.full_name, kept.phone) == ("CLOSED", person.full_name, person.phone)
        assert not Device.objects.filter(user=person).exists()
        assert not Session.objects.filter(user=person).exists()
        assert not Alert.objects.filter(user=person).exists()
        assert privacy.erase_due(at=now()) == 0
        assert day_in_words(held.due_on, "en") in DataRequest.objects.get().answer
        assert day_in_words(held.due_on, "en") in Message.objects.get(user=person, code="privacy.closed").body

    def test_takes_the_name_and_keeps_books_and_audit_true(self, person, officer, second):
        account = make_account(person, balance="350")
        friend = make_account()
        accounts.post(
            reference="t/1", kind="P2P_TRANSFER", narrative="All",
            movements=[accounts.out_of(account, account_balance(account), "All", counterparty="Friend"),
                       accounts.into(friend, account_balance(account), "All", counterparty=person.full_name)],
            at=now(),
        )  # fmt: skip
        thread = notifications.open_thread(customer=person, subject="x", body="I am ill", by=person, at=now())
        CustomerNote.objects.create(customer=person, author=officer, text="Is ill", created_at=now())
        accounts.close(account=account, by=person, at=now())
        close(person, officer, second)
        at = now() + YEARS + timedelta(days=1)
        audit_trail.seal_due(at=now())
        assert privacy.erase_due(at=at) == 1
        assert privacy.erase_due(at=at) == 0
        gone = User.objects.get(pk=person.pk)
        assert (gone.full_name, gone.phone, gone.email, gone.id_number, gone.date_of_birth) == (
            "Erased customer", None, None, None, None,
        )  # fmt: skip
        assert gone.erased_at == at
        assert not gone.check_password("lakeside-morning-7431")
        assert not SecureMessage.objects.filter(thread=thread).exists()
        assert not CustomerNote.objects.filter(customer=person).exists()
        assert not Message.objects.filter(user=person, to__isnull=False).exists()
        assert AuditLog.objects.filter(customer=person).exists()
        audit_trail.seal_due(at=now())
        assert audit_trail.verify(at=at).is_intact
        assert_books_balance()
        deliver_events()

    def test_leaves_devices_to_an_inquiry_and_tells_nobody_of_it(self, person, officer, second):
        users.open_token_session(user=person, hand=Hand("phone", "Phone"), at=now())
        case = Case.objects.create(reference="KB-1", subject=person, severity="LOW", opened_at=now())
        held = close(person, officer, second)
        assert Device.objects.filter(user=person).count() == 1
        assert not Session.objects.live(now()).filter(user=person).exists()
        assert held.gone_at_once["users.devices"] == 0
        assert privacy.erase_due(at=now()) == 0
        Case.objects.filter(pk=case.pk).update(
            status="CLOSED", decision="NO_SUSPICION", decision_reason="x", decided_by=officer, decided_at=now()
        )
        assert privacy.erase_due(at=now()) == 1
        assert not Device.objects.filter(user=person).exists()

    def test_of_who_never_had_an_account_comes_the_same_night(self, person, officer, second):
        assert close(person, officer, second).due_on == local_date(now())
        assert privacy.erase_due(at=now()) == 1

    def test_waits_for_holds_and_for_cases(self, officer, second):
        case = make_case()
        held = case.subject
        row = DataRequest.objects.create(user=held, kind="ERASURE", status="DONE", asked_at=now(), due_at=now())
        today = local_date(now())
        Erasure.objects.create(user=held, request=row, asked_by=officer, allowed_by=second, decided_at=now(),
                               ended_on=today, due_on=today, law="x")  # fmt: skip
        assert privacy.erase_due(at=now()) == 0
        case.__class__.objects.filter(pk=case.pk).update(
            status="CLOSED", decision="NO_SUSPICION", decision_reason="x", decided_by=officer, decided_at=now()
        )
        hold = privacy.set_hold(user=held, reason="Sued", law="Civil case 12", by=officer, at=now())
        assert privacy.erase_due(at=now()) == 0
        allow(privacy.ask_lift(hold=hold, reason="Judged", by=officer, at=now()), second)
        User.objects.filter(pk=held.pk).update(status="CLOSED")
        assert privacy.erase_due(at=now()) == 1

    def test_cannot_be_allowed_while_a_hold_stands(self, person, officer, second):
        asked = privacy.accept_erasure(request=ask_erasure(person), answer="Seen.", by=officer, at=now())
        privacy.set_hold(user=person, reason="Sued", law="Civil case 12", by=officer, at=now())
        with pytest.raises(DataHeld):
            allow(asked, second)
        assert User.objects.get(pk=person.pk).status == "ACTIVE"
        assert not Erasure.objects.exists()


def account_balance(account):
    """All of it."""
    return holding(account).available


class TestHold:
    def test_is_not_lifted_by_who_is_connected_with_the_person(self, person, officer, second):
        hold = privacy.set_hold(user=person, reason="A claim", law="Court order 7", by=officer, at=now())
        users.declare_connection(staff=second, customer=person, kind="FAMILY", by=second, at=now())
        with pytest.raises(Connected):
            privacy.ask_lift(hold=hold, reason="Judged", by=second, at=now())
        asked = privacy.ask_lift(hold=hold, reason="Judged", by=officer, at=now())
        with pytest.raises(Connected):
            allow(asked, second)
        assert LegalHold.objects.get().lifted_at is None

    def test_is_set_by_one_with_the_right_and_lifted_by_two(self, person, officer, second):
        with pytest.raises(NotAllowed):
            privacy.set_hold(user=person, reason="x", law="y", by=make_staff("AUDITOR"), at=now())
        with pytest.raises(ReasonNeeded):
            privacy.set_hold(user=person, reason="x", law="", by=officer, at=now())
        hold = privacy.set_hold(user=person, reason="Sued", law="Civil case 12", by=officer, at=now())
        asked = privacy.ask_lift(hold=hold, reason="Judged", by=officer, at=now())
        with pytest.raises(Conflict):
            privacy.ask_lift(hold=hold, reason="Judged", by=second, at=now())
        with pytest.raises(NotAllowed):
            allow(asked, officer)
        allow(asked, second)
        hold.refresh_from_db()
        assert (hold.lift_asked_by, hold.lifted_by) == (officer, second)

    def test_ends_on_its_day(self, person, officer):
        until = local_date(now()) + timedelta(days=400)
        privacy.set_hold(user=person, reason="Sued", law="Civil case", by=officer, at=now(), until_on=until)
        assert LegalHold.objects.standing(until).exists()
        assert not LegalHold.objects.standing(until + timedelta(days=1)).exists()
        with pytest.raises(IllegalMove):
            privacy.set_hold(user=person, reason="x", law="y", by=officer, at=now(), until_on=date(2020, 1, 1))


class TestRetention:
    def codes(self, *people):
        for person in people:
            OtpChallenge.objects.create(
                user=person, purpose="SIGN_IN", channel="SMS", address=str(person.phone), address_print=b"x",
                code_hash="x", created_at=now() - timedelta(days=100), expires_at=now() - timedelta(days=100),
            )  # fmt: skip

    def test_runs_once_a_day_counts_what_went_and_what_a_hold_kept(self, person, officer):
        other = make_customer()
        self.codes(person, other)
        privacy.set_hold(user=person, reason="Sued", law="Civil case 12", by=officer, at=now())
        assert privacy.run_retention(at=now())["LOGIN_CODES"] == 1
        run = RetentionRun.objects.get(code="LOGIN_CODES")
        assert (run.affected, run.held_back) == (1, 1)
        assert OtpChallenge.objects.get().user == person
        assert privacy.run_retention(at=now()) == {}

    def test_blanks_old_messages_and_keeps_young_ones(self, person):
        notifications.send("users.password_changed", to=person, context={}, at=now(), key="k1")
        old, young = Message.objects.get(key="k1"), notifications.send(
            "users.password_changed", to=person, context={}, at=now(), key="k2"
        )  # fmt: skip
        Message.objects.filter(pk=old.pk).update(status="SENT", created_at=now() - timedelta(days=800))
        assert privacy.run_retention(at=now())["MESSAGES"] == 1
        old.refresh_from_db()
        young.refresh_from_db()
        assert (old.to, old.body, old.status) == (None, None, "SENT")
        assert young.to

    def test_changes_by_two_and_by_versions(self, officer, second):
        facts = {"code": "ALERTS", "law": "s. 39", "reason": "Shorter", "at": now()}
        asked = privacy.ask_retention(keep_days=365, by=officer, **facts)
        assert privacy.retention_rules()["ALERTS"].keep_days == 730
        with pytest.raises(NotAllowed):
            allow(asked, officer)
        allow(asked, second)
        assert privacy.retention_rules()["ALERTS"].keep_days == 365
        assert RetentionRule.objects.filter(code="ALERTS").count() == 2
        with pytest.raises(NotAllowed):
            privacy.ask_retention(keep_days=1, by=make_staff("AUDITOR"), **facts)
        assert RetentionRule.objects.filter(code="ALERTS").count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_hold_that_is_set_while_people_are_erased_comes_first_or_is_refused():
    officer, second, person = make_staff("COMPLIANCE_OFFICER"), make_staff("COMPLIANCE_OFFICER"), make_customer()
    close(person, officer, second)
    results = at_once(
        lambda: privacy.set_hold(user=person, reason="Sued", law="Civil case 12", by=officer, at=now()),
        lambda: privacy.erase_due(at=now()),
        lambda: privacy.erase_due(at=now()),
    )
    erased = sum(result for result in results[1:] if isinstance(result, int))
    assert (erased, len(refusals(results))) in {(0, 0), (1, 1)}
    assert LegalHold.objects.count() == 1 - erased
    assert (User.objects.get(pk=person.pk).full_name == person.full_name) == (not erased)
