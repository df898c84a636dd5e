"""A second bank in a process and a database of its own, for the test that links one bank to another.

It tells on its first line what the other side must know, then does what each line asks: `open <address>` lets the
caller in as the customer would, `move` pays the customer something, `revoke` stops every app they let in.
"""

import json
import os
import sys
import threading
from socketserver import ThreadingMixIn
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django

BANK_ID = "other.ke"


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


def main(returns_to):
    """Serve until there is nothing more to read."""
    django.setup()
    from django.core.wsgi import get_wsgi_application
    from django.test.utils import setup_test_environment

    from apps.accounts.testing import make_account
    from apps.open_banking.testing import make_app, make_key

    setup_test_environment()
    make_key()
    root = os.environ["PUBLIC_ADDRESS"]
    server = make_server(
        "127.0.0.1", urlsplit(root).port, get_wsgi_application(), server_class=_Server, handler_class=_Quiet
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    account, made = make_account(balance="5000"), make_app(redirect_uris=[returns_to], scopes=["accounts"])
    _tell(client_id=made.app.client_id, secret=made.secret, label=account.name)
    for asked in sys.stdin:
        what, _space, rest = asked.strip().partition(" ")
        _tell(said=_DO[what](account, rest))


def _open(account, address):
    from apps.open_banking.tests.browser import browser_of, let_in

    return let_in(browser_of(account.owner, SERVER_NAME="127.0.0.1"), address, account)["Location"]


def _move(account, amount):
    from apps.accounts.testing import give

    give(account, amount)
    return amount


def _revoke(account, _rest):
    from apps.kernel.clock import now
    from apps.open_banking import operations
    from apps.open_banking.models import Consent

    for consent in Consent.objects.owned_by(account.owner).live(now()):
        operations.revoke(consent=consent, by=account.owner, at=now())
    return "revoked"


_DO = {"open": _open, "move": _move, "revoke": _revoke}


def _tell(**facts):
    sys.stdout.write(f"{json.dumps(facts)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
