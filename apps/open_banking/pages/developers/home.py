"""What people can build, and the first call in five minutes."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from apps.open_banking.pages.developers.door import client_id, own_apps, show


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """`/developers/`."""
    return show(request, "home", "home")


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """`/developers/start`: from nothing to a consent that waits, with the reader's own client id in each command."""
    root, key = settings.PUBLIC_ADDRESS, client_id(request)
    token = f"curl -u {key}:$SECRET {root}/oauth/token \\\n  -d grant_type=client_credentials -d scope=accounts"
    lodge = (
        f'curl {root}/api/v1/consents -H "Authorization: Bearer $TOKEN" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        '  -d \'{"balances_access": true, "purpose": "Your budget"}\''
    )
    calls = {"first": f"curl {root}/obp/v5.1.0/banks", "token": token, "lodge": lodge}
    return show(request, "start", "home", calls=calls, has_app=bool(own_apps(request)))
