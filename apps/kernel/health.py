"""Whether the process lives, whether it can serve, and its figures for Prometheus."""

import ipaddress
import os
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from kombu import Connection
from kombu.exceptions import OperationalError as BrokerError
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess

from apps.kernel import metrics
from apps.kernel.queries import outbox_state

OUTBOX_TOO_OLD = 60.0  # seconds: the relay and its sweeper are both down


def healthz(_request: HttpRequest) -> JsonResponse:
    """The process lives."""
    return JsonResponse({"status": "ok"})


def readyz(_request: HttpRequest) -> JsonResponse:
    """Database, outbox, cache and broker can be used; 503 says which cannot."""
    parts = {"database": _database(), "outbox": _outbox(), "cache": _cache(), "broker": _broker()}
    ready = all(state["ok"] for state in parts.values())
    return JsonResponse({"status": "ok" if ready else "unavailable", "parts": parts}, status=200 if ready else 503)


def prometheus(request: HttpRequest) -> HttpResponse:
    """Figures, for the internal network only."""
    if not _is_internal(request.META.get("REMOTE_ADDR", "")):
        return HttpResponse(status=404)
    state = outbox_state()
    metrics.outbox_waiting.set(state.waiting)
    metrics.outbox_parked.set(state.parked)
    registry: CollectorRegistry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _is_internal(address: str) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return ip.is_loopback or ip.is_private


def _database() -> dict[str, Any]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError:
        return {"ok": False, "why": "the database does not answer"}
    return {"ok": True}


def _outbox() -> dict[str, Any]:
    try:
        state = outbox_state()
    except OperationalError:
        return {"ok": False, "why": "the database does not answer"}
    late = state.oldest_seconds > OUTBOX_TOO_OLD
    return {"ok": not late, "oldest_seconds": round(state.oldest_seconds, 1), "parked": state.parked}


def _cache() -> dict[str, Any]:
    try:
        cache.set("readyz", 1, 5)
        ok = cache.get("readyz") == 1
    except (OperationalError, ConnectionError, OSError):
        ok = False
    return {"ok": ok}


def _broker() -> dict[str, Any]:
    try:
        options = getattr(settings, "CELERY_BROKER_TRANSPORT_OPTIONS", {})
        with Connection(settings.CELERY_BROKER_URL, transport_options=options, connect_timeout=2) as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
    except (OSError, BrokerError) as problem:
        return {"ok": False, "why": type(problem).__name__}
    return {"ok": True}
