"""Database triggers that apps put on their tables."""

import pgtrigger


def append_only() -> list[pgtrigger.Trigger]:
    """Rows are written once: UPDATE, DELETE and TRUNCATE are refused by the database, whoever asks."""
    return [
        pgtrigger.Protect(name="rows_are_written_once", operation=pgtrigger.Update | pgtrigger.Delete),
        pgtrigger.Trigger(
            name="table_is_never_emptied",
            operation=pgtrigger.Truncate,
            when=pgtrigger.Before,
            level=pgtrigger.Statement,
            func="RAISE EXCEPTION 'pgtrigger: Cannot truncate rows from % table', TG_TABLE_NAME;",
        ),
    ]
