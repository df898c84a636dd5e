"""What the catalogue says of roles holds for the whole table, whoever rewrites it."""

import pytest

from apps.portals.tests.permissions import table
from apps.portals.tests.permissions.people import COLUMNS

NAMES = list(COLUMNS)
ROWS = {key: dict(zip(NAMES, letters, strict=True)) for key, letters in table.read().items()}
WRITES = {"post", "put", "patch", "delete"}
PUBLIC = (
    ".well-known/", "my/logins/direct", "oauth/", "obp/",  # third parties: their tokens are asked for behind the door
    "api/docs", "api/redoc", "api/schema", "api/v1/auth/", "api/v1/token/", "borrow/apply", "components/",
    "developers/", "docs/", "errors/", "healthz", "help", "join", "login", "logout", "manifest", "me/", "metrics",
    "offline", "readyz", "redoc/", "service-worker", "tariffs", "verify/", "webhooks/", "welcome", "workbench/logout/",
)  # fmt: skip
BACK = ("workbench/", "compliance/", "api/v1/admin/", "api/v1/audit/")
# Auditors verify, ask about their own connections and withdraw what they asked for; they try out bad times on figures.
AUDITED = (
    "api/v1/audit/audit-logs/verify", "api/v1/admin/approvals/", "api/v1/admin/staff/me/", "api/v1/analytics/",
    "workbench/",
)  # fmt: skip


def opened(who, rows=None):
    return {key for key, row in (rows or ROWS).items() if row[who] == "+"}


def beginning(*starts):
    return {key: row for key, row in ROWS.items() if key[0].startswith(starts)}


def test_the_public_opens_public_doors_only():
    assert {route for route, _act in opened("nobody") if not route.startswith(PUBLIC)} == set()


def test_customers_open_no_door_of_the_staff():
    found = {route for route, _act in opened("CUSTOMER", beginning(*BACK))} - {"workbench/logout/"}
    assert found == set()


def test_nobody_adds_changes_or_deletes_in_a_standard_list():
    lists = {route for route, act in ROWS if act == "see"}
    assert lists
    acts = [ROWS[route, act] for route in lists for act in ("add", "change", "delete")]
    assert {letter for row in acts for letter in row.values()} == {"-"}


def test_auditors_write_nothing():
    staffs = {key for key in opened("AUDITOR") if key[1] in WRITES} - opened("CUSTOMER") - opened("NO_ROLE")
    assert {route for route, _act in staffs if not route.startswith(AUDITED)} == set()


@pytest.mark.parametrize(
    "role", [name for name in NAMES if name not in {"SUPER_ADMIN", "ADMIN", "COMPLIANCE_OFFICER", "MLRO"}]
)
def test_the_console_is_not_there_for_the_rest(role):
    found = opened(role, beginning("compliance/", "api/v1/admin/compliance/aml", "api/v1/admin/compliance/cases",
                                   "api/v1/admin/compliance/sar", "api/v1/audit/staff-alerts"))  # fmt: skip
    if role == "AUDITOR":  # reads the registers of data protection, and the bank's taxes
        readable = ("compliance/privacy", "compliance/taxes")
        found -= {(route, act) for route, act in found if route.startswith(readable) and act == "get"}
    assert found == set()


def test_a_refusal_never_tells_who_is_signed_in_that_there_is_a_console():
    know_nothing = [name for name in NAMES if name != "nobody" and not opened(name, beginning("compliance/"))]
    assert "TELLER" in know_nothing
    assert "-" not in {row[name] for row in beginning("compliance/").values() for name in know_nothing}


def test_analysts_open_no_customer():
    found = opened("ANALYST", beginning("api/v1/admin/users", "api/v1/admin/transactions", "workbench/customer",
                                        "workbench/users", "workbench/accounts"))  # fmt: skip
    assert found == set()


def test_support_touches_no_money():
    money = beginning(
        "api/v1/cash/", "workbench/teller", "api/v1/admin/transactions/<int:pk>/refund", "api/v1/mpesa/susp"
    )
    assert opened("SUPPORT_AGENT", money) == set()


def test_only_the_super_administrator_manages_staff():
    rows = {key: row for key, row in beginning("api/v1/admin/staff/", "workbench/staff/").items()
            if key[1] in WRITES and key[0].startswith("api/") and "/me/" not in key[0]}  # fmt: skip
    assert rows
    assert {name for row in rows.values() for name in NAMES if row[name] == "+"} == {"SUPER_ADMIN"}


def test_no_role_opens_what_the_super_administrator_does_not():
    staff = [name for name in NAMES if name not in {"nobody", "CUSTOMER", "SUPER_ADMIN"}]
    assert {
        key for key, row in ROWS.items() if row["SUPER_ADMIN"] == "-" and "+" in {row[name] for name in staff}
    } == set()
