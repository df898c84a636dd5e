"""What anybody may know of the bank: its currencies and rates, branches, machines, products, and limits of this API."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from apps.accounts.models import Product
from apps.fx import queries as fx
from apps.kernel.clock import local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.lending.models import ProductTerms
from apps.open_banking.obp.bank import require_bank
from apps.open_banking.obp.caller import Caller
from apps.open_banking.obp.door import door
from apps.open_banking.obp.refusals import Refused
from apps.open_banking.obp.shapes import bank_id, instant, product_code
from apps.users.models import Branch

_LICENCE = {"license": {"id": "", "name": ""}}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PLACES = Decimal("0.00000001")


@door(open_to_all=True)
def rate_limiting(request: HttpRequest, caller: Caller | None, version: str) -> Any:
    """Calls are counted in the database, which is there whenever the bank is."""
    return {"enabled": True, "technology": "POSTGRESQL", "service_available": True, "is_active": True}


@door(open_to_all=True)
def currencies(request: HttpRequest, caller: Caller | None, version: str, bank_id: str) -> Any:
    """Those the bank quotes."""
    require_bank(bank_id)
    return {"currencies": [{"alphanumeric_code": one.code} for one in fx.currencies()]}


@door(open_to_all=True)
def rate(request: HttpRequest, caller: Caller | None, version: str, bank_id: str, base: str, quote: str) -> Any:
    """Of one currency for another, at mid. Numbers: that is how this address is read."""
    require_bank(bank_id)
    found = fx.newest(now())
    if found is None or found.is_too_old:
        raise Refused(50200, "rates_stale: There are no rates that are fresh enough to tell.")
    try:
        there, back = found.of(base.upper(), quote.upper()), found.of(quote.upper(), base.upper())
    except DomainError as no:
        raise Refused(10003, f"Current currencies are {base[:8]} and {quote[:8]}") from no
    return {
        "bank_id": bank_id,
        "from_currency_code": base.upper(),
        "to_currency_code": quote.upper(),
        "conversion_value": float(there.quantize(_PLACES)),  # a JSON number by contract: nothing is reckoned with it
        "inverse_conversion_value": float(back.quantize(_PLACES)),
        "effective_date": instant(found.fetched_at),
    }


@door(open_to_all=True)
def atms(request: HttpRequest, caller: Caller | None, version: str, bank_id: str) -> Any:
    """The bank has none of its own."""
    require_bank(bank_id)
    return {"atms": []}


@door(open_to_all=True)
def branches(request: HttpRequest, caller: Caller | None, version: str, bank_id: str) -> Any:
    """By code."""
    require_bank(bank_id)
    return {"branches": [_branch(row) for row in Branch.objects.order_by("code")]}


@door(open_to_all=True)
def branch(request: HttpRequest, caller: Caller | None, version: str, bank_id: str, branch_id: str) -> Any:
    """One."""
    require_bank(bank_id)
    row = Branch.objects.filter(code=branch_id).first()
    if row is None:
        raise Refused(10404, f"Current BRANCH_ID is {branch_id[:40]}", words="404 Not Found.")
    return _branch(row)


def _branch(row: Branch) -> dict[str, Any]:
    """What the bank keeps of a branch: a code, a name, a town. Where on a map, and when it opens, it does not."""
    unknown: dict[str, list[str]] = {day: [] for day in _DAYS}
    return {
        "id": row.code,
        "bank_id": bank_id(),
        "name": row.name,
        "address": {"line_1": "", "line_2": "", "line_3": "", "city": row.town, "county": "", "state": "",
                    "postcode": "", "country_code": settings.COUNTRY},
        "location": None,
        "meta": _LICENCE,
        "lobby": unknown,
        "drive_up": None,
        "branch_routing": {"scheme": "BranchCode", "address": row.code},
        "is_accessible": "",
        "accessibleFeatures": "",
        "branch_type": "",
        "more_info": "",
        "phone_number": "",
    }  # fmt: skip


@door(open_to_all=True)
def products(request: HttpRequest, caller: Caller | None, version: str, bank_id: str) -> Any:
    """Accounts that anybody may open, and loans, with what they cost today."""
    require_bank(bank_id)
    return {"products": _products()}


@door(open_to_all=True)
def product(request: HttpRequest, caller: Caller | None, version: str, bank_id: str, code: str) -> Any:
    """One."""
    require_bank(bank_id)
    for one in _products():
        if one["product_code"] == code:
            return one
    raise Refused(10404, f"Current PRODUCT_CODE is {code[:40]}", words="404 Not Found.")


def _products() -> list[dict[str, Any]]:
    accounts = [_account(row) for row in Product.objects.to_open().order_by("code")]
    terms = ProductTerms.objects.in_force(local_date(now())).select_related("product")
    return accounts + sorted((_loan(row) for row in terms), key=lambda one: str(one["product_code"]))


def _account(row: Product) -> dict[str, Any]:
    facts = {
        "CURRENCY": row.currency,
        "MINIMUM_BALANCE": f"{Money(row.minimum_balance_minor, row.currency).amount:f}",
        "KIND": product_code(row.account_type),
    }
    return _shape(row.code, row.name, row.get_account_type_display(), facts)


def _loan(row: ProductTerms) -> dict[str, Any]:
    facts = {
        "CURRENCY": row.currency,
        "LEAST": f"{Money(row.least_minor, row.currency).amount:f}",
        "MOST": f"{Money(row.most_minor, row.currency).amount:f}",
        "RATE": f"{row.rate.normalize():f}",
        "RATE_PER": row.rate_per,
        "KIND": "LOAN",
    }
    return _shape(row.product.code, row.product.name, row.product.about, facts)


def _shape(code: str, name: str, about: str, facts: dict[str, str]) -> dict[str, Any]:
    attributes = [
        {"product_code": code, "product_attribute_id": f"{code}-{key}", "name": key, "type": "STRING", "value": value}
        for key, value in facts.items()
    ]
    return {
        "bank_id": bank_id(), "product_code": code, "parent_product_code": "", "name": name, "more_info_url": "",
        "terms_and_conditions_url": f"{settings.PUBLIC_ADDRESS}/tariffs", "description": str(about),
        "meta": _LICENCE, "attributes": attributes, "fees": [],
    }  # fmt: skip
