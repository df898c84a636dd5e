"""The simulators as an installable app, for its one command."""

from django.apps import AppConfig


class SimulatorsConfig(AppConfig):
    """Development and tests only."""

    name = "simulators"
    verbose_name = "Simulators"
