"""The dry run: every row of a batch held against the bank as it stands now, in a handful of questions for all."""

import json
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, Value, When
from django.utils.translation import gettext_lazy as _

from apps.accounts import fees, rules
from apps.accounts import operations as accounts
from apps.accounts.errors import NotOffered
from apps.accounts.models import Account, AccountStatus, AccountType, TransactionType
from apps.fx import queries as fx
from apps.kernel.clock import local_date
from apps.kernel.errors import DomainError, IllegalMove
from apps.kernel.money import Money
from apps.kyc.queries import limits_of, limits_of_all
from apps.ledger import queries as books
from apps.payments import paysheet, policies, rails
from apps.payments.errors import SecondPersonNeeded
from apps.payments.models import BulkPayment, BulkRow, BulkStatus, Eyes
from apps.payments.states import BULK
from apps.users.models import User
from apps.users.rules import masked_phone

DEFAULT_RAIL = "mpesa"  # where phones, tills and paybills outside the bank are reached
_KINDS = {"phone": TransactionType.MOBILE_MONEY, "till": TransactionType.MERCHANT_PAYMENT,
          "paybill": TransactionType.BILL_PAYMENT}  # fmt: skip


@dataclass(slots=True)
class Found:
    """What the check says of one row; the columns it is written to."""

    number: int
    status: str = "BAD"
    error: str = ""
    kind: str = ""
    rail: str = ""
    to_account_id: int | None = None
    destination: dict[str, Any] = field(default_factory=dict)
    payee_key: str = ""
    payee_name: str = ""
    payee_address: str = ""
    name_match: str = "NONE"
    is_double: bool = False
    fee_minor: int = 0
    duty_minor: int = 0


@transaction.atomic
def check(*, bulk: BulkPayment, at: datetime) -> BulkPayment:
    """Find and name every payee, quote every row, say what is wrong; the batch is CHECKED. Nothing moves.

    Raises IllegalMove once the batch was submitted.
    """
    bulk = BulkPayment.objects.select_for_update(of=("self",)).select_related(
        "from_account__owner", "from_account__product", "business", "made_by"
    ).get(pk=bulk.pk)  # fmt: skip
    if bulk.status not in {BulkStatus.DRAFT, BulkStatus.CHECKED}:
        raise IllegalMove(_("This batch was submitted already, so what it pays does not change any more."))
    rows = list(bulk.rows.filter(read_error="").order_by("number"))
    found = _Check(bulk, rows, at).run()
    _write(bulk, rows, found)
    fields = {"checked_at": at, **figures(bulk)}
    if bulk.status == BulkStatus.DRAFT:
        BULK.make(bulk, BulkStatus.CHECKED, **fields)
    else:
        BulkPayment.objects.filter(pk=bulk.pk).update(**fields)
        for name, value in fields.items():
            setattr(bulk, name, value)
    return bulk


class _Check:
    """One run over all rows of a batch."""

    def __init__(self, bulk: BulkPayment, rows: list[BulkRow], at: datetime) -> None:
        self.bulk, self.rows, self.at, self.day = bulk, rows, at, local_date(at)
        self.worth_of = fx.to_home(at)
        self.account = bulk.from_account
        self.tariff = _Tariff(bulk, self.day)
        self.single = self._single_limit()

    def run(self) -> list[Found]:
        """The rows in their order, each found or refused."""
        by_phone = {} if self.bulk.rail else _accounts_by_phone({row.destination.get("phone") for row in self.rows})
        by_number = _accounts_by_number({row.destination.get("number") for row in self.rows})
        inside: dict[int, Account] = {}
        found = []
        for row in self.rows:
            one = Found(row.number, destination=row.destination)
            account = by_phone.get(row.destination.get("phone")) or by_number.get(row.destination.get("number"))
            if account is not None:
                inside[row.number] = account
                self._inside(one, row, account)
            elif "number" in row.destination:
                one.error = "NO_RAIL" if self.bulk.rail else "PAYEE_NOT_FOUND"
            else:
                self._outside(one, row)
            if not one.error:
                self._quote(one, row)
            found.append(one)
        self._refuse_full(found, inside)
        self._mark_doubles(found)
        for one in found:
            one.status = "BAD" if one.error else "READY"
        return found

    def _inside(self, one: Found, row: BulkRow, account: Account) -> None:
        holder = account.owner
        one.error = self._cannot_receive(account)
        one.kind, one.rail = TransactionType.P2P_TRANSFER.value, "internal"
        one.to_account_id, one.payee_key = account.pk, f"accounts/{account.pk}"
        if one.error in {"PAYEE_NOT_FOUND", "NO_RAIL"}:
            one.to_account_id = None
            return
        one.payee_name = holder.public_name
        by_phone = "phone" in row.destination
        one.payee_address = masked_phone(row.destination["phone"]) if by_phone else account.masked_number
        one.name_match = paysheet.compare(row.name_typed, holder.full_name).value

    def _cannot_receive(self, account: Account) -> str:
        if self.bulk.rail:
            return "NO_RAIL"
        if not account.owner.is_active or account.owner.is_staff:
            return "PAYEE_NOT_FOUND"
        if account.status == AccountStatus.CLOSED or account.account_type == AccountType.FIXED_DEPOSIT:
            return "PAYEE_CLOSED"  # a deposit takes no more money
        if account.owner_id == self.account.owner_id:
            return "OWN_ACCOUNT"
        return "" if account.currency == self.bulk.currency else "PAYEE_CURRENCY"

    def _outside(self, one: Found, row: BulkRow) -> None:
        rail = rails.bulk_rail(self.bulk.rail or DEFAULT_RAIL)
        if rail is None or self.bulk.currency != "KES":
            one.error = "PAYEE_NOT_FOUND" if "phone" in row.destination else "NO_RAIL"
            return
        one.kind = _KINDS[next(name for name in ("phone", "till", "paybill") if name in row.destination)].value
        try:
            there = rail.read(kind=one.kind, asked=row.destination, amount=row.amount)
        except DomainError:
            one.error = "RAIL_REFUSES"
            return
        one.rail, one.destination, one.payee_key = rail.code, there.data, there.key[:80]
        one.payee_name, one.payee_address = (row.name_typed or there.name)[:140], there.address[:40]

    def _quote(self, one: Found, row: BulkRow) -> None:
        if self.single is not None and self.worth_of(row.amount) > self.single:
            one.error = "OVER_SINGLE_LIMIT"
            return
        try:
            one.fee_minor, one.duty_minor = self.tariff.cost(one.kind, row.amount)
        except NotOffered:
            one.error = "NOT_OFFERED"

    def _single_limit(self) -> Money | None:
        try:
            alone = policies.eyes_of(self.bulk, self.bulk.made_by) == Eyes.OWN
        except SecondPersonNeeded:
            return None
        return limits_of(self.account.owner.kyc_tier, on=self.day).single if alone else None

    def _refuse_full(self, found: list[Found], inside: dict[int, Account]) -> None:
        """Who would hold more than their tier may, with all that this batch brings them."""
        amounts = {row.number: row.amount.minor for row in self.rows}
        coming: dict[int, int] = defaultdict(int)
        for one in found:
            if not one.error and one.rail == "internal":
                coming[inside[one.number].owner_id] += amounts[one.number]
        owners = {inside[number].owner_id: inside[number].owner for number in inside}
        full = _full({pk: Money(minor, self.bulk.currency) for pk, minor in coming.items()}, owners, self.at)
        for one in found:
            if not one.error and one.rail == "internal" and inside[one.number].owner_id in full:
                one.error = "PAYEE_FULL"

    def _mark_doubles(self, found: list[Found]) -> None:
        times = Counter(one.payee_key for one in found if not one.error)
        for one in found:
            one.is_double = not one.error and times[one.payee_key] > 1


class _Tariff:
    """What rows cost: each tariff is read once, whatever the number of rows. The bank charges itself nothing."""

    def __init__(self, bulk: BulkPayment, day: date) -> None:
        self.is_free, self.day = bulk.is_of_the_bank, day
        self.product, self.currency = bulk.from_account.product, bulk.currency
        self.bands: dict[str, list[rules.Band] | None] = {}
        self.duties: dict[tuple[str, int], int] = {}

    def cost(self, kind: str, amount: Money) -> tuple[int, int]:
        """Fee and duty in minor units. Raises NotOffered."""
        if self.is_free:
            return 0, 0
        if kind not in self.bands:
            rule = fees.rule_for(charged_for=kind, product=self.product, currency=self.currency, on=self.day)
            self.bands[kind] = fees.bands_of(rule) if rule else None
        bands = self.bands[kind]
        if bands is None:
            return 0, 0
        fee = rules.fee(amount, bands)
        if fee is None:
            raise NotOffered(_("That amount is more than can be sent this way. No money moved. Send less."))
        if (kind, fee.minor) not in self.duties:
            self.duties[kind, fee.minor] = fees.with_duty(fee, kind, self.day).duty.minor
        return fee.minor, self.duties[kind, fee.minor]


def _accounts_by_phone(phones: set[Any]) -> dict[Any, Account]:
    """The main account of whoever has each phone, in one question."""
    digest = User._meta.get_field("phone_print").digest
    prints = {one: phone for phone in phones if phone for one in digest(phone).any_of}
    if not prints:
        return {}
    foreign = Case(When(currency=settings.HOME_CURRENCY, then=Value(0)), default=Value(1))
    current = Case(When(account_type=AccountType.TRANSACTION, then=Value(0)), default=Value(1))
    rows = Account.objects.open().filter(owner__phone_print__in=list(prints), owner__is_service=False)
    rows = rows.filter(owner__is_staff=False).select_related("owner")
    mains = rows.order_by("owner_id", foreign, current, "pk").distinct("owner_id")
    return {prints[bytes(one.owner.phone_print or b"")]: one for one in mains if one.owner.is_active}


def _accounts_by_number(numbers: set[Any]) -> dict[Any, Account]:
    wanted = [number for number in numbers if number]
    if not wanted:
        return {}
    return {one.number: one for one in Account.objects.filter(number__in=wanted).select_related("owner")}


def _full(coming: dict[int, Money], owners: dict[int, User], at: datetime) -> set[int]:
    if not coming:
        return set()
    limits = limits_of_all(sorted({owners[pk].kyc_tier for pk in coming}), on=local_date(at))
    most = {pk: limits[owners[pk].kyc_tier].balance for pk in coming}
    capped = {pk: limit.minor for pk, limit in most.items() if limit is not None}
    held = list(Account.objects.filter(owner_id__in=capped).values_list("owner_id", "ledger_account"))
    balances = books.balances([ledger_account for _owner, ledger_account in held])
    together = {pk: [coming[pk]] for pk in capped}
    for owner, ledger_account in held:
        together[owner].append(balances[ledger_account].posted)
    return accounts.over_cap(capped, together, {one.currency for one in coming.values()}, at)


_WRITE = """
UPDATE payments_bulkrow r
   SET status = x.status, error = x.error, kind = x.kind, rail = x.rail, to_account_id = x.to_account_id,
       destination = decode(x.destination, 'hex'), payee_key = x.payee_key, payee_name = x.payee_name,
       payee_address = decode(x.payee_address, 'hex'), name_match = x.name_match, is_double = x.is_double,
       fee_minor = x.fee_minor, duty_minor = x.duty_minor
  FROM jsonb_to_recordset(%s::jsonb) AS x (
       number int, status text, error text, kind text, rail text, to_account_id bigint, destination text,
       payee_key text, payee_name text, payee_address text, name_match text, is_double boolean, fee_minor bigint,
       duty_minor bigint)
 WHERE r.bulk_id = %s AND r.number = x.number
"""


_SEALED: list[Any] = [BulkRow._meta.get_field(name) for name in ("destination", "payee_address")]


def _sealed(row: BulkRow, one: Found) -> dict[str, str | None]:
    """Sealed columns in hexadecimal signs; what is empty is not there."""
    values = {field.name: field.sealed(row, getattr(one, field.name) or None) for field in _SEALED}
    return {name: value and value.hex() for name, value in values.items()}


def _write(bulk: BulkPayment, rows: list[BulkRow], found: list[Found]) -> None:
    written = [asdict(one) | _sealed(row, one) for row, one in zip(rows, found, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [json.dumps(written), bulk.pk])


_FIGURES = """
SELECT count(*), COALESCE(sum(amount_minor), 0)::bigint, COALESCE(sum(fee_minor), 0)::bigint,
       COALESCE(sum(duty_minor), 0)::bigint,
       COALESCE(string_agg(jsonb_build_array(number, rail, to_account_id, payee_key, amount_minor, fee_minor,
                                             duty_minor, kind, note)::text, E'\n' ORDER BY number), '')
  FROM payments_bulkrow WHERE bulk_id = %s AND status = 'READY'
"""


def figures(bulk: BulkPayment) -> dict[str, Any]:
    """How many rows are payable, what they come to, and the seal of what they pay to whom."""
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, [bulk.pk])
        count, total, fee, duty, said = cursor.fetchone()
    head = json.dumps([bulk.reference, bulk.from_account_id, bulk.currency, bulk.kind, bulk.name])
    return {
        "good_count": count,
        "total_minor": total,
        "fee_minor": fee,
        "duty_minor": duty,
        "rows_hash": sha256(f"{head}\n{said}".encode()).hexdigest(),
    }
