"""The same work in the form most Django code has: rows locked, checked in Python, saved one by one."""

from typing import Any, ClassVar

from django.db import connection, models, transaction

from bench.common import AT


class Account(models.Model):
    """An account with its balance."""

    currency = models.CharField(max_length=8)
    balance = models.BigIntegerField()
    held = models.BigIntegerField(default=0)
    floor = models.BigIntegerField(default=0)
    seq = models.BigIntegerField(default=0)
    is_blocked = models.BooleanField(default=False)

    objects: ClassVar[models.Manager["Account"]]  # as Django gives it: the types know models of installed apps alone

    class Meta:
        app_label = "bench"
        db_table = "bench_account"

    def __str__(self) -> str:
        return str(self.pk)


class Transfer(models.Model):
    """A movement."""

    reference = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=40)
    narrative = models.CharField(max_length=240)
    booked_on = models.DateField()
    created_at = models.DateTimeField()

    objects: ClassVar[models.Manager["Transfer"]]

    class Meta:
        app_label = "bench"
        db_table = "bench_transfer"

    def __str__(self) -> str:
        return self.reference


class Entry(models.Model):
    """A leg."""

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT)
    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    amount = models.BigIntegerField()
    balance_after = models.BigIntegerField()
    seq = models.BigIntegerField()
    booked_on = models.DateField()

    objects: ClassVar[models.Manager["Entry"]]

    class Meta:
        app_label = "bench"
        db_table = "bench_entry"

    def __str__(self) -> str:
        return str(self.pk)


def make_tables() -> None:
    """The three tables, where they are missing, with the keys and indexes that Django gives them."""
    there = connection.introspection.table_names()
    with connection.schema_editor() as editor:
        for model in (Account, Transfer, Entry):
            if model._meta.db_table not in there:
                editor.create_model(model)


def fill(count: int) -> list[int]:
    """Accounts with money in them; their ids."""
    made = Account.objects.bulk_create([Account(currency="KES", balance=10**12) for _ in range(count)], 5000)
    return [account.pk for account in made]


@transaction.atomic
def transfer(reference: str, payer: int, payee: int, amount: int) -> Any:
    """A payment: once per reference, never below the floor, with running balances."""
    earlier = Transfer.objects.filter(reference=reference).first()
    if earlier is not None:
        return earlier
    locked = {
        account.pk: account
        for account in Account.objects.select_for_update().filter(pk__in=[payer, payee]).order_by("pk")
    }
    source, target = locked[payer], locked[payee]
    if source.currency != target.currency or source.is_blocked or target.is_blocked:
        raise ValueError("not these two")
    if source.balance - source.held - amount < source.floor:
        raise ValueError("insufficient funds")
    moved = Transfer.objects.create(
        reference=reference, kind="P2P_TRANSFER", narrative="Rent for May", booked_on=AT.date(), created_at=AT
    )
    for account, signed in ((source, -amount), (target, amount)):
        account.balance += signed
        account.seq += 1
        account.save(update_fields=["balance", "seq"])
        Entry.objects.create(
            transfer=moved,
            account=account,
            amount=signed,
            balance_after=account.balance,
            seq=account.seq,
            booked_on=AT.date(),
        )
    return moved
