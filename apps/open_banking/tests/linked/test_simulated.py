"""Accounts are linked at the bank that the simulators speak for, as in the demo, from discovery to the end."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from apps.kernel.clock import now
from apps.open_banking import operations
from apps.open_banking.models import LinkedAccount, LinkedLine
from apps.open_banking.operations import BankTerms
from apps.open_banking.operations.link import address_of
from apps.users.queries import system_user
from apps.users.testing import make_customer
from simulators.providers import obp_bank
from simulators.testing import running

pytestmark = pytest.mark.django_db


def test_a_customer_links_reads_and_takes_away(tmp_path):
    with running(tmp_path) as simulators:
        terms = BankTerms(
            name=obp_bank.CALLED, address=simulators.address, bank_id=obp_bank.BANK, client_id=obp_bank.CLIENT,
            client_secret=obp_bank.SECRET,
        )  # fmt: skip
        there, user = operations.keep_other_bank(terms=terms, by=system_user(), at=now()), make_customer()
        link = operations.begin_link(bank=there, by=user, at=now())
        page = httpx.get(address_of(link), trust_env=False).text
        back = page.split('href="')[-2].split('"')[0].replace("&amp;", "&")
        given = {name: one[0] for name, one in parse_qs(urlsplit(back).query).items()}
        link = operations.finish_link(
            state=given["state"], code=given["code"], issuer=given["iss"], error="", by=user, at=now(), address=""
        )
        assert (link.status, link.because) == ("ACTIVE", "")
        assert set(LinkedAccount.objects.values_list("label", flat=True)) == {"Mshahara", "Akiba"}
        assert LinkedLine.objects.count() > 100
        operations.unlink(link=link, by=user, at=now())
        assert not LinkedAccount.objects.exists()
        assert httpx.get(f"{simulators.address}/obp/v5.1.0/my/accounts", trust_env=False).status_code == 401
