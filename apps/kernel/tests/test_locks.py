"""Work of one name is done by one process at a time; others hear so at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from apps.kernel import locks


def seen_elsewhere(name: str) -> bool:
    """What another session hears meanwhile."""

    def ask() -> bool:
        try:
            with locks.alone(name) as is_alone:
                return is_alone
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(ask).result()


@pytest.mark.django_db(transaction=True)
def test_one_at_a_time_by_name_and_free_again_afterwards_whatever_happened():
    with locks.alone("test.sweep") as is_alone:
        assert is_alone
        assert not seen_elsewhere("test.sweep")
        assert not seen_elsewhere("test.sweep")  # who was refused has not opened it
        assert seen_elsewhere("test.other")
    assert seen_elsewhere("test.sweep")
    with pytest.raises(RuntimeError), locks.alone("test.sweep"):
        raise RuntimeError("the work failed")
    assert seen_elsewhere("test.sweep")
