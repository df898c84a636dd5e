"""Every marked sentence of the workbench has its Kiswahili."""

import gettext

import pytest
from django.conf import settings

from apps.portals.tests.customer import test_words as words


@pytest.mark.parametrize("language", ["en", "sw"])
def test_every_sentence_of_the_workbench_is_translated(language, monkeypatch):
    monkeypatch.setattr(words, "PYTHON", ["portals/banker", "portals/tariffs.py", "fraud"])
    monkeypatch.setattr(words, "TEMPLATES", ["portals/banker", "admin"])
    with (words.ROOT / "locale" / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        held = {key[0] if isinstance(key, tuple) else key for key in gettext.GNUTranslations(file)._catalog}
    sentences = {sentence for _file, sentence in words.marked()}
    assert len(sentences) > 100, settings.ROOT
    assert sentences - held == set()
