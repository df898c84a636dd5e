"""Cutting blocks while others write."""

import threading
import time

import pytest
from django.db import connection, transaction

from apps.audit_trail import operations as audit_trail
from apps.audit_trail import tasks
from apps.audit_trail.models import AuditLog, Seal
from apps.audit_trail.operations import seal as sealing
from apps.kernel import merkle
from apps.kernel.clock import now


def write(count: int = 1) -> list[int]:
    return [audit_trail.record("a.b.c", on="x/1", by=None, at=now()) for _ in range(count)]


@pytest.mark.django_db
def test_cuts_blocks_and_chains_their_roots(monkeypatch):
    monkeypatch.setattr(sealing, "_LEAVES", sealing._LEAVES.replace("LIMIT 1000", "LIMIT 3"))
    ids = write(7)
    assert audit_trail.seal_due(at=now()) == sealing.Sealed(blocks=3, records=7)
    seals = list(Seal.objects.order_by("number"))
    assert [seal.ids for seal in seals] == [ids[:3], ids[3:6], ids[6:]]
    assert [seal.upto for seal in seals] == [ids[2], ids[5], ids[6]]
    previous = bytes(32)
    for seal in seals:
        leaves = [bytes(seal.leaves)[i : i + 32] for i in range(0, len(seal.leaves), 32)]
        assert bytes(seal.previous_root) == previous
        previous = merkle.node_hash(previous, merkle.root(leaves))
        assert bytes(seal.root) == previous


@pytest.mark.django_db
def test_seals_each_record_once():
    write(2)
    tasks.seal_records()
    assert audit_trail.seal_due(at=now()) == sealing.Sealed(0, 0)
    ids = write()
    tasks.seal_records()
    assert Seal.objects.order_by("-number")[0].ids == ids
    assert Seal.objects.count() == 2


@pytest.mark.django_db
def test_has_nothing_to_seal_at_first():
    assert audit_trail.seal_due(at=now()) == sealing.Sealed(0, 0)


class SlowWriter(threading.Thread):
    """Draws a record id, and commits when told."""

    def __init__(self) -> None:
        super().__init__()
        self.has_written, self.may_commit = threading.Event(), threading.Event()
        self.number = 0

    def run(self) -> None:
        try:
            with transaction.atomic():
                self.number = write()[0]
                self.has_written.set()
                assert self.may_commit.wait(10)
        finally:
            connection.close()


@pytest.mark.django_db(transaction=True)
def test_waits_for_an_older_writer_and_seals_its_record_in_place():
    slow = SlowWriter()
    slow.start()
    assert slow.has_written.wait(10)
    later = write()[0]
    assert later > slow.number
    assert audit_trail.seal_due(at=now(), patience=0.2) == sealing.Sealed(0, 0, waited_out=True)
    assert not Seal.objects.exists()

    released = threading.Timer(0.3, slow.may_commit.set)
    released.start()
    started = time.monotonic()
    assert audit_trail.seal_due(at=now(), patience=10).records == 2
    assert 0.2 < time.monotonic() - started < 5
    slow.join()
    assert Seal.objects.get().ids == [slow.number, later]
    assert audit_trail.verify(at=now()).is_intact


@pytest.mark.django_db(transaction=True)
def test_does_not_wait_for_those_who_come_later_nor_make_them_wait(monkeypatch):
    write()
    late = SlowWriter()
    before = sealing._writers_ended

    def then_a_writer_comes(patience: float) -> bool:
        ended = before(patience)
        late.start()
        assert late.has_written.wait(10)
        return ended

    monkeypatch.setattr(sealing, "_writers_ended", then_a_writer_comes)
    assert audit_trail.seal_due(at=now(), patience=1).records == 1
    late.may_commit.set()
    late.join()
    monkeypatch.undo()
    assert audit_trail.seal_due(at=now()).records == 1
    assert audit_trail.verify(at=now()).is_intact


@pytest.mark.django_db(transaction=True)
def test_sealers_and_writers_at_once_lose_nothing():
    stop = threading.Event()

    def keep_writing() -> None:
        try:
            while not stop.is_set():
                with transaction.atomic():
                    write(2)
        finally:
            connection.close()

    def keep_sealing() -> None:
        try:
            while not stop.is_set():
                audit_trail.seal_due(at=now(), patience=2)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for work in (keep_writing, keep_writing, keep_sealing, keep_sealing)]
    for thread in threads:
        thread.start()
    time.sleep(1.0)
    stop.set()
    for thread in threads:
        thread.join(10)
    audit_trail.seal_due(at=now())
    covered = [number for ids in Seal.objects.order_by("number").values_list("ids", flat=True) for number in ids]
    assert covered == sorted(AuditLog.objects.values_list("pk", flat=True))
    assert len(covered) > 20
    assert audit_trail.verify(at=now()).is_intact
