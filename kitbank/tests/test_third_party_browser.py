"""A third party's whole way in Chromium: a developer signs up and pays in the sandbox; two of the staff let the app go
live; a customer confirms a payment on the bank's page; the app's server is told of both. The customer then links their
accounts at another bank and sees them beside their own. No page is wider than the phone.
"""

import base64
import hashlib
import os
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from apps.accounts.testing import balance_of, make_account
from apps.gateway import operations as webhooks
from apps.gateway.testing import server_of_somebody
from apps.kernel.clock import now
from apps.kernel.testing import deliver_events
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import code_sent_to
from apps.open_banking import operations as open_banking
from apps.open_banking.models import LinkedAccount, ThirdPartyApp
from apps.open_banking.operations import BankTerms, sandbox
from apps.open_banking.testing import make_key
from apps.users.queries import system_user
from apps.users.testing import PASSWORD, make_customer, make_staff
from simulators.providers import obp_bank
from simulators.testing import running

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BACK = "https://bajeti.example/callback"
VERIFIER = "a-verifier-of-more-than-forty-three-characters-1234"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
BANK = "/obp/v5.1.0/banks/kitbank.ke"


class App:
    """The third party's own program, over HTTP."""

    def __init__(self, root, client_id, secret):
        self.http = httpx.Client(base_url=root)
        self.client_id, self.secret = client_id, secret

    def token(self, **form):
        answer = self.http.post("/oauth/token", data=form, auth=(self.client_id, self.secret))
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def lodge(self, number, amount):
        own = self.token(grant_type="client_credentials", scope="payments")
        wish = {"consent_type": "PIS", "amount": {"amount": amount, "currency": "KES"}, "reference": "Invoice 7",
                "creditor": {"account": number}}  # fmt: skip
        answer = self.http.post("/api/v1/consents/", json=wish, headers=own)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def page_for(self, consent):
        asked = {
            "client_id": self.client_id, "response_type": "code", "redirect_uri": BACK, "state": "s1",
            "scope": f"openid payments consent:{consent}", "code_challenge": CHALLENGE, "code_challenge_method": "S256",
        }  # fmt: skip
        return f"/oauth/authorize?{urlencode(asked)}"

    def pay(self, address, account, to, amount):
        code = parse_qs(urlsplit(address).query)["code"][0]
        held = self.token(grant_type="authorization_code", code=code, redirect_uri=BACK, code_verifier=VERIFIER)
        body = {"to": {"bank_id": "kitbank.ke", "account_id": to}, "description": "Invoice 7",
                "value": {"currency": "KES", "amount": amount}}  # fmt: skip
        headers = held | {"x-idempotency-key": "invoice-7"}
        return self.http.post(f"{BANK}/accounts/{account}/transactions", json=body, headers=headers).json()


def _there(route):
    route.fulfill(body="<h1>Back at Bajeti</h1>", content_type="text/html")


class Window:
    """A person's phone, which keeps what went wrong on it."""

    def __init__(self, chromium, root):
        self.context = chromium.new_context(viewport={"width": 390, "height": 844})
        self.page, self.root, self.wrong = self.context.new_page(), root, []
        self.page.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)
        self.page.route(
            f"{BACK}**", lambda route: route.fulfill(body="<h1>Back at Bajeti</h1>", content_type="text/html")
        )

    def go(self, path):
        self.page.goto(f"{self.root}{path}")

    def sign_in(self, user):
        self.page.fill("#id_login", str(user.phone))
        self.page.fill("#id_password", PASSWORD)
        self.page.press("#id_password", "Enter")

    def begin_work(self, user):
        self.go("/workbench/")
        self.sign_in(user)
        self.page.wait_for_url("**/login/code**")
        self.page.fill("input[name=code]", code_sent_to(str(user.phone)))
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/workbench/")

    def shows(self, name, words):
        self.page.get_by_text(words).first.wait_for()
        self.page.wait_for_load_state()  # its style sheet too
        assert self.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
        if folder := os.environ.get("KITBANK_PICTURES"):
            for width in (1440, 390):
                self.page.set_viewport_size({"width": width, "height": 844})
                self.page.screenshot(path=f"{folder}/third-party-{name}-{width}.png", full_page=True)

    def back(self):
        self.page.get_by_text("Back at Bajeti").wait_for()
        return self.page.url


def told(server):
    """What the app's server heard, once everything that waits was sent."""
    deliver_events()
    while webhooks.visit_next(at=now()):
        pass
    return [headers["X-KitBank-Event"] for headers, _body in server.got]


def becomes_a_developer(window, user, hook):
    """Sign-up, an app, its secret, a webhook."""
    page = window.page
    window.go("/developers/")
    page.click("text=Your apps")
    window.sign_in(user)
    page.fill("#id_organisation", "Bajeti Ltd")
    page.click("text=Become a developer")
    page.fill("#id_name", "Bajeti Yangu")
    page.fill("#id_redirect_uris", BACK)
    page.check("input[name=scopes][value=payments]")
    window.shows("register", "Where customers return to")
    page.click("main form.card button")
    window.shows("secret", "it is shown this once")
    secret = page.locator(".once").nth(1).inner_text().strip()
    window.go("/developers/webhooks")
    page.fill("#id_url", hook)
    page.check("text=payment.status")
    page.click("text=Add it")
    window.shows("webhook", "I have kept it")
    return secret


def goes_live(maker, checker, app):
    """One of the staff looks at the app and asks a colleague, who does it."""
    maker.go("/workbench/queues/apps/")
    maker.page.click(f"text={app.name}")
    maker.shows("queue", "Approving takes a second person.")
    maker.page.select_option("#id_act", "approve")
    maker.page.fill("#id_reason", "Known to the bank")
    maker.page.click("text=Do it")
    maker.page.get_by_text("Another member of staff must decide").wait_for()
    checker.go(urlsplit(maker.page.url).path)
    checker.shows("approval", "Known to the bank")
    checker.page.click("button[value=approve]")
    checker.page.get_by_text("Approved").first.wait_for()


def links_the_other_bank(phone):
    """From the page of accounts to the other bank's own and back, then what stands beside one's own."""
    page = phone.page
    phone.go("/accounts/linked/add")
    page.select_option("#id_bank", label=obp_bank.CALLED)
    phone.shows("link", "we never see your password")
    page.click("text=Go on")
    phone.shows("link-go", "Its address")
    page.click(f"text=Go on at {obp_bank.CALLED}")
    phone.shows("other-bank", obp_bank.CALLED)
    page.locator("a[href*='code=']").click()
    page.wait_for_url("**/accounts/linked")
    phone.shows("linked", "Last read")
    phone.go("/money")
    phone.shows("money", "not in the sum above")
    page.click("text=Mshahara")
    phone.shows("linked-lines", "Movements")
    assert page.locator("ul.lines li").count() > 5


def test_from_sign_up_to_a_payment_that_a_customer_confirmed(chromium, live_server, settings, tmp_path):
    settings.PUBLIC_ADDRESS = live_server.url
    make_key()
    developer = make_customer()
    customer, payee = make_account(balance="1000"), make_account()
    maker = Window(chromium, live_server.url)
    with server_of_somebody() as server:
        secret = becomes_a_developer(maker, developer, server.url)
        row = ThirdPartyApp.objects.select_related("developer").get()
        app = App(live_server.url, row.client_id, secret)

        people = {one.which: one for one in sandbox.make(developer=row.developer, at=now())}
        pays, paid = people["wanjiku"].accounts.order_by("pk").first(), people["otieno"].accounts.get()
        maker.go("/developers/sandbox")
        maker.shows("sandbox", "The answer to every challenge")
        maker.go(app.page_for(app.lodge(paid.number, "250.00")))
        maker.page.check(f"input[value='{pays.public_id}']")
        maker.page.fill("#id_code", "123456")
        maker.shows("sandbox-decide", "One payment, this amount, to nobody else.")
        maker.page.click("text=Allow")
        made = app.pay(maker.back(), str(pays.public_id), str(paid.public_id), "250.00")
        assert made["status"] == "COMPLETED", made
        assert told(server) == ["payment.status"]

        staff = [Window(chromium, live_server.url) for _nth in range(2)]
        for window in staff:
            window.begin_work(make_staff("ADMIN"))
        goes_live(*staff, row)
        phone = Window(chromium, live_server.url)
        phone.go(app.page_for(app.lodge(payee.number, "250.00")))
        phone.sign_in(customer.owner)
        phone.shows("decide", "What it asks for")
        phone.page.check(f"input[name=account][value='{customer.pk}']")
        phone.page.click("main form button[value=choose]")
        phone.page.locator("button[name=way][value=SMS]").click()
        phone.page.fill("#id_code", code_sent_to(str(customer.owner.phone)))
        phone.shows("prove", "Prove that it is you")
        phone.page.press("#id_code", "Enter")
        chosen = phone.back()
        own = app.token(grant_type="client_credentials", scope="payments")
        given = app.http.get("/api/v1/consents/", headers=own).json()["results"][0]
        made = app.pay(chosen, given["account_ids"][0], payee.number, "250.00")
        assert (made["status"], balance_of(payee)) == ("COMPLETED", "250.00"), made
        phone.go(f"/settings/consent/{given['id']}")
        phone.shows("consent", "What it paid")
        assert told(server) == ["payment.status"] * 2
    with running(tmp_path / "other") as there:
        terms = BankTerms(
            name=obp_bank.CALLED, address=there.address, bank_id=obp_bank.BANK, client_id=obp_bank.CLIENT,
            client_secret=obp_bank.SECRET,
        )  # fmt: skip
        open_banking.keep_other_bank(terms=terms, by=system_user(), at=now())
        links_the_other_bank(phone)
    assert LinkedAccount.objects.filter(link__user=customer.owner).count() == 2
    for window in (maker, phone, *staff):
        assert window.wrong == []
        window.context.close()
    assert_books_balance()
