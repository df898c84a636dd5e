"""An independent client, Authlib, does everything a relying party does, over HTTP against the whole bank."""

from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from apps.accounts.testing import make_account
from apps.open_banking.models import AccessToken, AuthorisationCode, Consent, RefreshToken
from apps.open_banking.testing import RETURNS_TO, lodge, make_app
from apps.open_banking.tests.browser import answer_of, browser_of, let_in, path_of
from apps.open_banking.tests.conftest import ROOT
from apps.open_banking.tests.test_proofs import key, key_set

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("key")]


@pytest.fixture
def made():
    return make_app()


@pytest.fixture
def known(bank):
    with httpx.Client(transport=bank, base_url=ROOT) as client:
        return client.get("/.well-known/openid-configuration").json()


def client_of(made, bank, **more):
    facts = {"client_id": made.app.client_id, "client_secret": made.secret, "redirect_uri": RETURNS_TO}
    return OAuth2Client(**facts | {"code_challenge_method": "S256", "transport": bank} | more)


def ask_for_consent(made, bank, known):
    """By the app itself: a token of its own, then a consent through the API."""
    by_itself = client_of(made, bank, scope="accounts")
    by_itself.fetch_token(known["token_endpoint"], grant_type="client_credentials")
    body = {"consent_type": "AIS", "accounts_access": True, "balances_access": True, "transactions_access": True}
    answer = by_itself.post(f"{ROOT}/api/v1/consents", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def test_discovers_signs_in_proves_reads_refreshes_and_gives_back(made, bank, known):
    account = make_account(balance="5000")
    consent = ask_for_consent(made, bank, known)
    client, verifier = client_of(made, bank), generate_token(48)
    scope = f"openid profile accounts consent:{consent}"
    address, state = client.create_authorization_url(
        known["authorization_endpoint"], code_verifier=verifier, scope=scope, nonce="n-0S6_WzA2Mj"
    )
    back = answer_of(response := let_in(browser_of(account.owner), address, account))
    assert response["Location"].startswith(RETURNS_TO)
    assert (back["state"], back["iss"]) == (state, known["issuer"])
    token = client.fetch_token(
        known["token_endpoint"], authorization_response=response["Location"], code_verifier=verifier, state=state
    )
    assert token["expires_in"] <= 600
    keys = KeySet.import_key_set(httpx.Client(transport=bank).get(known["jwks_uri"]).json())
    claims = jwt.decode(token["id_token"], keys, algorithms=["RS256"]).claims
    assert claims["iss"] == known["issuer"] == ROOT
    assert claims["aud"] == made.app.client_id or claims["aud"] == [made.app.client_id]
    assert (claims["sub"], claims["nonce"]) == (str(account.owner.public_id), "n-0S6_WzA2Mj")
    who = client.get(known["userinfo_endpoint"]).json()
    assert (who["sub"], who["name"]) == (str(account.owner.public_id), account.owner.full_name)
    assert "email" not in who
    held = client.get(f"{ROOT}/obp/v5.1.0/my/accounts").json()
    assert [one["label"] for one in held["accounts"]] == [account.name]

    first = token["refresh_token"]
    renewed = client.refresh_token(known["token_endpoint"], refresh_token=first)
    assert renewed["refresh_token"] != first
    about = client.introspect_token(known["introspection_endpoint"], token=renewed["access_token"]).json()
    assert (about["active"], about["consent_id"]) == (True, consent)
    assert client.revoke_token(known["revocation_endpoint"], token=renewed["refresh_token"]).status_code == 200
    assert client.get(known["userinfo_endpoint"]).status_code == 401
    assert Consent.objects.get(public_id=consent).status == "VALID"  # giving a token back does not end the consent
    assert not AccessToken.objects.filter(user=account.owner).exists()


def test_an_app_that_people_install_needs_no_secret_and_cannot_do_without_pkce(bank, known):
    made = make_app(is_public=True, redirect_uris=["http://127.0.0.1/callback"])
    user = make_account().owner
    port = "http://127.0.0.1:49152/callback"
    client = client_of(made, bank, client_secret=None, token_endpoint_auth_method="none", redirect_uri=port)
    verifier = generate_token(48)
    address, _state = client.create_authorization_url(
        known["authorization_endpoint"], code_verifier=verifier, scope="openid profile"
    )
    browser = browser_of(user)
    assert browser.get(path_of(address)).status_code == 200
    response = browser.post(path_of(address), {"do": "allow"})
    token = client.fetch_token(
        known["token_endpoint"], authorization_response=response["Location"], code_verifier=verifier
    )
    assert client.get(known["userinfo_endpoint"]).json()["name"] == user.full_name
    assert "refresh_token" in token


def test_keeps_no_code_and_no_token_readable(made, bank, known):
    account = make_account()
    client, verifier = client_of(made, bank), generate_token(48)
    address, _state = client.create_authorization_url(
        known["authorization_endpoint"], code_verifier=verifier, scope="openid"
    )
    browser = browser_of(account.owner)
    response = browser.post(path_of(address), {"do": "allow"})
    code = answer_of(response)["code"]
    assert not AuthorisationCode.objects.filter(code=code).exists()
    token = client.fetch_token(
        known["token_endpoint"], authorization_response=response["Location"], code_verifier=verifier
    )
    kept = {
        *AccessToken.objects.values_list("token", "token_checksum"),
        *RefreshToken.objects.values_list("token", "token_checksum"),
    }
    assert kept
    assert not {token["access_token"], token["refresh_token"]} & {value for pair in kept for value in pair}


def test_an_app_with_a_key_signs_what_it_pushes_and_what_it_fetches(bank, known):
    """Authlib's own `private_key_jwt`, at the pushed request and at the token."""
    made, account = make_app(public_keys=key_set()), make_account(balance="5")
    auth = PrivateKeyJWT(known["token_endpoint"], alg="ES256")
    private = ECKey.import_key(key().export_to_pem(private_key=True, password=None))
    client = client_of(made, bank, client_secret=private, token_endpoint_auth_method="private_key_jwt")
    client.register_client_auth_method(auth)
    verifier, scope = generate_token(48), f"openid accounts consent:{lodge(made.app).public_id}"
    address, state = client.create_authorization_url(
        known["authorization_endpoint"], code_verifier=verifier, scope=scope
    )
    endpoint = known["pushed_authorization_request_endpoint"]
    _url, _headers, body = client.client_auth("private_key_jwt").prepare("POST", endpoint, {}, urlsplit(address).query)
    pushed = httpx.Client(transport=bank).post(
        endpoint, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert pushed.status_code == 201, pushed.text
    named = urlencode({"client_id": made.app.client_id, "request_uri": pushed.json()["request_uri"]})
    response = let_in(browser_of(account.owner), f"{known['authorization_endpoint']}?{named}", account)
    token = client.fetch_token(
        known["token_endpoint"], authorization_response=response["Location"], code_verifier=verifier, state=state
    )
    assert client.get(f"{ROOT}/obp/v5.1.0/my/accounts").json()["accounts"][0]["label"] == account.name
    assert client.refresh_token(known["token_endpoint"], refresh_token=token["refresh_token"])["access_token"]
