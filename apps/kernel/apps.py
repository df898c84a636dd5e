"""The ground floor."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created
from django.utils.module_loading import autodiscover_modules


class KernelConfig(AppConfig):
    """Money, states, events, errors."""

    name = "apps.kernel"
    verbose_name = "Kernel"

    def ready(self) -> None:
        """Let every app hear the floors below it, and say what it holds of a person. Refuses bad keys."""
        if settings.BLIND_INDEX_KEY:
            import_module("apps.kernel.cipher").blind_keys()
        autodiscover_modules("subscribers")
        autodiscover_modules("personal")
        import_module("apps.kernel.relay")  # plugs the first tries of prompt subscribers in
        connection_created.connect(_keep_statements)


def _keep_statements(connection: Any, **_kwargs: Any) -> None:
    """psycopg keeps the last hundred statements prepared, and a bank asks several hundred: each came round to find
    itself forgotten, was parsed and planned anew, and another one forgotten for it.
    """
    connection.connection.prepared_max = 500
