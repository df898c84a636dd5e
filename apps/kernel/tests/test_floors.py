"""Foreign keys obey the floors that .importlinter gives to imports: they point down, or to the person."""

import configparser
from pathlib import Path

from django.apps import apps
from django.conf import settings

CONTRACT = Path(settings.ROOT) / ".importlinter"


def floors() -> dict[str, int]:
    """App label to floor, the ground being 0, read from the contract itself."""
    parser = configparser.ConfigParser()
    parser.read(CONTRACT)
    layers = parser["importlinter:contract:floors"]["layers"].strip().splitlines()
    return {
        name.strip().strip("()"): height for height, layer in enumerate(reversed(layers)) for name in layer.split("|")
    }


def upward_keys(height: dict[str, int]) -> list[str]:
    found = []
    for model in apps.get_models():
        app = model._meta.app_label
        if app not in height:
            continue
        for field in model._meta.get_fields():
            target = getattr(field, "related_model", None)
            if not target or field.auto_created or target._meta.app_label not in height:
                continue
            if target._meta.label == settings.AUTH_USER_MODEL:
                continue
            there = target._meta.app_label
            if there != app and height[there] >= height[app]:
                found.append(f"{model._meta.label}.{field.name} -> {target._meta.label}")
    return found


def test_every_app_has_a_floor():
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("apps.")}
    assert ours <= set(floors())


def test_foreign_keys_point_down():
    assert upward_keys(floors()) == []


def test_would_notice_a_key_that_points_up():
    upside_down = {name: -height for name, height in floors().items()}
    assert any(key.startswith("accounts.CashMovement.approval") for key in upward_keys(upside_down))


def test_the_settings_list_apps_in_floor_order():
    height = floors()
    ours = [name.removeprefix("apps.") for name in settings.INSTALLED_APPS if name.startswith("apps.")]
    assert [height[name] for name in ours] == sorted(height[name] for name in ours)
