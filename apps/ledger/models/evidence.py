"""What is worked out from the entries, off the posting path: roll-ups, snapshots, and the seals that prove them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.ledger.models.accounts import LedgerAccount


class Watermark(models.Model):
    """Up to which transfer a job has worked through the entries; everything below it is settled."""

    name = models.CharField(max_length=40, primary_key=True)
    upto_transfer = models.BigIntegerField(default=0)

    class Meta:
        db_table = "ledger_watermark"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.name}: {self.upto_transfer}"


class DailyRollup(models.Model):
    """One GL account's entries of one booking day, added up to the watermark `rollups`; a control account's are its
    sub-accounts'. Debits are positive."""

    account = models.ForeignKey(LedgerAccount, on_delete=models.PROTECT, related_name="+", db_index=False)
    booked_on = models.DateField()
    amount_minor = models.BigIntegerField()
    entry_count = models.BigIntegerField()

    class Meta:
        db_table = "ledger_daily_rollup"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["account", "booked_on"], name="one_rollup_a_day")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.booked_on}: {self.amount_minor}"


class SnapshotRun(models.Model):
    """A taking of balances: they hold every entry up to `upto_transfer` that was booked on or before `as_of`.

    Transfers below `first_later_transfer` were all booked on or before `as_of`: what comes after the snapshot is
    looked for from there.
    """

    as_of = models.DateField(primary_key=True)
    upto_transfer = models.BigIntegerField()
    first_later_transfer = models.BigIntegerField()
    taken_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_snapshot_run"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.as_of)


class Snapshot(models.Model):
    """An account's balance at the end of a day, on its own side, in minor units.

    No foreign keys in the database: they would check a hundred thousand rows one by one for parents never deleted.
    """

    run = models.ForeignKey(
        SnapshotRun, on_delete=models.PROTECT, related_name="balances", db_column="as_of", db_constraint=False
    )
    account = models.ForeignKey(
        LedgerAccount, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    balance_minor = models.BigIntegerField()

    class Meta:
        db_table = "ledger_snapshot"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["account", "run"], name="one_snapshot_a_day")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.run_id}: {self.balance_minor}"


class Seal(models.Model):
    """Up to 1,000 entries under one Merkle root, chained to the seal before it. Append-only."""

    block = models.BigIntegerField(primary_key=True)
    first_entry = models.BigIntegerField()
    last_entry = models.BigIntegerField()
    entry_count = models.IntegerField()
    root = models.BinaryField(max_length=32)
    previous = models.BinaryField(max_length=32, help_text=_("The chain hash of the seal before; zeros for the first"))
    chain = models.BinaryField(max_length=32, help_text=_("The hash of this seal with the one before"))
    sealed_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_seal"
        default_permissions = ()
        indexes = [models.Index(fields=["last_entry"], name="seal_of_entry")]

    def __str__(self) -> str:
        return f"block {self.block}"
