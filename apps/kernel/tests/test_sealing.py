"""A column in clear becomes a sealed one: each row once, in its own place, found by its fingerprint."""

import uuid

import pytest
from django.db import connection

from apps.kernel import cipher, sealing
from apps.kernel.known import known_as

TABLE = "kernel_to_be_sealed"


@pytest.mark.django_db
def test_seals_every_row_in_batches_and_takes_none_twice(monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 2)
    clear = [("0712", "Wanjiku"), ("0713", ""), ("", "Otieno"), ("", ""), ("0712", "Njeri")]
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE {TABLE} (id bigserial, public_id uuid, old_phone text, old_name text,"
            " phone bytea, phone_print bytea, name bytea) ON COMMIT DROP"
        )
        rows = [(uuid.uuid4(), *one) for one in clear]
        cursor.executemany(f"INSERT INTO {TABLE} (public_id, old_phone, old_name) VALUES (%s, %s, %s)", rows)
        columns = {"old_phone": "phone", "old_name": "name"}
        done = [sealing.seal_clear(TABLE, columns, prints={"phone": "phone_print"}) for _nth in range(2)]
        assert done == [4, 0]
        cursor.execute(f"SELECT public_id, phone, name, phone_print FROM {TABLE} ORDER BY id")
        sealed = cursor.fetchall()
    for (public_id, phone, name, found), was in zip(sealed, clear, strict=True):
        assert [_opened(phone, f"phone:{public_id}"), _opened(name, f"name:{public_id}")] == list(was)
        assert (bytes(found) if found else b"") == (cipher.fingerprint(was[0], f"{TABLE}.phone") if was[0] else b"")


def _opened(value, place):
    return cipher.unseal(bytes(value), f"{TABLE}.{place}").decode() if value is not None else ""


@pytest.mark.django_db
def test_places_become_keys_in_batches_and_keys_stay(monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 2)
    places = [f"mpesa/+25471200000{n}" for n in (1, 2, 3, 1)] + ["accounts/7", "", "bank/01/99", "203.0.113.7"]
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE {TABLE} (id bigserial, payee text) ON COMMIT DROP")
        cursor.executemany(f"INSERT INTO {TABLE} (payee) VALUES (%s)", [(place,) for place in places])
        for _nth in range(2):
            sealing.key_clear(TABLE, "payee")
            cursor.execute(f"SELECT payee FROM {TABLE} ORDER BY id")
            assert [key for (key,) in cursor.fetchall()] == [known_as(place) for place in places]
