"""`python -m bench.stock.fill COUNT` makes the tables, a user and accounts; prints their ids and a token."""

import json
import os
import sys
from typing import Any

import django


def main(count: int) -> None:
    """Once a database."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.stock.settings"
    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.db import connection
    from rest_framework_simplejwt.tokens import AccessToken

    from bench import orm
    from bench.stock import duties

    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA stock")
    call_command("migrate", verbosity=0, interactive=False)
    orm.make_tables()
    duties.make_tables()
    people: Any = get_user_model().objects  # in this project people are Django's own, not the bank's
    user = people.create_user("bench")
    print(json.dumps({"accounts": orm.fill(count), "user": user.pk, "token": str(AccessToken.for_user(user))}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
