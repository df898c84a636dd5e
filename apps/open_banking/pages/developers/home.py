"""What people can build, and the first call in five minutes."""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from apps.open_banking.pages.developers.door import client_id, own_apps, show

# The pair of RFC 7636, appendix B, so that the first call needs no program; the page says to make one's own afterwards.
_VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
_CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """`/developers/`."""
    return show(request, "home", "home")


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """`/developers/start`: from nothing to a first read in the sandbox, with the reader's own app in each command."""
    root, key, apps = settings.PUBLIC_ADDRESS, client_id(request), own_apps(request)
    back = str(apps[0].redirect_uris).split()[0] if apps else "YOUR_REDIRECT_URI"
    lodge = (
        f'curl {root}/api/v1/consents/ -H "Authorization: Bearer $OWN" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        '  -d \'{"balances_access": true, "transactions_access": true, "purpose": "Your budget"}\''
    )
    asks = {"response_type": "code", "client_id": key, "redirect_uri": back, "state": "first", "nonce": "first",
            "code_challenge": _CHALLENGE, "code_challenge_method": "S256"}  # fmt: skip
    calls = {
        "first": f"curl {root}/obp/v5.1.0/banks",
        "token": f"curl -u {key}:$SECRET {root}/oauth/token \\\n  -d grant_type=client_credentials -d scope=accounts",
        "lodge": lodge,
        "ask": f"{root}/oauth/authorize?{urlencode(asks)}&scope=openid%20accounts%20consent:$CONSENT",
        "exchange": f"curl -u {key}:$SECRET {root}/oauth/token -d grant_type=authorization_code \\\n"
        f"  -d code=$CODE -d redirect_uri={back} \\\n  -d code_verifier={_VERIFIER}",
        "read": f'curl {root}/obp/v5.1.0/my/accounts -H "Authorization: Bearer $TOKEN"',
    }
    return show(request, "start", "home", calls=calls, has_app=bool(apps))
