"""What pages load is packed once, and again when a file of it has changed."""

import gzip

import pytest
from django.contrib.staticfiles import finders

from kitbank.local import packing, places


@pytest.fixture
def style(tmp_path, monkeypatch, settings):
    """One stylesheet, and nothing else to pack."""
    given = tmp_path / "given"
    given.mkdir()
    settings.STATICFILES_DIRS = [given]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "kitbank.local.packing.Gzipped"}}
    monkeypatch.setattr(places, "STATIC", tmp_path / "static")
    monkeypatch.setattr(places, "PACKED", tmp_path / "packed")
    finders.get_finder.cache_clear()
    yield given / "page.css"
    finders.get_finder.cache_clear()


def test_packs_what_changed_and_leaves_nothing_old_behind(style):
    style.write_text("p{margin:0}" * 100)
    assert packing.pack()
    assert not packing.pack()
    packed = places.STATIC / "page.css.gz"
    assert gzip.decompress(packed.read_bytes()).decode() == style.read_text()
    assert packed.stat().st_size < 100
    style.rename(style.with_name("other.css"))
    assert packing.pack()
    assert {one.name for one in places.STATIC.iterdir()} == {"other.css", "other.css.gz"}


def test_packs_again_what_was_being_packed_when_it_was_killed(style, monkeypatch):
    style.write_text("p{margin:0}" * 100)
    packing.pack()
    style.write_text("p{margin:1px}" * 100)
    with monkeypatch.context() as broken:
        broken.setattr(packing, "call_command", lambda *_given, **_named: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            packing.pack()
    assert packing.pack()
    assert (places.STATIC / "page.css").read_text() == style.read_text()
