"""Pages for anyone: welcome, help, what the browser needs to install the site, and the sign shown offline."""

from hashlib import sha256
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from apps.kernel.money import Money
from apps.portals.customer.door import open_page
from apps.portals.customer.pages import go, show
from apps.users.models import Branch, User

SUPPORT_PHONE, SUPPORT_PHONE_SHOWN = "+254709000100", "0709 000 100"
KEPT_OFFLINE = (
    "css/tokens.css",
    "css/pages.css",
    "js/kit.js",
    "css/fonts/figtree-latin-wght-normal.woff2",
    "img/icon.svg",
)


@require_GET
@open_page
def welcome(request: HttpRequest) -> HttpResponse:
    """What this bank is, join, sign in."""
    return go(request, "/") if isinstance(request.user, User) else show(request, "public/welcome")


@require_GET
@open_page
def help_page(request: HttpRequest) -> HttpResponse:
    """How to reach a person."""
    return show(
        request,
        "public/help",
        branches=Branch.objects.order_by("name"),
        phone=SUPPORT_PHONE,
        phone_shown=SUPPORT_PHONE_SHOWN,
        place="help",
    )


@require_GET
@open_page
def offline(request: HttpRequest) -> HttpResponse:
    """Shown without a connection: no balance, only how to reach us. The same for everyone, so it may be kept."""
    return render(request, "portals/customer/public/offline.html", {"phone_shown": SUPPORT_PHONE_SHOWN})


@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """What the browser needs to install the site."""
    icon = {"src": static("img/icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
    facts = {
        "name": "KitBank",
        "short_name": "KitBank",
        "description": _("Banking that shows money as it is"),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": "#07363F",
        "background_color": "#F5F4EF",
        "icons": [
            icon,
            *(
                {**icon, "src": static(f"img/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
                for size in (192, 512)
            ),
        ],
    }
    return JsonResponse(facts, content_type="application/manifest+json")


@require_GET
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker that keeps CSS, script, font, icon and the offline page, and nothing personal."""
    files = [static(name) for name in KEPT_OFFLINE]
    page: Any = get_template("portals/customer/public/offline.html")  # kept too: new words are a new version
    version = sha256("".join([*files, page.template.source]).encode()).hexdigest()[:12]
    facts = {"files": files, "offline": "/offline", "version": version}
    return render(request, "portals/customer/public/service-worker.js", facts, content_type="text/javascript")


@require_GET
def components(request: HttpRequest) -> HttpResponse:
    """Every component, for those who build pages; only where DEBUG is on."""
    if not settings.DEBUG:
        raise Http404
    return show(request, "public/components", amount=Money(123_450, "KES"), minus=Money(-129_000, "KES"))
