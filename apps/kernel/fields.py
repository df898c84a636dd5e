"""Model fields that keep personal data sealed in the database and readable in Python."""

import json
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models.lookups import Exact, In
from django.db.transaction import TransactionManagementError

from apps.kernel import cipher
from apps.kernel.locks import in_turn


class _Sealed(bytes):
    """Bytes as they came from the database, not opened yet."""


class _Opening:
    """Opens a sealed value when somebody reads it, not when the row is loaded."""

    def __init__(self, field: "EncryptedText") -> None:
        self.field = field

    def __get__(self, row: Any, owner: type) -> Any:
        if row is None:
            return self
        if self.field.attname not in row.__dict__:
            row.refresh_from_db(fields=[self.field.attname])
        value = row.__dict__[self.field.attname]
        if isinstance(value, _Sealed):
            value = row.__dict__[self.field.attname] = self.field.read(cipher.unseal(value, self.field.place(row)))
        return value

    def __set__(self, row: Any, value: Any) -> None:
        row.__dict__[self.field.attname] = value


if TYPE_CHECKING:
    _Column = models.Field[Any, Any]  # text outside, bytes inside: the plugin knows only one of them
else:
    _Column = models.BinaryField


class EncryptedText(_Column):
    """Text sealed with AES-GCM, bound to its table, column and row.

    `row` names a column that is set before the first save and never changes (a UUID). Filter on a `Fingerprint`
    column beside it, never on this one. `QuerySet.update` cannot seal: use `save`.
    """

    def __init__(self, *args: Any, row: str = "public_id", **kwargs: Any) -> None:
        self.row = row
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "row": self.row}

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:  # noqa: FBT001, FBT002
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _Opening(self))

    def place(self, row: Any) -> str:
        """Where a value of this field belongs: `table.column:row`."""
        return f"{self.model._meta.db_table}.{self.column}:{getattr(row, self.row)}"

    def read(self, clear: bytes) -> Any:
        """The value, of what was sealed."""
        return clear.decode()

    def told(self, value: Any) -> bytes:
        """What to seal, of a value."""
        return str(value).encode()

    def from_db_value(self, value: Any, *_: Any) -> Any:
        return None if value is None else _Sealed(value)

    def sealed(self, row: models.Model, value: Any) -> bytes | None:
        """A value as this row keeps it, for a statement that writes many rows at once."""
        if value is None or isinstance(value, _Sealed):
            return value
        return _Sealed(cipher.seal(self.told(value), self.place(row)))

    def pre_save(self, row: models.Model, add: bool) -> Any:  # noqa: FBT001
        return self.sealed(row, row.__dict__.get(self.attname))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: FBT001, FBT002
        if value is not None and not isinstance(value, _Sealed):
            raise TypeError(f"{self.name} is sealed: filter on its fingerprint, and write it with save()")
        return super().get_db_prep_value(None if value is None else bytes(value), connection, prepared)

    def get_default(self) -> Any:
        return None if self.null else ""


class EncryptedJSON(EncryptedText):
    """A dictionary of primitives, sealed likewise; an empty one is NULL in the database."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "null": True})

    def from_db_value(self, value: Any, *_: Any) -> Any:
        return {} if value is None else _Sealed(value)

    def read(self, clear: bytes) -> Any:
        return json.loads(clear)

    def told(self, value: Any) -> bytes:
        return json.dumps(value).encode()

    def sealed(self, row: models.Model, value: Any) -> bytes | None:
        return super().sealed(row, value) if value else None

    def get_default(self) -> Any:
        return {}


class PrintColumn(models.BinaryField):
    """A blind index. While keys are changed, a look-up for a `cipher.Print` finds the value under any key, and what is
    unique stays so: all rows of a value stand under one key before another row of it is written. By itself it is of a
    value that passes, and is never made anew.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    @property
    def keeps_unique(self) -> bool:
        """Whether the database allows a value once, alone or among other columns."""
        rules = [one for one in self.model._meta.constraints if isinstance(one, models.UniqueConstraint)]
        return self.unique or any(self.name in one.fields for one in rules)

    def turn(self, found: cipher.Print) -> str:
        """The name of the lock of one value of this column."""
        return f"prints/{self.model._meta.db_table}.{self.column}/{found.turn.hex()}"

    def gather(self, found: cipher.Print) -> None:
        """Bring the rows of one value under the newest key, and let nobody else write one until the transaction ends.

        Raises TransactionManagementError outside a transaction: nothing would be held.
        """
        if not found.older or not self.keeps_unique:
            return
        if not connection.in_atomic_block:
            raise TransactionManagementError(f"{self} is unique and keys are being changed: write in a transaction.")
        in_turn(self.turn(found))
        rows = self.model._base_manager.filter(**{f"{self.attname}__in": list(found.older)})
        rows.update(**{self.attname: bytes(found)})


@PrintColumn.register_lookup
class _UnderAnyKey(Exact):  # type: ignore[type-arg]
    def as_sql(self, compiler: Any, connection: Any) -> Any:
        if isinstance(self.rhs, cipher.Print) and self.rhs.older:
            return In(self.lhs, self.rhs.any_of).as_sql(compiler, connection)
        return super().as_sql(compiler, connection)


@PrintColumn.register_lookup
class _AmongUnderAnyKey(In):  # type: ignore[type-arg]
    def __init__(self, lhs: Any, rhs: Any) -> None:
        if isinstance(rhs, list | tuple | set):
            rhs = [one for each in rhs for one in (each.any_of if isinstance(each, cipher.Print) else (each,))]
        super().__init__(lhs, rhs)


class Fingerprint(PrintColumn):
    """The keyed hash of a sealed column beside it: finds it, and keeps it unique."""

    def __init__(self, *args: Any, of: str = "", **kwargs: Any) -> None:
        self.of = of
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of}

    def digest(self, value: str) -> cipher.Print:
        """The hash to look `value` up by."""
        return cipher.blind_index(value, f"{self.model._meta.db_table}.{self.of}")

    def pre_save(self, row: models.Model, add: bool) -> Any:  # noqa: FBT001
        clear = getattr(row, self.of)
        value = self.digest(clear) if clear else None
        setattr(row, self.attname, value)
        if value is not None:
            self.gather(value)
        return value


class PrintCopy(PrintColumn):
    """A `Fingerprint` of another table (`source`: app.Model.column) that stands here by itself; give it what `digest`
    makes of the value, never what another row keeps.
    """

    def __init__(self, *args: Any, source: str = "", **kwargs: Any) -> None:
        self.source = source
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "source": self.source}

    def original(self) -> Fingerprint:
        """The column it is copied from."""
        model, _dot, column = self.source.rpartition(".")
        found: Fingerprint = apps.get_model(model)._meta.get_field(column)
        return found

    def digest(self, value: str) -> cipher.Print:
        """The hash to look `value` up by."""
        return self.original().digest(value)

    def pre_save(self, row: models.Model, add: bool) -> Any:  # noqa: FBT001
        value = getattr(row, self.attname)
        if isinstance(value, cipher.Print):
            self.gather(value)
        return value


class SavedInOne(models.Model):
    """A row with a unique `PrintColumn`: while keys are changed, saving looks before it writes, in one transaction."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As ever."""
        if not cipher.blind_keys().older:
            super().save(*args, **kwargs)
            return
        with transaction.atomic():
            super().save(*args, **kwargs)
