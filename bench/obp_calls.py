"""Asks a running bank by the Open Bank Project's own generated client (`obp-python-apiv5-1`), in its own environment.

Started by `bench.obp_client`, which says on the first line where the bank is and whose tokens it may use, and answers
when a code is wanted, as a person would. It imports nothing of the bank. Each operation is told as one line: its name,
and "parsed" or why not. The client checks every field that its description calls required.
"""

import importlib
import json
import sys
from typing import Any

import obp_python
from obp_python.rest import ApiException

SEEN: set[tuple[str, str]] = set()


class Bank:
    """One caller: the client with a token of its own."""

    def __init__(self, facts: dict[str, Any], header: dict[str, str]) -> None:
        self.settings = obp_python.Configuration()
        self.settings.host = facts["address"]
        self.client = obp_python.ApiClient(self.settings)
        for name, value in header.items():
            self.client.set_default_header(name, value)

    def ask(self, place: str, operation: str, **given: Any) -> Any:
        """Call one operation and tell how it went; what was parsed, or None."""
        api = _api(place)(self.client)
        try:
            found = getattr(api, operation)(**given)
        except ApiException as no:
            said = f"{no.status} {no.body}"
        except Exception as no:  # whatever the client stumbles over is what is told
            said = f"{type(no).__name__}: {no}"
        else:
            said = "parsed"
        if (operation, said) not in SEEN:
            SEEN.add((operation, said))
            tell({"operation": operation, "said": said[:300]})
        return found if said == "parsed" else None


def _api(place: str) -> Any:
    """The class of a module, whatever capitals its generator chose."""
    module = importlib.import_module(f"obp_python.api.{place}_api")
    return next(kind for name, kind in vars(module).items() if name.endswith("Api"))


def tell(line: dict[str, Any]) -> None:
    """One line to whoever started this."""
    print(json.dumps(line), flush=True)


def want(what: str) -> Any:
    """Ask for something that only a person could know."""
    tell({"want": what})
    return json.loads(sys.stdin.readline())


def main() -> None:
    """All of it, in the order in which an app would."""
    facts = json.loads(sys.stdin.readline())
    user = Bank(facts, {"DirectLogin": f"token={facts['token']}"})
    _read(user, facts)
    _offer(user, facts)
    _pay(user, facts)
    _book(user, facts)
    _let_in(user, Bank(facts, {"Authorization": f"Bearer {facts['itself']}"}), facts)
    _consumers(facts)


def _read(user: Bank, facts: dict[str, Any]) -> None:
    at, one = {"bank_id": facts["bank"]}, {"bank_id": facts["bank"], "account_id": facts["account"]}
    seen = {**one, "view_id": "owner"}
    user.ask("user", "get_current_user")
    user.ask("user", "get_current_user_id")
    user.ask("user", "get_logout_link")
    user.ask("customer", "get_customers_for_user")
    user.ask("customer", "get_my_customers_at_any_bank")
    user.ask("entitlement", "get_entitlements_for_current_user")
    user.ask("account", "core_private_accounts_all_banks")
    user.ask("account", "get_core_account_by_id", **one)
    user.ask("account", "get_private_account_by_id_full", **seen)
    for name in ("get_private_accounts_at_one_bank", "private_accounts_at_one_bank", "get_accounts_held",
                 "get_private_account_idsby_bank_id", "get_bank_accounts_balances"):  # fmt: skip
        user.ask("account", name, **at)
    user.ask("account", "get_bank_account_balances", **one)
    user.ask("account", "get_views_for_bank_account", **one)
    user.ask("account", "check_funds_available", **seen)
    lines = user.ask("account", "get_core_transactions_for_bank_account", **one)
    user.ask("account", "get_transactions_for_bank_account", **seen)
    if lines:
        line = {**seen, "transaction_id": lines.transactions[0].id}
        user.ask("transaction", "get_transaction_by_id_for_bank_account", **line)
        user.ask("counterparty", "get_other_account_for_transaction", body={}, **line)
    user.ask("account", "get_other_accounts_for_bank_account", **seen)
    user.ask("account", "update_account_label", body={"label": "Rent"}, **one)


def _offer(user: Bank, facts: dict[str, Any]) -> None:
    at = {"bank_id": facts["bank"]}
    user.ask("api", "root")
    user.ask("api", "get_scanned_api_versions")
    user.ask("api", "get_rate_limiting_info")
    user.ask("api", "get_o_auth2_server_jwks_uris")
    user.ask("bank", "get_banks")
    user.ask("bank", "get_bank", **at)
    user.ask("bank", "get_branches", **at)
    user.ask("bank", "get_branch", branch_id=facts["branch"], **at)
    user.ask("atm", "get_atms", **at)
    user.ask("fx", "get_currencies_at_bank", body={}, **at)
    user.ask("fx", "get_current_fx_rate", body={}, from_currency_code="USD", to_currency_code="KES", **at)
    user.ask("product", "get_products", **at)
    user.ask("product", "get_product", product_code=facts["product"], **at)
    user.ask("view_system", "get_system_views_ids")
    user.ask("view_system", "get_system_view", view_id="owner")


def _pay(user: Bank, facts: dict[str, Any]) -> None:
    place = "payment_initiation_service__pis"
    seen = {"bank_id": facts["bank"], "account_id": facts["account"], "view_id": "owner"}
    value = {"value": {"currency": "KES", "amount": "10.00"}, "description": "By an app", "charge_policy": "SHARED"}
    there = {"to": {"bank_id": facts["bank"], "account_id": facts["payee"]}}
    simple = {"to": {
        "name": "Achieng", "other_bank_routing_scheme": "OBP", "other_bank_routing_address": facts["bank"],
        "other_account_routing_scheme": "AccountNumber", "other_account_routing_address": facts["payee_number"],
    }}  # fmt: skip
    back = {"refund": {"transaction_id": facts["received"], "reason_code": "CUST"}}
    bodies = {
        "account": there, "account_otp": there, "sandbox_tan": there, "simple": simple, "refund": back,
        "counterparty": {"to": {"counterparty_id": facts["counterparty"]}},
    }  # fmt: skip
    user.ask(place, "get_transaction_request_types", body={}, **seen)
    for kind, to in bodies.items():
        made = user.ask(place, f"create_transaction_request_{kind}", body={**value, **to}, **seen)
        if made is None:
            continue
        code = {"id": made.challenges[0].id if kind != "sandbox_tan" else made.challenge.id, "answer": want("code")}
        user.ask(
            place, "answer_transaction_request_challenge", body=code, transaction_request_id=made.id,
            transaction_request_type=made.type, **seen,
        )  # fmt: skip
        user.ask(place, "get_transaction_request", transaction_request_id=made.id, **seen)
    user.ask(place, "get_transaction_requests", **seen)


def _book(user: Bank, facts: dict[str, Any]) -> None:
    seen = {"bank_id": facts["bank"], "account_id": facts["account"], "view_id": "owner"}
    body = {
        "name": "Mama Mboga", "description": "", "currency": "KES", "is_beneficiary": True, "bespoke": [],
        "other_account_routing_scheme": "AccountNumber", "other_account_routing_address": facts["other_number"],
        "other_bank_routing_scheme": "OBP", "other_bank_routing_address": facts["bank"],
    }  # fmt: skip
    user.ask("account", "create_counterparty", body=body, **seen)
    user.ask("account", "get_explict_counterparties_for_account", **seen)
    one = {**seen, "counterparty_id": facts["counterparty"]}
    user.ask("counterparty", "get_explict_counterparty_by_id", **one)
    user.ask("account", "delete_explicit_counterparty", **one)


def _let_in(user: Bank, itself: Bank, facts: dict[str, Any]) -> None:
    place, at = "account_information_service__ais", {"bank_id": facts["bank"]}
    views = [{"bank_id": facts["bank"], "account_id": facts["account"], "view_id": "ReadBalances"}]
    body = {"everything": False, "views": views, "entitlements": [], "time_to_live": 3600}
    made = user.ask(place, "create_consent_sms", body=body, **at)
    if made is not None:
        answer = {"answer": want("code")}
        user.ask(place, "answer_consent_challenge", body=answer, consent_id=made.consent_id, **at)
        itself.ask(place, "get_consent_by_consent_id", consent_id=made.consent_id)
        user.ask(place, "get_consents", **at)
        user.ask(place, "get_consent_infos", **at)
        word = Bank(facts, {"Consent-JWT": made.jwt, "Consumer-Key": facts["key"]})
        word.ask("account", "core_private_accounts_all_banks")
        word.ask(place, "self_revoke_consent")
    second = user.ask(place, "create_consent_implicit", body=body, **at)
    if second is not None:
        user.ask(place, "revoke_consent", consent_id=second.consent_id, **at)
    routing = {"scheme": "AccountNumber", "address": facts["number"]}
    request = {"everything": False, "account_access": [{"account_routing": routing, "view_id": "owner"}],
               "bank_id": facts["bank"], "entitlements": [], "consumer_id": facts["key"], "phone_number": "",
               "email": "", "valid_from": "2026-01-01T00:00:00Z", "time_to_live": 3600}  # fmt: skip
    itself.ask(place, "create_consent_request", body=request)


def _consumers(facts: dict[str, Any]) -> None:
    person = Bank(facts, {"Authorization": f"Bearer {facts['person']}"})
    officer = Bank(facts, {"Authorization": f"Bearer {facts['officer']}"})
    body = {"app_name": "Budget", "app_type": "Confidential", "description": "d", "company": "Acme", "enabled": True,
            "developer_email": "dev@example.com", "redirect_url": "https://tpp.example/cb", "clientCertificate": "",
            "created_by_user_id": "", "created": "2026-01-01T00:00:00Z"}  # fmt: skip
    person.ask("consumer", "create_consumer", body=body)
    person.ask("consumer", "get_consumers_for_current_user")
    officer.ask("consumer", "get_consumers")
    one = {"consumer_id": facts["key"]}
    officer.ask("consumer", "get_consumer", **one)
    officer.ask("consumer", "get_calls_limit", **one)
    officer.ask("consumer", "enable_disable_consumers", body={"enabled": False}, **one)


main()
