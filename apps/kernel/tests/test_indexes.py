"""Indexes are written with every row: none stands there that another one begins with."""

import pytest
from django.apps import apps
from django.db import connection

# Indexes of one plain column, and what else begins with that column and leaves no row out.
TWICE = """
SELECT t.relname, i.relname, min(o.relname)
  FROM pg_index x
  JOIN pg_class i ON i.oid = x.indexrelid
  JOIN pg_class t ON t.oid = x.indrelid
  JOIN pg_index y ON y.indrelid = x.indrelid AND y.indexrelid <> x.indexrelid AND y.indkey[0] = x.indkey[0]
                 AND y.indclass[0] = x.indclass[0] AND y.indpred IS NULL AND y.indnkeyatts > 1
  JOIN pg_class o ON o.oid = y.indexrelid AND o.relam = i.relam
 WHERE x.indnkeyatts = 1 AND NOT x.indisunique AND x.indpred IS NULL AND x.indexprs IS NULL
   AND t.relname = ANY(%s)
 GROUP BY 1, 2 ORDER BY 1, 2
"""


@pytest.mark.django_db
def test_no_index_is_the_beginning_of_another_one():
    ours = [model._meta.db_table for model in apps.get_models() if model.__module__.startswith("apps.")]
    assert len(ours) > 200
    with connection.cursor() as cursor:
        cursor.execute(TWICE, [ours])
        assert cursor.fetchall() == [], "db_index=False on the field: the other index serves it"
