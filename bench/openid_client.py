"""What npm's `openid-client`, a certified relying party, does with this bank: discovery, PKCE, refresh, revocation.

The package is no part of the bank. `python -m bench.openid_client install` puts it under var/ (it needs node and npm);
without it the figure is missing, and the table says so. The bank is served over HTTP; its customer is played here, page
by page, as a browser without JavaScript would.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.common import Options, Result, main
from bench.web import served
from kitbank.local import node

STEPS = 7


def run(options: Options) -> list[Result]:
    """How many of the steps it completed; a step that fails ends it."""
    if reason := node.missing():
        print(f"!! {reason}: the figure of {node.WANTED} is missing", flush=True)
        return []
    with served() as port:
        done = steps_done(f"http://127.0.0.1:{port}")
    return [
        Result("steps that npm's openid-client completes", len(done), at_least=STEPS, unit="", note=", ".join(done))
    ]


def steps_done(issuer: str) -> list[str]:
    """What it completed against the bank that is served there, in the database of this process."""
    from django.conf import settings
    from django.test.utils import override_settings

    from apps.accounts.testing import make_account
    from apps.open_banking.testing import RETURNS_TO, lodge, make_app

    made, account = make_app(), make_account(balance="5000")
    facts = {
        "issuer": issuer, "client_id": made.app.client_id, "client_secret": made.secret, "redirect_uri": RETURNS_TO,
        "scope": f"openid profile accounts consent:{lodge(made.app).public_id}", "packages": str(node.PLACE),
    }  # fmt: skip
    done: list[str] = []
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    script = Path(__file__).with_name("openid_client.mjs")
    here = {"PUBLIC_ADDRESS": issuer, "OAUTH2_PROVIDER": {**settings.OAUTH2_PROVIDER, "OIDC_ISS_ENDPOINT": issuer}}
    with override_settings(**here), subprocess.Popen([str(node.found()), str(script)], **pipes) as client:
        if client.stdin is None or client.stdout is None:
            raise RuntimeError("the client has no pipes")
        print(json.dumps(facts), file=client.stdin, flush=True)
        for line in client.stdout:
            said = json.loads(line)
            if "open" in said:
                print(json.dumps({"back": _let_in(said["open"], account)}), file=client.stdin, flush=True)
            else:
                done.append(said["step"])
    return done


def _let_in(address: str, account: Any) -> str:
    """The customer signs in, chooses the account, proves it, and is led back to the app."""
    from apps.open_banking.tests.browser import browser_of, let_in

    return str(let_in(browser_of(account.owner, SERVER_NAME="127.0.0.1"), address, account)["Location"])


if __name__ == "__main__":
    if sys.argv[1:] == ["install"]:
        sys.exit(0 if node.install() else "npm could not install it")
    else:
        main(run)
