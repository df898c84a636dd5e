"""How much of the Open Bank Project's API its own generated client reads: `obp-python-apiv5-1` against this bank.

The client is no part of the bank and of no requirements file. `python -m bench.obp_client install` makes its
environment under var/; without it the figure is missing, and the table says so. The bank is served as it is, over
HTTP, from a scratch database; codes that go to the customer by SMS are read where the bank would send them.
"""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

from bench.common import Options, Result, main
from bench.web import served

PLACE = Path(__file__).resolve().parents[1] / "var" / "obp-client"
WANTED = "obp-python-apiv5-1==0.0.7"
AT_LEAST = 45


def run(options: Options) -> list[Result]:
    """The number of operations that were answered with success and parsed, field by field."""
    python = PLACE / "bin" / "python"
    if not python.exists():
        print(f"!! {WANTED} is not installed (python -m bench.obp_client install): its figure is missing", flush=True)
        return []
    facts, phone = _facts()
    with served() as port:
        parsed, failed = _asked(python, facts | {"address": f"http://127.0.0.1:{port}"}, phone)
    for operation, said in failed.items():
        print(f"   not parsed: {operation}: {said}", flush=True)
    note = f"{len(failed)} were not, as told above"
    return [Result("operations that OBP's own client parses", len(parsed), at_least=AT_LEAST, unit="", note=note)]


def _facts() -> tuple[dict[str, Any], str]:
    """A customer with money, an app that may take their word, people and staff; as the client is told of them."""
    from apps.accounts.testing import make_account
    from apps.fx.testing import set_rates
    from apps.open_banking.models import AccessToken, ThirdPartyApp
    from apps.open_banking.names import account_name
    from apps.open_banking.testing import make_app, make_token
    from apps.payments.testing import begin_payment, confirmed
    from apps.payments.tests.people import save
    from apps.users.models import Branch
    from apps.users.testing import bearer, make_customer, make_staff

    set_rates()
    Branch.objects.get_or_create(code="901", defaults={"name": "Market", "town": "Kisumu"})
    app, account, payee, other = (
        make_app().app,
        make_account(balance="5000"),
        make_account(balance="500"),
        make_account(),
    )
    ThirdPartyApp.objects.update(allows_direct_login=True, rate_limit_per_minute=10_000, rate_limit_per_day=10_000)
    confirmed(begin_payment(payee, account.number, "300"))
    name, line = str(account_name(account.pk)), account.lines.order_by("-pk")[0]
    token = make_token(app, scope="direct")
    AccessToken.objects.filter(scope="direct").update(user=account.owner, is_direct=True)
    people = {who: bearer(user)["Authorization"].split()[1] for who, user in
              (("person", make_customer()), ("officer", make_staff("ADMIN")))}  # fmt: skip
    facts = {
        "bank": "kitbank.ke", "account": name, "number": account.number, "payee": str(account_name(payee.pk)),
        "payee_number": payee.number, "other_number": other.number, "token": token, "key": app.client_id,
        "itself": make_token(app, scope="accounts"), "branch": "901", "product": "SAVINGS",
        "counterparty": str(save(account.owner, payee, nickname="Rent").public_id),
        "received": f"{name[:23]}-{line.seq:012d}",
    }  # fmt: skip
    return facts | people, str(account.owner.phone)


def _asked(python: Path, facts: dict[str, Any], phone: str) -> tuple[set[str], dict[str, str]]:
    from apps.notifications.testing import code_sent_to

    parsed: set[str] = set()
    failed: dict[str, str] = {}
    script = Path(__file__).with_name("obp_calls.py")
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([str(python), str(script)], env={**os.environ, "PYTHONPATH": ""}, **pipes) as client:
        if client.stdin is None or client.stdout is None:
            raise RuntimeError("the client has no pipes")
        print(json.dumps(facts), file=client.stdin, flush=True)
        for line in client.stdout:
            said = json.loads(line)
            if "want" in said:
                print(json.dumps(code_sent_to(phone)), file=client.stdin, flush=True)
            elif said["said"] == "parsed":
                parsed.add(said["operation"])
            else:
                failed[said["operation"]] = said["said"]
    if client.returncode:
        raise RuntimeError(f"the client ended with {client.returncode}")
    return parsed, {name: why for name, why in failed.items() if name not in parsed}


def install() -> None:
    """Make the environment; needs the package index."""
    venv.create(PLACE, with_pip=True)
    subprocess.run([str(PLACE / "bin" / "python"), "-m", "pip", "install", "-q", WANTED], check=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["install"]:
        install()
    else:
        main(run)
