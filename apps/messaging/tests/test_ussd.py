"""The menu as a phone sees it, in both languages; what it moves, and what it never does."""

import re
import uuid
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.contrib.auth.hashers import make_password
from hypothesis import HealthCheck, given
from hypothesis import settings as property_settings
from hypothesis import strategies as st

from apps.accounts.models import Transaction
from apps.accounts.testing import balance_of, give, make_account
from apps.audit_trail.models import AuditLog
from apps.fraud.models import FraudCheck
from apps.kernel.clock import now
from apps.kernel.testing import at_once
from apps.ledger.testing import assert_books_balance
from apps.messaging import ussd
from apps.messaging.rules import LONGEST
from apps.payments import operations as payments
from apps.payments.models import Payment
from apps.users import operations as people
from apps.users.models import StepUpChallenge, User, UssdPin

PIN = "4826"
URL = "/webhooks/africastalking/ussd?token=simulated-callback"
_nth = iter(range(10**6))


def with_pin(user, pin=PIN):
    return UssdPin.objects.create(user=user, pin_hash=make_password(pin), set_at=now())


@pytest.fixture
def account(db):
    account = make_account(balance="5000")
    with_pin(account.owner)
    return account


@pytest.fixture
def friend(db):
    return make_account(balance="0")


def post(client, body, url=URL):
    return client.post(url, urlencode(body), content_type="application/x-www-form-urlencoded")


def step(user, text, *, session="s-1", at=None):
    said = ussd.answer(session=session, phone=str(user.phone), text=text, at=at or now())
    assert said[:4] in {"CON ", "END "}
    assert len(said) <= LONGEST
    assert said.isascii()
    return said


def to(friend):
    return "0" + str(friend.owner.phone)[4:]


class TestWalk:
    """Every branch, in both languages."""

    @pytest.fixture(params=["en", "sw"])
    def spoken(self, request, account):
        User.objects.filter(pk=account.owner_id).update(language=request.param)
        account.owner.language = request.param
        return request.param

    def test_shows_the_menu(self, account, spoken):
        said = step(account.owner, "")
        assert said.startswith("CON KitBank\n1 ")
        assert ("Salio" in said) == (spoken == "sw")
        assert all(f"\n{nth} " in said for nth in range(1, 7))

    @pytest.mark.parametrize(
        "text", ["9", "3", "3*x", "3*0712345908", "3*0712345908*x", "4", "4*x", "5", "5*7", "1", "2"]
    )
    def test_asks_on(self, account, spoken, text):
        assert step(account.owner, text).startswith("CON ")

    def test_tells_the_balance_for_the_pin(self, account, spoken):
        assert "5,000.00" not in step(account.owner, "1")
        said = step(account.owner, f"1*{PIN}")
        assert said.startswith("END ")
        assert "KES 5,000.00" in said

    def test_tells_the_last_five_movements(self, account, friend, spoken):
        for _time in range(6):
            step(account.owner, f"3*{to(friend)}*10*{PIN}", session=f"s-{next(_nth)}")
        lines = step(account.owner, f"2*{PIN}").removeprefix("END ").split("\n")
        assert len(lines) == 5
        assert all(re.match(r"\d\d/\d\d -10\.00 \w", line) for line in lines)

    def test_sends_with_name_before_pin(self, account, friend, spoken):
        asks = step(account.owner, f"3*{to(friend)}*500")
        assert asks.startswith("CON ")
        assert friend.owner.first_name in asks
        assert "KES 500.00" in asks
        assert balance_of(account) == "5000.00"
        done = step(account.owner, f"3*{to(friend)}*500*{PIN}")
        payment = Payment.objects.get()
        assert done.startswith("END ")
        assert payment.reference in done
        assert (balance_of(account), balance_of(friend)) == ("4500.00", "500.00")
        assert_books_balance()

    def test_buys_airtime_for_its_own_phone(self, account, spoken):
        assert "KES 50.00" in step(account.owner, "4*50")
        assert step(account.owner, f"4*50*{PIN}").startswith("END ")
        payment = Payment.objects.get()
        assert (payment.status, payment.rail, payment.destination["phone"]) == (
            "PENDING",
            "airtime",
            str(account.owner.phone),
        )

    def test_sends_to_m_pesa_with_phone_and_fee_before_the_pin(self, account, spoken):
        asks = step(account.owner, "6*0722000114*500")
        assert asks.startswith("CON ")
        payment = Payment.objects.get()
        assert (payment.kind, payment.rail, payment.channel) == ("MOBILE_MONEY", "mpesa", "USSD")
        for words in ("KES 500.00", "114", str(payment.charge.total)):
            assert words in asks
        assert balance_of(account) == "5000.00"
        done = step(account.owner, f"6*0722000114*500*{PIN}")
        payment.refresh_from_db()
        assert (done[:4], payment.status, payment.destination["phone"]) == ("END ", "PENDING", "+254722000114")
        assert payment.reference in done
        assert FraudCheck.objects.get().reference == f"payments/{payment.public_id}"
        assert step(account.owner, f"6*0722000114*500*{PIN}") == done
        assert Payment.objects.count() == 1

    @pytest.mark.parametrize("text", ["6*0722000114*9", "6*0422000114*500", "6*0722000114*300000"])
    def test_m_pesa_refuses_in_short_words_before_a_pin_is_asked(self, account, spoken, text):
        assert step(account.owner, text).startswith("END ")
        assert not Payment.objects.exists()

    def test_m_pesa_counts_against_the_days_limit_of_the_phone(self, account, friend, spoken, settings):
        settings.USSD_DAILY_LIMIT = 600
        step(account.owner, f"3*{to(friend)}*200*{PIN}", session="first")
        assert step(account.owner, f"6*0722000114*500*{PIN}", session="second").startswith("END ")
        assert balance_of(account) == "4800.00"
        assert Payment.objects.get(rail="mpesa").status == "AWAITING_CONFIRMATION"

    def test_changes_the_language(self, account, spoken):
        other = {"en": "2", "sw": "1"}[spoken]
        assert step(account.owner, f"5*{other}").startswith("END ")
        account.owner.refresh_from_db()
        assert account.owner.language != spoken

    def test_refuses_in_its_language(self, account, spoken):
        said = step(account.owner, "3*0799999999*50")
        assert said.startswith("END ")
        assert "KitBank" in said
        assert ("Nobody" in said) == (spoken == "en")

    @pytest.mark.parametrize("text", ["1*9999", "4*3", "5*2*2", "1*1*1*1*1", "4*50*9999*9999*9999"])
    def test_stays_short_when_it_refuses(self, account, spoken, text):
        step(account.owner, text)
        assert not Transaction.objects.filter(account=account, amount_minor__lt=0).exists()


class TestWho:
    def test_tells_a_stranger_how_to_join_and_nothing_else(self, db):
        said = ussd.answer(session="s", phone="+254700000001", text="3*1*1", at=now())
        assert said.startswith("END This number has no KitBank account.")
        assert len(said) <= LONGEST

    def test_a_suspended_customer_is_a_stranger(self, account):
        User.objects.filter(pk=account.owner_id).update(status="SUSPENDED")
        assert "no KitBank account" in step(account.owner, "")

    def test_staff_are_strangers(self, account):
        User.objects.filter(pk=account.owner_id).update(is_staff=True)
        assert "no KitBank account" in step(account.owner, "")

    @pytest.mark.parametrize("text", ["1", "2", "3", "4", "1*4826", "4*50*4826"])
    def test_without_a_pin_nothing_but_the_menu_and_the_language(self, db, text):
        account = make_account(balance="100")
        assert step(account.owner, text).startswith("END Set a USSD PIN first")
        assert step(account.owner, "").startswith("CON ")
        assert not StepUpChallenge.objects.filter(user=account.owner).exists()


class TestPin:
    def test_a_wrong_one_moves_nothing_and_may_be_typed_again(self, account, friend):
        text = f"3*{to(friend)}*500"
        step(account.owner, text)
        assert step(account.owner, f"{text}*9999").startswith("CON Wrong PIN")
        assert balance_of(account) == "5000.00"
        assert step(account.owner, f"{text}*9999*{PIN}").startswith("END ")
        assert balance_of(account) == "4500.00"
        assert UssdPin.objects.get().wrong == 0

    def test_going_back_from_it_is_no_wrong_one(self, account, friend):
        for nth in range(4):
            said = step(account.owner, f"3*{to(friend)}*500*0", session=f"b-{nth}")
            assert said.startswith("CON KitBank\n1 ")
        assert UssdPin.objects.get().wrong == 0
        assert "KES 300.00" in step(account.owner, f"3*{to(friend)}*500*0*3*{to(friend)}*300", session="b-1")
        step(account.owner, f"3*{to(friend)}*500*0*3*{to(friend)}*300*{PIN}", session="b-1")
        assert balance_of(friend) == "300.00"
        assert_books_balance()

    def test_posting_the_same_wrong_one_again_spends_no_try(self, account):
        for _time in range(5):
            step(account.owner, "1*9999")
        assert UssdPin.objects.get().wrong == 1

    def test_three_wrong_ones_lock_for_a_day(self, account):
        for nth in range(3):
            said = step(account.owner, "1*9999", session=f"s-{nth}")
        assert said.startswith("END USSD is locked")
        assert step(account.owner, f"1*{PIN}", session="s-9").startswith("END USSD is locked")
        later = now() + timedelta(hours=24, minutes=1)
        assert "5,000.00" in step(account.owner, f"1*{PIN}", session="s-10", at=later)
        assert UssdPin.objects.get().locked_until is None

    @pytest.mark.django_db(transaction=True)
    def test_raced_guesses_are_three_at_most(self, monkeypatch):
        account = make_account(balance="100")
        with_pin(account.owner)
        looked = []
        from apps.users.operations import ussd as pins

        real = pins.check_password
        monkeypatch.setattr(pins, "check_password", lambda pin, held: looked.append(pin) or real(pin, held))
        at_once(*[lambda nth=nth: step(account.owner, f"1*{1000 + nth}", session=f"r-{nth}") for nth in range(12)])
        assert len(looked) == 3
        assert UssdPin.objects.get().locked_until is not None

    def test_is_never_written_down(self, account, friend, caplog):
        text = f"3*{to(friend)}*500*9371*{PIN}"
        step(account.owner, text.rsplit("*", 1)[0])
        step(account.owner, text)
        kept = [str(list(model.objects.values_list())) for model in (AuditLog, UssdPin, StepUpChallenge)]
        assert all(kept)
        for secret in (PIN, "9371"):  # as a word: the digits of a print or of a microsecond may hold it by chance
            assert not re.search(rf"\b{secret}\b", "".join(kept) + caplog.text)

    def test_a_pin_proof_is_good_for_nothing_else(self, account, friend):
        """Not through the API's door, and no SMS code opens a payment that was dialled."""
        text = f"3*{to(friend)}*500"
        step(account.owner, text)
        payment = Payment.objects.get()
        proof = people.prove_by_ussd(
            user=account.owner,
            proof_id=uuid.uuid4(),
            nth=1,
            pin=PIN,
            at=now(),
            operation="users.factor.remove",
            subject="factors/1",
        )
        with pytest.raises(Exception, match="Prove that it is you"):
            people.use(
                challenge_id=proof.pk,
                user=account.owner,
                operation="users.factor.remove",
                subject="factors/1",
                at=now(),
            )
        with pytest.raises(Exception, match="There is no such challenge"):
            people.answer(challenge_id=proof.pk, user=account.owner, answer=PIN, at=now())
        StepUpChallenge.objects.filter(pk=proof.pk).delete()
        asked = payments.challenge(payment=payment, by=account.owner, at=now(), method="SMS")
        StepUpChallenge.objects.filter(pk=asked.pk).update(answered_at=now())
        with pytest.raises(Exception, match="Prove that it is you"):
            payments.confirm(payment=payment, challenge_id=asked.pk, by=account.owner, at=now())
        assert balance_of(account) == "5000.00"


class TestOnce:
    def test_the_same_step_again_pays_once(self, account, friend):
        text = f"3*{to(friend)}*500*{PIN}"
        first, second = step(account.owner, text), step(account.owner, text)
        assert first == second
        assert balance_of(account) == "4500.00"
        assert_books_balance()

    def test_another_session_pays_again(self, account, friend):
        for session in ("a", "b"):
            step(account.owner, f"3*{to(friend)}*500*{PIN}", session=session)
        assert balance_of(account) == "4000.00"

    def test_other_figures_under_the_same_step_pay_nothing(self, account, friend):
        step(account.owner, f"3*{to(friend)}*500")
        assert step(account.owner, f"3*{to(friend)}*600*{PIN}").startswith("END ")
        assert balance_of(account) == "5000.00"

    @pytest.mark.parametrize(
        ("first", "then"),
        [
            ("6*0722000114*500", "6*0722000115*500"),
            ("6*0722000114*500", "6*0722000114*900"),
            ("4*50", "4*60"),
            ("3*{to}*500", "6*0722000114*500"),
            ("6*0722000114*500", "3*{to}*500"),
            ("3*{to}*500", "3*{to}*600"),
        ],
    )
    @pytest.mark.parametrize("is_paid", [True, False])
    def test_a_session_given_out_twice_pays_and_tells_of_nothing_but_its_own(
        self, account, friend, first, then, is_paid
    ):
        """Whose the first was is told of as theirs; the second hears neither of it nor pays it."""
        step(account.owner, first.format(to=to(friend)) + (f"*{PIN}" if is_paid else ""))
        before = balance_of(account), Payment.objects.filter(status="PENDING").count()
        said = step(account.owner, then.format(to=to(friend)) + f"*{PIN}")
        assert said.startswith("END ")
        assert not Payment.objects.filter(reference__in=said.split()).exists()
        assert "o money" in said
        assert (balance_of(account), Payment.objects.filter(status="PENDING").count()) == before

    @pytest.mark.django_db(transaction=True)
    def test_pressed_by_many_at_once_it_pays_once(self):
        account, friend = make_account(balance="5000"), make_account(balance="0")
        with_pin(account.owner)
        text = f"3*{to(friend)}*500*{PIN}"
        at_once(*[lambda: step(account.owner, text)] * 8)
        assert balance_of(account) == "4500.00"
        assert Payment.objects.count() == 1
        assert_books_balance()


class TestLimit:
    def test_a_day_has_its_limit(self, account, friend, settings):
        settings.USSD_DAILY_LIMIT = 700
        step(account.owner, f"3*{to(friend)}*500*{PIN}", session="a")
        said = step(account.owner, f"3*{to(friend)}*201*{PIN}", session="b")
        assert said.startswith("END ")
        assert "KES 200.00" in said
        assert balance_of(account) == "4500.00"
        step(account.owner, f"3*{to(friend)}*200*{PIN}", session="c")
        assert balance_of(account) == "4300.00"
        assert_books_balance()

    def test_what_came_back_does_not_count(self, account, settings):
        settings.USSD_DAILY_LIMIT = 60
        step(account.owner, f"4*50*{PIN}", session="a")
        payments.fail(payment=Payment.objects.get(), because="x", at=now())
        step(account.owner, f"4*60*{PIN}", session="b")
        assert Payment.objects.filter(status="PENDING").count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_two_sessions_at_once_cannot_pass_it_together(self, settings):
        settings.USSD_DAILY_LIMIT = 700
        account, friend = make_account(balance="5000"), make_account(balance="0")
        with_pin(account.owner)
        at_once(*[lambda nth=nth: step(account.owner, f"3*{to(friend)}*500*{PIN}", session=f"{nth}") for nth in "abc"])
        assert balance_of(account) == "4500.00"
        assert_books_balance()

    def test_not_enough_money_says_so_and_moves_nothing(self, account, friend):
        said = step(account.owner, f"3*{to(friend)}*6000*{PIN}")
        assert said.startswith("END ")
        assert (balance_of(account), balance_of(friend)) == ("5000.00", "0.00")
        assert_books_balance()


@property_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(st.text(max_size=40), st.text(alphabet="0123456789*", max_size=30), st.just("3*{to}*500*{bad}")))
def test_no_text_crashes_or_moves_money_without_the_pin(account, friend, client, text):
    text = text.replace("{to}", to(friend)).replace("{bad}", "9371").replace(PIN, "9371")
    body = {"sessionId": f"p-{next(_nth)}", "phoneNumber": str(account.owner.phone), "text": text}
    answer = post(client, body)
    assert answer.status_code == 200
    assert answer.content[:4] in {b"CON ", b"END "}
    assert len(answer.content) <= LONGEST
    UssdPin.objects.update(wrong=0, locked_until=None)
    assert not Payment.objects.exclude(status="AWAITING_CONFIRMATION").exists()
    assert balance_of(account) == "5000.00"


class TestWebhook:
    def test_answers_as_the_gateway_wants(self, account, client):
        phone = str(account.owner.phone)
        answer = post(client, {"sessionId": "x", "phoneNumber": phone, "networkCode": "63902", "text": ""})
        assert answer["Content-Type"].startswith("text/plain")
        assert answer.content.startswith(b"CON KitBank")

    def test_takes_a_plus_that_was_not_escaped(self, account, client):
        body = f"sessionId=x&phoneNumber={account.owner.phone}&text="
        answer = client.post(URL, body, content_type="application/x-www-form-urlencoded")
        assert answer.content.startswith(b"CON KitBank")

    @pytest.mark.parametrize("token", ["", "wrong"])
    def test_a_stranger_learns_nothing(self, account, client, token):
        body = {"sessionId": "x", "phoneNumber": str(account.owner.phone), "text": ""}
        assert post(client, body, f"/webhooks/africastalking/ussd?token={token}").status_code == 403

    @pytest.mark.parametrize(
        "body", [{}, {"sessionId": "x"}, {"phoneNumber": "+254712345908"}, {"sessionId": "x" * 201}]
    )
    def test_a_step_of_nobody_is_refused(self, db, client, body):
        assert post(client, body).status_code == 400

    def test_the_word_may_stand_in_the_path(self, account, client):
        body = {"sessionId": "x", "phoneNumber": str(account.owner.phone), "text": ""}
        assert post(client, body, "/webhooks/africastalking/ussd/simulated-callback").status_code == 200

    def test_the_menu_takes_few_queries(self, account, django_assert_max_num_queries):
        with django_assert_max_num_queries(2):
            step(account.owner, "")
        with django_assert_max_num_queries(12):
            step(account.owner, f"2*{PIN}")


def test_a_step_posted_again_says_what_moved_whatever_became_of_the_pin_and_the_account(account, friend):
    sent = f"3*{to(friend)}*500*{PIN}"
    done = step(account.owner, sent)
    UssdPin.objects.update(wrong=3, locked_until=now() + timedelta(hours=24))
    assert step(account.owner, sent) == done
    UssdPin.objects.all().delete()
    assert step(account.owner, sent) == done
    type(account).objects.filter(pk=account.pk).update(status="FROZEN")
    assert step(account.owner, sent) == done
    assert balance_of(friend) == "500.00"


def test_movements_in_another_currency_say_so(account):
    dollars = make_account(account.owner, product="USD_CURRENT")
    give(dollars, "7")
    said = step(account.owner, f"2*{PIN}")
    assert "+USD 7.00" in said
    assert "+5,000.00" in said
