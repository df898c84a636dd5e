"""Each test process has its own clone, and a transactional test leaves no trace in it."""

import threading

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.backends.utils import CursorWrapper

NAMES = ["first", "second"]


@pytest.mark.django_db
def test_runs_in_a_clone_of_the_template() -> None:
    assert connection.settings_dict["NAME"].startswith("test_kitbank_")
    assert ContentType.objects.exists(), "migrated rows are there"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", NAMES)
def test_a_transactional_test_may_destroy_what_migrations_made(name: str) -> None:
    """Whichever runs second finds what the first removed."""
    assert not ContentType.objects.filter(app_label="trace").exists()
    assert ContentType.objects.exclude(app_label="trace").exists()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE django_content_type CASCADE")
    ContentType.objects.create(app_label="trace", model=name)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", NAMES)
def test_a_transactional_test_may_change_the_schema(name: str) -> None:
    """Whichever runs second finds the table, its rows and its triggers as they were."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'audit_trail_auditlog'::regclass")
        assert cursor.fetchone() != (0,)
        cursor.execute("SELECT count(*) FROM information_schema.columns WHERE column_name = 'trace'")
        assert cursor.fetchone() == (0,)
        cursor.execute("DROP TRIGGER " + _a_trigger(cursor) + " ON audit_trail_auditlog")
        cursor.execute("ALTER TABLE django_content_type ADD trace text")


def _a_trigger(cursor: CursorWrapper) -> str:
    cursor.execute(
        "SELECT quote_ident(tgname) FROM pg_trigger "
        "WHERE tgrelid = 'audit_trail_auditlog'::regclass AND NOT tgisinternal ORDER BY tgname"
    )
    return str(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", NAMES)
def test_a_transactional_test_leaves_no_row_changed(name: str) -> None:
    """Rows that migrations made are as they made them, and numbers start where they started."""
    one = ContentType.objects.order_by("pk").first()
    assert one is not None
    assert one.model != "trace"
    ContentType.objects.filter(pk=one.pk).update(model="trace")
    made = ContentType.objects.create(app_label="trace", model=name)
    assert made.pk == _SEEN.setdefault("pk", made.pk)


_SEEN: dict[str, int] = {}


@pytest.mark.django_db(transaction=True)
def test_threads_meet_in_the_same_clone() -> None:
    seen = []

    def look() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_database()")
            seen.append(cursor.fetchone()[0])
        connection.close()

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [connection.settings_dict["NAME"]] * 2
