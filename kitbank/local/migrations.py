"""Migrating an empty database in a part of the time: a table that changes is read alone, without its neighbours.

Before each step Django builds the classes of all models anew that are related to one the changed model points to.
Where everything points to a person that is nearly everything, for every constraint. The statements for a table need
its own class alone; and what needs neighbours as they are by then, a step in Python, builds all of them anew by itself,
because the state says that this was put off. That the same tables come of it was compared: decision 0023.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db.migrations.state import ProjectState


def migrate() -> None:
    """`manage.py migrate`, silent, on the default connection."""
    with _alone():
        call_command("migrate", interactive=False, verbosity=0)


@contextmanager
def _alone() -> Iterator[None]:
    usual = ProjectState._find_reload_model  # type: ignore[attr-defined]  # private to Django

    def changed_alone(
        self: ProjectState,
        app_label: str,
        model_name: str,
        delay: bool = False,  # noqa: FBT001, FBT002 Django's own
    ) -> set[tuple[str, str]]:
        self.is_delayed = True
        return {(app_label, model_name.lower())}

    ProjectState._find_reload_model = changed_alone  # type: ignore[attr-defined]  # private to Django
    try:
        yield
    finally:
        ProjectState._find_reload_model = usual  # type: ignore[attr-defined]  # private to Django
