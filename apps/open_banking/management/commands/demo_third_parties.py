"""Gives the demo bank apps of third parties: one that two customers let in, one that waits; and another bank where
accounts can be linked. Through the operations.

`manage.py demo` calls it by name, because pages and this app are neighbours.
"""

import uuid
from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.accounts.queries import main_account
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.open_banking import operations
from apps.open_banking.models import Consent, Resource, ThirdPartyApp
from apps.open_banking.operations import AppTerms, BankTerms, Wish, keep_other_bank
from apps.open_banking.operations.lodge import claim
from apps.users.models import StepUpChallenge, User
from apps.users.queries import system_user

SHOWN = "+254712000000"  # the customer whose sign-in the demo prints


class Command(BaseCommand):
    """`manage.py demo_third_parties`."""

    help = "Apps of third parties for a demo bank. Safe to run again: it does nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """When the story ends."""
        parser.add_argument("--at", default="", help="ISO 8601; now, unless told")

    def handle(self, *args: Any, **options: Any) -> None:
        """Once."""
        if not getattr(settings, "SIMULATORS_ALLOWED", False):
            raise CommandError("This is for demonstration: nothing was done.")
        if ThirdPartyApp.objects.exists():
            return
        end = datetime.fromisoformat(options["at"]) if options["at"] else now()
        with transaction.atomic():
            _tell(end)
            _link_with_another_bank(end)


def _tell(end: datetime) -> None:
    customers = User.objects.customers().filter(status="ACTIVE", kind="PERSON", accounts__isnull=False)
    customers = customers.distinct().order_by("pk")
    first = User.objects.customers().with_phone(SHOWN).first() or customers[0]
    second, third = customers.filter(pk__gt=first.pk)[:2]
    began = end - timedelta(days=40)
    operations.register_developer(user=third, organisation="Bajeti Ltd", at=began)
    app = _register(third, "Bajeti Yangu", "https://bajeti.example", "Your budget, week by week", began)
    maker, checker = User.objects.filter(groups__name__in=["ADMIN", "SUPER_ADMIN"], status="ACTIVE").order_by("pk")[:2]
    asked = operations.ask_approval(app=app, reason="Site and papers seen", by=maker, at=began)
    approvals.approve(approval=asked, by=checker, at=began + timedelta(hours=3))
    app.refresh_from_db()
    _let_in(app, first, began + timedelta(days=9), end, reads=5)
    ended = _let_in(app, second, began + timedelta(days=12), end, reads=2)
    operations.revoke(consent=ended, by=second, at=end - timedelta(days=3))
    _register(third, "Mkopo Haraka", "https://mkopo.example", "Offers that fit what you earn", end - timedelta(hours=5))


def _register(by: User, name: str, site: str, words: str, at: datetime) -> ThirdPartyApp:
    terms = AppTerms(
        name=name, description=words, website_url=site, redirect_uris=[f"{site}/callback"], scopes=["accounts"]
    )
    return operations.register_app(by=by, terms=terms, at=at).app


def _let_in(app: ThirdPartyApp, user: User, at: datetime, end: datetime, *, reads: int) -> Consent:
    """Given at `at`, with the proof as the page asks for it; then read now and then."""
    wish = Wish(consent_type="AIS", accounts=True, balances=True, transactions=True, purpose="Your budget")
    consent = claim(consent=operations.lodge(app=app, wish=wish, at=at), by=user, at=at)
    account = main_account(user)
    if account is None:
        raise CommandError("A demo customer has no account.")
    proof = operations.challenge(consent=consent, accounts=[account], by=user, at=at, method="SMS")
    StepUpChallenge.objects.filter(pk=proof.pk).update(answered_at=at)
    consent = operations.authorise(consent=consent, accounts=[account], by=user, at=at, challenge_id=proof.pk)
    for nth in range(reads):
        is_there = nth % 2 == 0
        leaving = operations.Leaving(
            app_id=app.pk, user_id=user.pk, consent=consent, accounts=[account.pk], person_present=is_there,
            resource=Resource.TRANSACTIONS if is_there else Resource.BALANCES, rows=50 if is_there else 1,
            fields="amount,day,description,counterparty" if is_there else "balance,available",
            interaction_id=uuid.uuid4(),
        )  # fmt: skip
        operations.let_leave(leaving=leaving, at=at + (end - at) * nth / (reads + 1))
    return consent


def _link_with_another_bank(at: datetime) -> None:
    """Where customers can link accounts, as the simulators speak for it, where there are any."""
    if address := getattr(settings, "SIMULATORS_ADDRESS", ""):
        terms = BankTerms(
            name="Benki ya Mfano", bank_id="benki.mfano", client_id="kitbank", address=address,
            client_secret="simulated-secret",  # noqa: S106  # told in simulators/README.md
        )  # fmt: skip
        keep_other_bank(terms=terms, by=system_user(), at=at)
