"""Migrating an empty database in a part of the time: a table that changes is read alone, without its neighbours.

Before each step Django builds the classes of all models anew that are related to one the changed model points to.
Where everything points to a person that is nearly everything, for every constraint. The statements for a table need
its own class alone. A step in Python gets the models it names and those they point to, fresh as they are by then,
where Django would build all of them anew. That the same tables and rows come of it was compared: decision 0023.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from django.core.management import call_command
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython
from django.db.migrations.state import ProjectState, StateApps
from django.db.migrations.utils import resolve_relation
from django.db.models import Model

Key = tuple[str, str]


def migrate() -> None:
    """`manage.py migrate`, silent, on the default connection."""
    with _alone():
        call_command("migrate", interactive=False, verbosity=0)


class NeededApps(StateApps):
    """The models of a state, each built when it is asked for, together with those it points to."""

    def __init__(self, state: ProjectState) -> None:
        super().__init__(list(state.real_apps), {})
        self.states = state.models

    def get_model(self, app_label: str, model_name: str | None = None, require_ready: bool = True) -> type[Model]:  # noqa: FBT001, FBT002 Django's own
        """The model as it is at that step; `LookupError` where there is none."""
        if model_name is None:
            app_label, model_name = app_label.split(".")
        needed: dict[Key, None] = {}
        self._gather((app_label, model_name.lower()), needed)
        self.render_multiple([self.states[key] for key in needed])
        return super().get_model(app_label, model_name, require_ready)

    def _gather(self, key: Key, needed: dict[Key, None]) -> None:
        known = self.all_models.get(key[0], {})
        if key in needed or key not in self.states or key[1] in known:
            return
        needed[key] = None
        state = self.states[key]
        for base in state.bases:
            if isinstance(base, str):
                self._gather(resolve_relation(base, *key), needed)
        for field in state.fields.values():
            if field.remote_field:
                self._gather(resolve_relation(field.remote_field.model, *key), needed)
                through = getattr(field.remote_field, "through", None)
                if through:
                    self._gather(resolve_relation(through, *key), needed)


@contextmanager
def _alone() -> Iterator[None]:
    def changed_alone(
        self: ProjectState,
        app_label: str,
        model_name: str,
        delay: bool = False,  # noqa: FBT001, FBT002 Django's own
    ) -> set[Key]:
        self.is_delayed = True
        return {(app_label, model_name.lower())}

    def with_what_it_needs(
        self: RunPython,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        from_state.is_delayed = False  # or Django would throw away what is put here
        from_state.__dict__["apps"] = NeededApps(from_state)
        usual(self, app_label, schema_editor, from_state, to_state)

    usual = RunPython.database_forwards

    with (
        patch.object(ProjectState, "_find_reload_model", changed_alone),
        patch.object(RunPython, "database_forwards", with_what_it_needs),
    ):
        yield
