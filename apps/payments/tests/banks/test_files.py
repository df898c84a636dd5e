"""Payments by file: cut at their times, told of by the bank beside us, compared with its statements."""

from datetime import date, timedelta
from unittest.mock import Mock

import pytest

from apps.accounts.queries import holding
from apps.accounts.testing import kes
from apps.kernel.clock import now
from apps.kernel.errors import DomainError, Unavailable
from apps.kernel.testing import at_once, on_disk
from apps.ledger import operations as ledger
from apps.payments import iso20022 as iso
from apps.payments import operations, rails, tasks
from apps.payments.banks import reasons, wire
from apps.payments.errors import BadNostroStatement
from apps.payments.models import BankFile, BankNews, BankOrder, Channel, NostroBreak, OutRail, Payment, PaymentReturn
from apps.payments.operations import banks
from apps.payments.operations.banks import cut_offs, files, nostro
from apps.payments.operations.banks.files import hear_of_file
from apps.payments.tests.banks.desk import settles_at, sound
from apps.payments.tests.banks.orders import FRIDAY, MONDAY, begin, eft, on, sent
from apps.payments.tests.people import NAIROBI, pay
from apps.users.queries import system_user
from apps.users.testing import make_staff


def test_a_file_is_cut_at_its_time_sent_and_settled_by_a_statement(payer, others):
    payment = eft(payer, on(FRIDAY, 9))
    assert payment.status == "PENDING"
    assert banks.cut_files(at=on(FRIDAY, 9, 59)) == []
    (file,) = banks.cut_files(at=on(FRIDAY, 10))
    assert (file.message_id, file.count, file.total, file.pays_on) == ("KB-EFT-000001", 1, kes("1000"), MONDAY)
    assert banks.cut_files(at=on(FRIDAY, 10, 5)) == []
    assert banks.send_files(at=now()) == 1
    assert banks.send_files(at=now()) == 0
    banks.ask_about_files(at=now())
    payment.refresh_from_db()
    assert payment.status == "PENDING"  # a status settles nothing: the money left when the account says so
    banks.hear_news(channel=Channel.BANK, at=now())
    payment.refresh_from_db()
    file.refresh_from_db()
    assert (payment.status, file.status, settles_at("bank:settlement") + 500_000_00) == (
        "COMPLETED", "DONE", 1_000_000_00 - 100_000)  # fmt: skip
    sound()


def test_a_file_rejected_in_part_gives_that_part_back(payer, others):
    good = eft(payer, on(FRIDAY, 9), "form-1", "0987654321")
    bad = eft(payer, on(FRIDAY, 9), "form-2", "0987654322")
    others.plan("REJECT", "0987654322", "AC06")
    banks.cut_files(at=on(FRIDAY, 10))
    banks.send_files(at=now())
    banks.ask_about_files(at=now())
    banks.hear_news(channel=Channel.BANK, at=now())
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.status, bad.status, bad.failed_because) == ("COMPLETED", "FAILED", reasons.why("AC06"))
    assert BankFile.objects.get().status == "PARTLY"
    sound()


def test_a_file_rejected_whole_gives_everything_back(payer, others):
    payments = [eft(payer, on(FRIDAY, 9), f"form-{nth}") for nth in range(3)]
    others.plan("REJECT", reason="FF01")
    banks.cut_files(at=on(FRIDAY, 10))
    banks.send_files(at=now())
    banks.ask_about_files(at=now())
    assert {Payment.objects.get(pk=one.pk).status for one in payments} == {"FAILED"}
    assert BankFile.objects.get().status == "REJECTED"
    assert f"{holding(payer).available.amount:f}" == "500000.00"
    sound()


@pytest.mark.parametrize("outcome", ["TIMEOUT", "HTTP_500", "LOST"])
def test_a_file_whose_answer_is_lost_is_sent_again_under_its_name_and_paid_once(payer, others, outcome):
    eft(payer, on(FRIDAY, 9))
    others.plan(outcome)
    banks.cut_files(at=on(FRIDAY, 10))
    banks.send_files(at=now())
    others.plan("")
    assert banks.send_files(at=now()) <= 1
    assert BankFile.objects.get().status == "SENT"
    banks.hear_news(channel=Channel.BANK, at=now())
    assert BankNews.objects.filter(channel="bank").count() == 1
    assert Payment.objects.get().status == "COMPLETED"
    sound()


def test_holidays_and_weekends_have_no_cut_off(db):
    saturday = FRIDAY + timedelta(days=1)
    assert cut_offs.last_cut_off(OutRail.EFT, on(saturday, 12)) == on(FRIDAY, 15)
    assert cut_offs.next_cut_off(OutRail.EFT, on(FRIDAY, 15)) == on(MONDAY, 10)
    assert cut_offs.pays_on(OutRail.RTGS, on(FRIDAY, 18, 30)) == FRIDAY
    jamhuri_eve = date(2026, 12, 24)  # Christmas on a Friday, then a Saturday
    assert cut_offs.pays_on(OutRail.EFT, on(jamhuri_eve, 10)) == date(2026, 12, 28)


def test_a_day_gazetted_later_moves_the_cut_off(db):
    ledger.add_holiday(on=MONDAY, name="Election", notice="GN 1", by=make_staff("ADMIN"), at=on(FRIDAY, 9))
    assert cut_offs.next_cut_off(OutRail.EFT, on(FRIDAY, 16)) == on(MONDAY + timedelta(days=1), 10)


def test_what_came_after_the_cut_off_waits_for_the_next(payer, others):
    eft(payer, on(FRIDAY, 9), "form-1")
    late = eft(payer, on(FRIDAY, 10, 1), "form-2")
    (file,) = banks.cut_files(at=on(FRIDAY, 11))
    assert file.count == 1
    assert BankOrder.objects.get(payment=late).file is None
    (second,) = banks.cut_files(at=on(FRIDAY, 15))
    assert (second.sequence, second.count) == (2, 1)


@pytest.mark.parametrize(("reason", "status"), [("DUPL", "PENDING"), ("AM05", "PENDING"), ("FF01", "FAILED")])
def test_a_file_refused_as_sent_before_gives_nothing_back(payer, others, reason, status):
    payment = eft(payer, on(FRIDAY, 9))
    (file,) = banks.cut_files(at=on(FRIDAY, 10))
    hear_of_file(file, iso.Report("S-1", file.message_id, "RJCT", reason, ()), at=now())
    payment.refresh_from_db()
    assert payment.status == status
    sound()


def test_a_payment_given_back_meanwhile_is_in_no_file(payer, others):
    payment = eft(payer, on(FRIDAY, 9))
    operations.fail(payment=payment, because="The bank stopped it.", at=now())
    assert banks.cut_files(at=on(FRIDAY, 10)) == []
    assert BankOrder.objects.get().status == "REJECTED"  # nothing waits for a file that it will never be in
    sound()


def test_payments_given_back_take_no_place_in_a_file_from_others(payer, others, monkeypatch):
    monkeypatch.setattr(files, "MOST", 1)
    gone, waits = (eft(payer, on(FRIDAY, 9), f"form-{nth}") for nth in range(2))
    operations.fail(payment=gone, because="The bank stopped it.", at=now())
    (file,) = banks.cut_files(at=on(FRIDAY, 10))
    assert list(file.orders.values_list("payment_id", flat=True)) == [waits.pk]
    sound()


def test_work_that_breaks_holds_up_no_other(payer, others, monkeypatch):
    eft(payer, on(FRIDAY, 9))
    monkeypatch.setattr(files, "RAILS", (None, OutRail.EFT))  # of which nothing can be cut
    (file,) = banks.cut_files(at=on(FRIDAY, 10))
    monkeypatch.setattr(banks, "cut_files", Mock(side_effect=KeyError, __name__="cut_files"))
    tasks.work_with_files()
    file.refresh_from_db()
    assert file.status == "SENT"


def test_a_file_whose_every_transfer_is_refused_as_sent_before_gives_nothing_back(payer, others):
    payment = eft(payer, on(FRIDAY, 9))
    (file,) = banks.cut_files(at=on(FRIDAY, 10))
    told = iso.Told(payment.reference, "RJCT", "AM05")
    hear_of_file(file, iso.Report("S-1", file.message_id, "RJCT", "", (told,)), at=now())
    payment.refresh_from_db()
    assert payment.status == "PENDING"
    sound()


def test_many_workers_cut_one_file_with_each_payment_once(payer, others):
    for nth in range(4):
        eft(payer, on(FRIDAY, 9), f"form-{nth}")
    at_once(*[lambda: banks.cut_file(rail=OutRail.EFT, cut_at=on(FRIDAY, 10), at=now())] * 4)
    file = BankFile.objects.get()
    assert file.count == 4 == BankOrder.objects.filter(file=file).count()
    assert file.content.count("<EndToEndId>") == 4
    assert "EndToEndId" not in on_disk(BankFile)
    sound()


def test_one_news_heard_by_many_gives_back_once(payer, others):
    payment = sent(payer)
    others.send_back(payment)
    at_once(*[lambda: banks.hear_news(channel=Channel.PESALINK, at=now())] * 4)
    assert PaymentReturn.objects.count() == 1
    assert settles_at("pesalink:settlement") == 0
    sound()


def test_what_a_killed_worker_left_gets_into_a_file(payer, others):
    payment = pay(begin(payer, rail="eft", bank="16", name="Amina Hassan"))
    Payment.objects.filter(pk=payment.pk).update(sent_at=on(FRIDAY, 8))
    banks.cut_files(at=on(FRIDAY, 9))
    BankOrder.objects.update(created_at=on(FRIDAY, 9))
    (file,) = banks.cut_files(at=on(FRIDAY, 10))
    assert file.count == 1


def test_silence_of_a_slow_rail_is_no_doubt(payer, others):
    payment = eft(payer, on(FRIDAY, 9))
    Payment.objects.filter(pk=payment.pk).update(sent_at=now() - timedelta(hours=2))
    tasks.ask_about_silence()
    payment.refresh_from_db()
    assert payment.status == "PENDING"


def compare(day=None):
    today = day or now().astimezone(NAIROBI).date()
    raw = wire.statement("pesalink", today, "KES")
    return nostro.compare_statement(channel=Channel.PESALINK, day=today, raw=raw, by=system_user(), at=now()), raw


def test_a_day_that_agrees_has_no_differences(payer, others):
    payment = sent(payer)
    others.send_back(payment)
    banks.hear_news(channel=Channel.PESALINK, at=now())
    row, _raw = compare()
    assert (row.count, row.matched, NostroBreak.objects.count()) == (2, 2, 0)


def test_a_statement_lists_what_differs_and_heals_when_it_agrees(payer, others):
    sent(payer, key="form-0")
    others.plan("TIMEOUT")
    payment = sent(payer, key="form-1")
    row, raw = compare()
    found = NostroBreak.objects.get()
    assert (found.key, found.ours, found.theirs, row.matched) == (payment.reference, None, -kes("1000"), 1)
    others.plan("")
    rails.rail("pesalink").ask(payment=payment, at=now())
    row, _raw = compare()
    found.refresh_from_db()
    assert found.healed_at
    assert row.matched == 2
    altered = raw.replace(b"ST-pesalink", b"ST-other")
    with pytest.raises(DomainError, match="other words"):
        nostro.compare_statement(channel=Channel.PESALINK, day=row.day, raw=altered, by=payer.owner, at=now())


def test_a_statement_of_another_day_or_currency_is_not_kept_though_it_has_no_entries(payer, others):
    sent(payer)
    today = now().astimezone(NAIROBI).date()
    asked = {"channel": Channel.PESALINK, "by": system_user(), "at": now()}
    raw = wire.statement("pesalink", today - timedelta(days=3), "KES")
    for wrong in ({"day": today - timedelta(days=2)}, {"day": today - timedelta(days=3), "currency": "USD"}):
        with pytest.raises(BadNostroStatement):
            nostro.compare_statement(raw=raw, **asked, **wrong)
    nostro.compare_statement(raw=raw, day=today - timedelta(days=3), currency="KES", **asked)


def test_a_statement_of_another_account_of_ours_is_not_compared_with_this_one(payer, others):
    sent(payer)
    row, _raw = compare()
    assert row.account == "SETTLEMENT"
    early = row.day - timedelta(days=3)
    other = wire.statement("pesalink", early, "KES").replace(b"<Id>SETTLEMENT</Id>", b"<Id>COLLATERAL</Id>")
    with pytest.raises(BadNostroStatement, match="another account"):
        nostro.compare_statement(channel=Channel.PESALINK, day=early, raw=other, by=system_user(), at=now())


def test_a_day_whose_statement_was_not_there_is_compared_on_a_later_morning(payer, others, monkeypatch):
    sent(payer)
    today, real = now().astimezone(NAIROBI).date(), wire.statement
    (first,) = nostro.compare_ended_days(at=now())
    assert first.day == today - timedelta(days=1)
    monkeypatch.setattr(wire, "statement", lambda channel, day, currency: None)
    assert nostro.compare_ended_days(at=now() + timedelta(days=1)) == []
    monkeypatch.setattr(wire, "statement", Mock(side_effect=Unavailable("closed")))
    assert nostro.compare_ended_days(at=now() + timedelta(days=2)) == []
    monkeypatch.setattr(wire, "statement", real)
    made = nostro.compare_ended_days(at=now() + timedelta(days=3))
    assert [(one.day, one.count) for one in made] == [
        (today, 1), (today + timedelta(days=1), 0), (today + timedelta(days=2), 0),
    ]  # fmt: skip
    assert nostro.compare_ended_days(at=now() + timedelta(days=3)) == []
