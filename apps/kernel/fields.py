"""Model fields that keep personal data sealed in the database and readable in Python."""

import json
from typing import TYPE_CHECKING, Any

from django.db import models

from apps.kernel import cipher


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


class Fingerprint(models.BinaryField):
    """The keyed hash of a sealed column beside it: finds it, and keeps it unique."""

    def __init__(self, *args: Any, of: str = "", **kwargs: Any) -> None:
        self.of = of
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of}

    def digest(self, value: str) -> bytes:
        """The hash to look `value` up by."""
        return cipher.fingerprint(value, f"{self.model._meta.db_table}.{self.of}")

    def pre_save(self, row: models.Model, add: bool) -> Any:  # noqa: FBT001
        clear = getattr(row, self.of)
        value = self.digest(clear) if clear else None
        setattr(row, self.attname, value)
        return value
