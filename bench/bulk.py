"""A payroll inside the bank, from the approved batch to the last row, against a loop of ordinary payments."""

import io
from typing import Any, cast

from bench.common import AT, Options, Result, main, settle, timed

LOOP = 200  # rows of the loop; its rate is what counts


def run(options: Options) -> list[Result]:
    """Rows a second: reading and checking the file, then paying it; and the same rows one payment at a time."""
    from apps.payments import operations as payments
    from apps.payments.models import BulkPayment

    payer, payees = _people(options.accounts)
    settle()
    content = _file(payees)
    made: dict[str, BulkPayment] = {}

    def bring() -> None:
        made["bulk"] = payments.bulk.bring(
            from_account=payer["account"], business=payer["business"], kind="SALARY", name="July salaries",
            file_name="july.csv", content=content, key="bench", by=payer["owner"], at=AT,
        )  # fmt: skip

    def pay() -> None:
        _approve(made["bulk"], payer)
        payments.bulk.carry_on(bulk_id=made["bulk"].pk, at=AT)

    checking, paying = timed(bring), timed(pay)
    made["bulk"].refresh_from_db()
    assert made["bulk"].status == "DONE", made["bulk"].status
    assert made["bulk"].rows.filter(status="PAID").count() == options.accounts
    loop = timed(lambda: _one_by_one(payer, payees[:LOOP])) / LOOP
    each = paying / options.accounts
    note = f"{1 / each:.0f} : {1 / loop:.0f} rows a second"
    return [
        Result(f"payroll of {options.accounts:,} : a loop of payments", loop / each, at_least=10, note=note),
        Result(f"  seconds to pay {options.accounts:,} rows", paying, at_most=20, unit="s"),
        Result(f"  seconds to read and check {options.accounts:,} rows", checking, unit="s"),
    ]


def _people(count: int) -> tuple[dict[str, Any], list[Any]]:
    """A company with two who sign for it, and everyone it pays, each with an account of their own."""
    from apps.accounts.models import Account, Product
    from apps.accounts.testing import give
    from apps.ledger import operations as ledger
    from apps.users.models import User
    from apps.users.testing import make_business, make_customer, make_member

    owner = make_customer(kyc_tier="TIER_3")
    business = make_business(owner)
    product = Product.objects.get(code="CURRENT")
    people = []
    for nth in range(count):
        person = User(
            full_name=f"Payee {nth}", phone=f"+25479{nth:07d}", id_number=str(30_000_000 + nth), kyc_tier="TIER_2",
            password="!",  # noqa: S106 nobody signs in
        )  # fmt: skip
        people.append(person)
    User.objects.bulk_create(people, batch_size=2000)
    wanted = [
        ledger.AccountToOpen(
            code=f"bulk/{nth}", name="Wallet", kind="LIABILITY", currency="KES", parent_code="2010-KES"
        )
        for nth in range(count + 1)
    ]
    held = ledger.open_accounts(wanted, at=AT)
    accounts = Account.objects.bulk_create(
        [
            Account(
                owner=one, product=product, ledger_account_id=ref.id, number=f"{900_000_000_000 + nth}",
                account_type="TRANSACTION", currency="KES", opened_at=AT,
            )
            for nth, (one, ref) in enumerate(zip([owner, *people], held, strict=True))
        ],
        batch_size=2000,
    )  # fmt: skip
    give(accounts[0], str(count * 40_000 + 1_000_000), at=AT)
    payer = {"owner": owner, "business": business, "account": accounts[0], "second": make_member(business, "SIGNATORY")}
    return payer, people


def _file(payees: list[Any]) -> bytes:
    out = io.StringIO()
    out.write("phone,name,amount,note\n")
    for nth, one in enumerate(payees):
        out.write(f"{one.phone},{one.full_name},{20_000 + nth % 5000}.50,\n")
    return out.getvalue().encode()


def _approve(bulk: Any, payer: dict[str, Any]) -> None:
    """Submitted by one and approved by the other, each with proof; cleared, should the screen hold a first payroll."""
    from apps.fraud import operations as fraud
    from apps.fraud.models import FlaggedTransaction
    from apps.payments import operations as payments
    from apps.payments import testing
    from apps.users.testing import make_staff

    bulk = testing.submit(bulk, by=payer["owner"])
    bulk = testing.approve(bulk, payer["second"])
    if bulk.in_review:
        flag = FlaggedTransaction.objects.get(reference=f"bulk/{bulk.public_id}")
        fraud.clear(flag=flag, note="Known", by=make_staff("COMPLIANCE_OFFICER"), at=AT)
        payments.bulk.go_on_after_review(bulk=bulk, at=AT)


def _one_by_one(payer: dict[str, Any], payees: list[Any]) -> None:
    """What a program of the firm's own would do without batches: an ordinary posting a person, committed each."""
    from apps.accounts import operations as accounts
    from apps.accounts.models import Account
    from apps.accounts.testing import kes
    from apps.payments import operations as payments

    for nth, one in enumerate(payees):
        payment = payments.start(
            payer=payer["owner"], from_account=payer["account"], to=one.phone, amount=kes("20000"), key=f"loop/{nth}",
            at=AT,
        )  # fmt: skip
        lines = accounts.post(
            reference=f"loop/{payment.public_id}", kind="SALARY", narrative="Salary",
            movements=[
                accounts.out_of(payment.from_account, payment.amount, "Salary"),
                accounts.into(cast(Account, payment.to_account), payment.amount, "Salary"),  # a customer of ours
            ],
            at=AT,
        )  # fmt: skip
        assert lines


if __name__ == "__main__":
    main(run)
