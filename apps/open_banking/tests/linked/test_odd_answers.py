"""What another bank may say that nobody meant: it is refused in words, keeps nobody else waiting, and hides nothing."""

from datetime import timedelta
from importlib import import_module

import pytest

from apps.accounts.imports import linked_account
from apps.accounts.rules.imports import Row
from apps.kernel.clock import local_date, now
from apps.kernel.money import Money
from apps.open_banking import operations
from apps.open_banking.errors import LinkOver, OtherBankFailed
from apps.open_banking.models import LinkedAccount, LinkedBank, LinkedLine
from apps.open_banking.tests.linked.linking import link
from apps.open_banking.tests.stand_in import account, balance, line
from apps.users.queries import system_user
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db
LATER = timedelta(hours=7)
_TYPED = balance()["balances"][0] | {"type": ["OpeningBooked"]}
_ROUTED = account() | {"account_routings": [{"scheme": {"a": 1}, "address": "990000004321"}]}


@pytest.mark.parametrize(
    ("end", "body"),
    [
        ("/balances", {"accounts": [{"account_id": "acc-1", "balances": [_TYPED]}]}),
        ("/oauth/token", {"access_token": "\ud800", "token_type": "Bearer", "refresh_token": "new"}),
        ("/oauth/token", {"access_token": "é€", "token_type": "Bearer", "refresh_token": "new"}),
        ("/oauth/token", {"access_token": "a\r\nHost: b", "token_type": "Bearer", "refresh_token": "new"}),
        ("/oauth/token", {"access_token": "access", "token_type": "Bearer", "refresh_token": "\ud800"}),
    ],
)
def test_an_answer_of_odd_shape_is_refused_in_words(there, linked, end, body):
    there.lies = {end: (200, body)}
    with pytest.raises(OtherBankFailed) as no:
        operations.read_link(link=linked, by=linked.user, at=now() + LATER)
    assert no.value.facts["trouble"] == "UNREADABLE"
    assert LinkedBank.objects.get(pk=linked.pk).status == "ACTIVE"


def test_an_account_whose_routing_is_of_odd_shape_is_shown_without_a_number(there, linked):
    there.accounts = [_ROUTED]
    operations.read_link(link=linked, by=linked.user, at=now() + LATER)
    assert LinkedAccount.objects.get().masked_number == ""


def test_nothing_is_read_at_a_bank_that_was_stopped(there, linked, bank):
    operations.stop_other_bank(bank=bank, by=system_user(), at=now(), reason="They lost their keys")
    asked = len(there.asked)
    with pytest.raises(LinkOver):
        operations.read_link(link=linked, by=linked.user, at=now() + LATER)
    assert len(there.asked) == asked
    assert LinkedBank.objects.get(pk=linked.pk).status == "ACTIVE"
    assert LinkedLine.objects.count() == 3


def test_a_file_of_movements_hides_none_that_the_bank_tells_later(there, linked):
    held = LinkedAccount.objects.get()
    row = Row(on=local_date(now()), amount=Money.of("-20", "KES"), description="Typed by hand")
    assert linked_account(linked.user, held.public_id).add([row], at=now()) == 1
    there.lines["acc-1"].append(line(30, amount="-75.00"))
    operations.read_link(link=linked, by=linked.user, at=now() + LATER)
    assert LinkedLine.objects.filter(account=held, their_id="line-30").exists()


def test_a_consent_that_another_bank_will_not_end_is_in_nobodys_way(there, bank, monkeypatch):
    monkeypatch.setattr(import_module("apps.open_banking.operations.unlink"), "ONE_SWEEP", 1)
    there.lies = {"/consents/refused/": (403, {}), "/consents/consent-1/": (503, None)}
    first, second = (link(bank, there, person) for person in (make_customer(), make_customer()))
    LinkedBank.objects.filter(pk=first.pk).update(consent_id="refused")
    for one in (first, second):
        operations.unlink(link=one, by=one.user, at=now())
    there.lies.pop("/consents/consent-1/")
    for nth in (1, 2):
        operations.end_links_there(at=now() + timedelta(minutes=10 * nth))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.ended_there_at, second.ended_there_at is not None) == (None, True)
