"""What anybody may ask: which API this is, which bank, and where its identity provider stands."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt

from apps.open_banking.obp.caller import Caller
from apps.open_banking.obp.door import VERSIONS, door
from apps.open_banking.obp.refusals import Refused
from apps.open_banking.obp.shapes import bank, bank_id


def require_bank(given: str) -> None:
    """This bank, and no other. Raises Refused."""
    if given != bank_id():
        raise Refused(30001, f"Current BANK_ID is {given[:80]}")


@door(open_to_all=True)
def root(request: HttpRequest, caller: Caller | None, version: str) -> Any:
    """The API."""
    return {
        "version": version,
        "version_status": "STABLE",
        "git_commit": "",
        "stage": "",
        "connector": "kitbank",
        "hostname": settings.PUBLIC_ADDRESS,
        "local_identity_provider": settings.PUBLIC_ADDRESS,
        "hosted_by": {"organisation": settings.BANK_NAME, "email": "", "phone": "",
                      "organisation_website": settings.PUBLIC_ADDRESS},
        "hosted_at": {"organisation": "", "organisation_website": ""},
        "energy_source": {"organisation": "", "organisation_website": ""},
        "resource_docs_requires_role": False,
    }  # fmt: skip


@door(open_to_all=True)
def banks(request: HttpRequest, caller: Caller | None, version: str) -> Any:
    """All of them: one."""
    return {"banks": [bank()]}


@door(open_to_all=True)
def one_bank(request: HttpRequest, caller: Caller | None, version: str, bank_id: str) -> Any:
    """This one."""
    require_bank(bank_id)
    return bank()


@door(open_to_all=True)
def well_known(request: HttpRequest, caller: Caller | None, version: str) -> Any:
    """Where to discover the identity provider."""
    address = f"{settings.PUBLIC_ADDRESS}/.well-known/openid-configuration"
    return {"well_known_uris": [{"provider": "kitbank", "url": address}]}


@door(open_to_all=True)
def jwks_uris(request: HttpRequest, caller: Caller | None, version: str) -> Any:
    """Where its keys are."""
    return {"jwks_uris": [{"jwks_uri": f"{settings.PUBLIC_ADDRESS}/oauth/jwks"}]}


@door(open_to_all=True)
def versions(request: HttpRequest, caller: Caller | None, version: str) -> Any:
    """Every prefix that answers."""
    found = [
        {"urlPrefix": "obp", "apiStandard": "obp", "apiShortVersion": one, "API_VERSION": f"OBP{one}"}
        for one in sorted(VERSIONS)
    ]
    return {"scanned_api_versions": found}


@door("GET", "POST", "PUT", "PATCH", "DELETE", open_to_all=True)
def _nothing(request: HttpRequest, caller: Caller | None, rest: str) -> Any:
    raise Refused(10404, f"Current path is {request.path[:200]}")


@csrf_exempt
def anything_else(request: HttpRequest, rest: str = "") -> HttpResponse:
    """An address with a slash too many is the one without; any other is not there, said as clients read it."""
    if rest.endswith("/"):
        try:
            match = resolve(f"/obp/{rest.rstrip('/')}")
        except Resolver404:
            match = None
        if match is not None and match.func is not anything_else:
            found: HttpResponse = match.func(request, *match.args, **match.kwargs)
            return found
    return _nothing(request, rest=rest)  # type: ignore[no-any-return]
