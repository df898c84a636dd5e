"""What comes late, slowly or too often: nobody waits for it, and nothing is done or said as if it were now."""

import contextlib
from datetime import timedelta
from time import monotonic

import pytest

from apps.accounts.testing import kes, make_account
from apps.kernel import breaker, http
from apps.kernel.clock import now
from apps.kernel.models import ProviderState
from apps.kernel.testing import deliver_events
from apps.kernel.throttles import TooMany
from apps.mpesa import daraja, identities, operations, queries, rules, tasks, tokens
from apps.mpesa.models import MpesaTransaction
from apps.mpesa.operations.top_up import end
from apps.mpesa.tests.test_wire import asked, wire
from apps.notifications.testing import messages_to
from apps.payments import tasks as carrying
from apps.users.testing import make_customer, make_staff

__all__ = ["wire"]
pytestmark = pytest.mark.django_db(transaction=True)


class TestPulledUntil:
    """The feed is asked for all that came since it was last read to its end."""

    @pytest.fixture
    def pulled(self, db, monkeypatch):
        """From when on the feed was asked; it holds nothing, or does not answer while `is_away`."""

        class Pulled:
            hours: list[float] = []
            is_away = False
            at = now()

            @classmethod
            def after(cls, **passed: float) -> float:
                cls.at += timedelta(**passed)
                with contextlib.suppress(http.NoAnswer):
                    operations.pull_receipts(at=cls.at, back=timedelta(hours=2))
                return round(cls.hours[-1], 1)

        def pull(*, start, end, offset):
            Pulled.hours.append((end - start).total_seconds() / 3600)
            if Pulled.is_away:
                raise http.NoAnswer("away")
            return []

        Pulled.hours = []
        monkeypatch.setattr(daraja, "pull", pull)
        return Pulled

    def test_after_a_night_away_the_whole_night_is_asked_for(self, pulled):
        assert pulled.after(minutes=0) == pulled.after(minutes=5) == 2.0
        pulled.is_away = True
        assert (pulled.after(minutes=5), pulled.after(hours=9)) == (2.0, 10.1)
        pulled.is_away = False
        assert pulled.after(hours=1) == 11.1
        assert pulled.after(minutes=5) == 2.0
        assert pulled.after(days=5) == 48.0

    def test_a_prompt_is_not_called_unpaid_before_the_feed_was_read_again(self, account, pulled):
        pulled.after(minutes=0)
        push = asked(account, key="form-1")
        MpesaTransaction.objects.filter(pk=push.pk).update(status="PENDING", sent_at=now())
        morning = push.created_at + timedelta(hours=25)
        operations.give_up(push=push, at=morning)
        push.refresh_from_db()
        assert push.status == "PENDING"
        pulled.after(hours=25)
        operations.give_up(push=push, at=morning)
        push.refresh_from_db()
        assert (push.status, push.result_code) == ("FAILED", "unheard")

    def test_nor_kept_open_for_ever_where_it_is_never_read_again(self, account, pulled):
        pulled.after(minutes=0)
        push = asked(account, key="form-1")
        operations.give_up(push=push, at=push.created_at + timedelta(hours=73))
        push.refresh_from_db()
        assert push.status == "FAILED"


class TestCourtesies:
    """What M-Pesa is asked for politeness, or may answer with an error, has a circuit of its own."""

    def test_a_name_that_does_not_come_keeps_nobody_waiting_nor_money_from_moving(self, safaricom, account, pay_out):
        safaricom.plan("product:hakikisha", slow=8)
        tokens.current()
        began = monotonic()
        payment = pay_out()
        assert monotonic() - began < 7
        for _nth in range(5):
            breaker.failed("daraja-names", "silent")
        safaricom.work()
        payment.refresh_from_db()
        assert payment.status == "COMPLETED"

    def test_a_night_without_payments_is_no_failure_of_m_pesa(self, safaricom):
        safaricom.plan("product:pull", sync="HTTP_500", times=6)
        for _nth in range(6):
            tasks.pull_receipts()
        assert not ProviderState.objects.filter(name="daraja", failures__gt=0).exists()
        breaker.require_closed("daraja")

    def test_switched_off_m_pesa_is_asked_nothing(self, db):
        breaker.switch("daraja", is_off=True)
        for ask in (lambda: identities.name_of_phone("+254722000111", at=now()),
                    lambda: daraja.pull(start=now(), end=now())):  # fmt: skip
            with pytest.raises(breaker.ProviderOff):
                ask()


class TestToldLate:
    """Events wait when their worker does; by then things may stand otherwise."""

    def test_a_prompt_paid_after_all_is_not_told_as_not_made(self, account):
        push = asked(account, key="form-1")
        end(push, "FAILED", code="1037", text="x", at=now())
        told = rules.Received("SKL7H2M0QX", 10_00, push.account_reference, "174379", "", "")
        operations.confirm_c2b(told=told, at=now())
        deliver_events()
        said = [one.body for one in messages_to(account.owner.phone)]
        assert len(said) == 1
        assert "SKL7H2M0QX" in said[0]

    def test_money_placed_before_it_was_told_of_is_told_once(self, account):
        full = make_account(make_customer(), balance="99999")
        told = rules.Received("SKL7H2M0QX", 10_00, full.number, "174379", "", "")
        row = operations.confirm_c2b(told=told, at=now())
        assert row.in_suspense
        officer = make_staff("BRANCH_MANAGER", limit_minor=1_000_000_00)
        operations.place(row=row, account=account, reason="hers", by=officer, at=now())
        deliver_events()
        assert [len(messages_to(one.owner.phone)) for one in (full, account)] == [0, 1]


class TestTooLate:
    """Our own workers stood still; what they find is not done as if it were asked for now."""

    def test_a_prompt_of_last_evening_rings_nobody_in_the_night(self, wire, account):
        push = asked(account, key="form-1")
        late = push.created_at + timedelta(minutes=10)
        assert operations.send_push(push_id=push.pk, at=late)
        push.refresh_from_db()
        assert (push.status, wire.asked) == ("FAILED", [])
        deliver_events()
        assert "Nothing was taken" in messages_to(account.owner.phone)[-1].body

    def test_a_payout_of_days_ago_is_asked_about_and_not_sent_again(self, safaricom, account, pay_out, monkeypatch):
        safaricom.plan("b2c", sync="RESET", sync_done=False, times=1)
        payment = pay_out()
        carrying.sweep_payments()
        row = MpesaTransaction.objects.get(kind="B2C")
        assert row.status == "INITIATED"
        questions = []
        monkeypatch.setattr(daraja, "transaction_status", lambda **words: questions.append(words["conversation_id"]))
        operations.ask_about_payout(payment=payment, at=row.created_at + timedelta(hours=25))
        assert questions == [row.originator_id]
        assert not safaricom.truth()["transactions"]
        row.refresh_from_db()
        assert queries.is_in_doubt(row, now() + timedelta(hours=25))


class TestAskedSeldom:
    """M-Pesa stops who asks too often, and with them everybody's payments."""

    @staticmethod
    def rounds(minutes: int, monkeypatch, *works) -> None:
        """The workers' rounds, two a minute."""
        began = now()
        for nth in range(2 * minutes):
            at = began + timedelta(seconds=30 * nth + 61)
            for work in works:
                monkeypatch.setattr(work, "now", lambda at=at: at)
                work.ask_about_silence()

    def test_a_prompt_of_which_the_query_tells_nothing(self, account, monkeypatch):
        push = asked(account, key="form-1")
        sent = {"status": "PENDING", "sent_at": now(), "checkout_request_id": "ws_CO_1"}
        MpesaTransaction.objects.filter(pk=push.pk).update(**sent)
        questions = []
        monkeypatch.setattr(daraja, "stk_query", lambda **_words: questions.append(1))
        self.rounds(120, monkeypatch, tasks)
        assert 10 <= len(questions) <= 32

    def test_a_payout_of_which_nobody_knows(self, safaricom, account, pay_out, monkeypatch):
        safaricom.plan("product:b2c", callback="NEVER")
        pay_out()
        carrying.sweep_payments()
        questions = []
        monkeypatch.setattr(daraja, "transaction_status", lambda **_words: questions.append(1))
        self.rounds(120, monkeypatch, carrying)
        assert 10 <= len(questions) <= 32


def test_nobody_is_worn_down_by_prompts_of_others(account, settings):
    """Who asked for it all day long might get somebody's PIN in the end; one's own phone may be asked as often."""
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "prompts": "3/hour"}
    other = make_account()

    def ask(into, nth, **whom):
        words = {"account": into, "amount": kes("10"), "key": f"form-{nth}", "by": into.owner, "at": now()}
        return operations.start_top_up(**words, **whom)

    stranger = {"phone": "0733000999"}
    first = ask(account, 1, **stranger)
    for nth, into in ((2, other), (3, account)):
        ask(into, nth, **stranger)
    for into in (account, other):
        with pytest.raises(TooMany, match="Nothing was sent"):
            ask(into, 4, **stranger)
    assert ask(account, 1, **stranger) == first
    assert MpesaTransaction.objects.count() == 3
    for nth in range(5, 10):
        ask(account, nth, phone=str(account.owner.phone))
    for nth in range(10, 13):
        ask(other, nth, till="300584")
    with pytest.raises(TooMany):
        ask(account, 13, till="300584")
    ask(account, 14, till="300585")
