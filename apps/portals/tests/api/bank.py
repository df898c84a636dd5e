"""A small bank with something of everything in it, so that generated requests meet rows and not only 404s."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group

from apps.accounts import operations as accounts
from apps.accounts.models import Account, Product, Transaction
from apps.accounts.testing import kes, make_account, make_teller
from apps.compliance.models import Breach, DataRequest, LegalHold
from apps.fx.testing import make_quote, set_rates
from apps.kernel.clock import local_date, now
from apps.kernel.models import Approval
from apps.kernel.money import Money
from apps.lending import operations as lending
from apps.lending.models import CollectionCase, Guarantee, Instalment
from apps.lending.testing import ask, make_borrower, make_loan
from apps.notifications import operations as notifications
from apps.notifications.models import Alert, NotificationTemplate
from apps.notifications.testing import code_sent_to
from apps.payments import operations as payments
from apps.payments.operations.ask import payload
from apps.payments.schedule import Schedule
from apps.portals.tests.api.circle import MEMBERS_OF_A_BODY, make_circle
from apps.users import operations as users
from apps.users.models import Branch, StaffMember, User
from apps.users.testing import bearer, make_business, make_customer, make_staff

AMOUNTS = ["350.00", "0.01", "350", "1250.50", "89999.99", "90000.01", "123456789012345.00", "-5", "1.234"]


@dataclass(frozen=True)
class Bank:
    """Who asks, what the parameters of a path may be (`inner`: further ones, by the part before), and what the members
    of a body may hold.
    """

    headers: dict[str, dict[str, str]]
    paths: dict[str, list[Any]]
    words: dict[str, list[Any]]
    inner: dict[str, list[Any]]


def make_bank() -> Bank:
    """A customer with money and a payment under way, a friend to pay, and staff with every right and a till."""
    customer, friend = make_customer(), make_customer(phone="+254733000111")
    main, saving, theirs = make_account(customer, balance="90000"), make_account(customer), make_account(friend)
    Branch.objects.get_or_create(code="002", defaults={"name": "Kisumu"})
    boss, member = _boss(), make_staff("KYC_OFFICER")
    payment = payments.start(
        payer=customer, from_account=main, to=str(friend.phone), amount=kes("350"), key="p", at=now()
    )
    proof = payments.challenge(payment=payment, by=customer, at=now())
    asked = payments.ask_by_qr(account=theirs, amount=kes("20"), by=friend, at=now())
    mine = payments.ask_by_qr(account=main, amount=None, by=customer, at=now())
    payee, order, mine_asked, asked_of_me, bill = _people(main, theirs)
    thread = notifications.open_thread(customer=customer, subject="My card", body="It is lost.", by=customer, at=now())
    waiting = _asked_by(member)
    business = make_business(customer)
    invitation = users.invite_member(
        business=make_business(friend), phone=str(customer.phone), role="VIEWER", by=friend, at=now()
    )
    alert = Alert.objects.create(user=customer, type="LOW_BALANCE", code="x.y", message="Low", created_at=now())
    text = NotificationTemplate.objects.order_by("pk")[0]
    set_rates()
    dollars = make_account(customer, balance="500", product="USD_CURRENT")
    quote = make_quote(customer, Money.of("100", "USD"), "KES")
    shop, sale = _shop(main)
    circle = make_circle(customer)
    line = Transaction.objects.filter(account=main).first()
    return Bank(
        headers={"customer": bearer(customer), "staff": bearer(boss)},
        paths={
            "accounts": [main.pk, saving.pk, theirs.pk],
            "transactions": [line.pk if line else 0],
            "payments": [str(payment.public_id)],
            "currency/quotes": [str(quote.public_id)],
            "qr-codes": [mine.pk, asked.pk],
            "merchants": [str(shop.public_id)],
            "pos/sales": [str(sale.public_id)],
            "admin/loans/collections": [str(_case().public_id)],
            "guarantees": [str(_guarantee(customer).public_id)],
            "payees": [str(payee.public_id)],
            **_savings(main, saving),
            "chamas": [circle["slug"]],
            "standing-orders": [str(order.public_id)],
            "payment-requests": [str(mine_asked.public_id), str(asked_of_me.public_id)],
            "payment-requests/split": [str(bill.public_id)],
            "admin/users": [customer.pk, friend.pk, boss.pk],
            "admin/staff": [member.staff.pk, boss.staff.pk],
            "admin/approvals": [waiting.pk],
            "branches": [Branch.objects.get(code="001").pk],
            "notifications/threads": [str(thread.public_id)],
            "admin/threads": [str(thread.public_id)],
            "businesses": [business.pk],
            "businesses/invitations": [str(invitation.public_id)],
            "businesses/{id}/invitations": [business.pk],
            "alerts": [alert.pk],
            "automation/notification-templates": [text.pk],
            "auth/passkeys": [1],
            **_of_data(customer, friend, member),
            "ledger/accounts": [1, 2, 3],
            "ledger/entries": [1, 2, 3],
        },
        words={
            "from_account": [main.pk, saving.pk, theirs.pk, dollars.pk],
            "to_account": [saving.pk, main.pk, theirs.pk],
            "quote": [str(quote.public_id)],
            "base": ["USD", "KES", "XXX"],
            "give_in": ["KES", "USD"],
            "account": [main.pk, main.number, theirs.number],
            "to": [str(friend.phone), theirs.number, payload(asked), str(customer.phone)],
            "qr": [payload(asked), payload(mine), payments.code_of_sale(sale)],
            "merchant": [str(shop.public_id)],
            "settlement_account": [main.pk, theirs.pk],
            "trade": ["5411", "5812"],
            "payment": [str(payment.public_id)],
            "challenge": [str(proof.pk)],
            "code": [code_sent_to(str(customer.phone)), "000000"],
            "payee": [str(payee.public_id)],
            "starts_on": [str(local_date(now())), "2020-01-01", "2026-12-31"],
            "phones": [[str(friend.phone)], ["0712 345 908", "0799 000 111"]],
            "product": list(Product.objects.values_list("code", flat=True)),
            "phone": [str(friend.phone), str(customer.phone), "0712 345 908"],
            "user": [friend.pk, member.pk, boss.pk],
            "reason": ["It is needed.", ""],
            "from_date": ["2020-01-01", "2026-12-31"],
            "to_date": ["2026-12-31", "2020-01-01"],
            "branch": ["001"],
            "role": ["TELLER", "VIEWER", "OWNER"],
            "registration_number": ["PVT-2LU5DG9", "SHG/KSM/2021/457"],
            "purpose": ["JOIN", "RESET"],
            "body": ["Hello"],
            "subject": ["My card"],
            **MEMBERS_OF_A_BODY,
        },
        inner={name: [value] for name, value in circle.items()},
    )


def _of_data(customer: User, friend: User, officer: User) -> dict[str, list[Any]]:
    """What the customer asked of their data, a hold on a friend, a breach: rows alone: every test makes them."""
    asked: dict[str, Any] = {"user": customer, "asked_at": now(), "due_at": now()}
    copy = DataRequest.objects.create(kind="EXPORT", **asked)
    words = DataRequest.objects.create(kind="RECTIFY", field="other", **asked)
    hold = LegalHold.objects.create(user=friend, reason="Sued", law="HCCC 12", set_by=officer, set_at=now())
    Breach.objects.create(
        reference="BR-2026-001", title="Lost", what="x", categories="Names", people=1, is_risky=True, aware_at=now(),
        report_due_at=now(), opened_by=officer, opened_at=now(),
    )  # fmt: skip
    desk = "admin/compliance/privacy"
    return {
        "privacy/consents": ["marketing", "identity"],
        "privacy/requests": [str(words.public_id)],
        "privacy/exports": [str(copy.public_id)],
        f"{desk}/requests": [str(words.public_id)],
        f"{desk}/holds": [hold.pk],
        f"{desk}/breaches": ["BR-2026-001"],
        f"{desk}/retention": ["ALERTS"],
    }


def _people(main: Account, theirs: Account) -> tuple[Any, ...]:
    """A payee and a standing order that wait, a request each way, and a split bill."""
    at, mine, friend = now(), main.owner, theirs.owner
    where = payments.place_here(to=theirs.number, owner=mine, at=at)
    payee = payments.add_payee(owner=mine, where=where, nickname="Friend", at=at)
    schedule = Schedule("MONTHLY", local_date(at))
    order = payments.set_up_order(
        owner=mine, from_account=main, where=where, amount=kes("350"), schedule=schedule, key="o", at=at
    )
    asked = {"amount": kes("350"), "key": "r", "at": at}
    made = payments.ask_for_payment(by=mine, phone=str(friend.phone), into_account=main, **asked)
    got = payments.ask_for_payment(by=friend, phone=str(mine.phone), into_account=theirs, **asked)
    shares = payments.equal_shares(kes("100"), [str(friend.phone)], with_me=True)
    bill = payments.split_bill(
        owner=mine, total_asked=kes("100"), shares=shares, into_account=main, note="Dinner", key="s", at=at
    )
    return payee, order, made, got, bill


def _savings(main: Account, saving: Account) -> dict[str, list[Any]]:
    """A goal, a rule and a deposit of the customer's."""
    owner, at = main.owner, now()
    goal = accounts.make_goal(owner=owner, name="Boda", target=kes("3000"), key="g", at=at)
    terms = accounts.RuleTerms(kind="ROUND_UP", from_account=main, to_account=saving, amount=kes("50"))
    rule = accounts.make_rule(owner=owner, terms=terms, key="r", by=owner, at=at)
    deposit = accounts.open_deposit(owner=owner, from_account=main, amount=kes("1000"), months=6, key="d", at=at)
    return {
        "goals": [str(goal.public_id)],
        "accounts/transfer-rules": [str(rule.public_id)],
        "deposits": [str(deposit.public_id)],
    }


def _guarantee(customer: User) -> Guarantee:
    """Somebody asks the customer to stand for a loan."""
    account = make_borrower()
    make_account(account.owner, balance="3000", product="SAVINGS")
    loan = ask(account, "10000", code="SAVINGS_BACKED")
    asked: Guarantee = lending.ask_guarantee(
        loan=loan, guarantor=customer, amount=kes("500"), by=account.owner, at=now()
    )
    return asked


def _case() -> CollectionCase:
    """A loan on which something is due today, at the collections desk."""
    loan = make_loan(make_borrower(), "5000")
    yesterday = local_date(now()) - timedelta(days=1)
    Instalment.objects.filter(loan=loan).update(starts_on=yesterday, due_on=local_date(now()))
    found: CollectionCase = lending.collections.open_case(loan=loan, at=now())
    return found


def _shop(account: Account) -> tuple[Any, Any]:
    """A shop of the customer's, and an amount it asks for."""
    asked = {"by": account.owner, "at": now(), "key": "shop"}
    shop = payments.become_merchant(trading_name="Duka", trade="5411", town="Kisumu", account=account, **asked)
    return shop, payments.ask_sale(merchant=shop, amount=kes("20"), **asked)


def _boss() -> User:
    boss, _till = make_teller()
    boss.groups.add(Group.objects.get(name="SUPER_ADMIN"))
    StaffMember.objects.filter(user=boss).update(role="SUPER_ADMIN")
    return boss


def _asked_by(member: User) -> Approval:
    """Another manager of staff asked for a change; the boss may decide it."""
    asker = make_staff("SUPER_ADMIN")
    asked: Approval = users.set_role(member=member.staff, role="AUDITOR", reason="She moves.", by=asker, at=now())
    return asked
