"""The last gate before anything leaves for an app: the consent still lives, the day has reads left, and it is written
down. All in one statement, after the data was read and before it is sent, so that nothing leaves unwritten, and no
read is let through once a revocation has committed.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext_lazy as _

from apps.kernel.clock import local_date
from apps.open_banking.errors import ConsentRequired, TooManyReads
from apps.open_banking.models import Consent

# `{account}` is the column: of real accounts, or of the sandbox's. Both texts are ours.
_BY_CONSENT = """
WITH held AS (
    SELECT id, frequency_per_day FROM open_banking_consent
     WHERE id = %(consent)s AND status = 'VALID' AND valid_until > %(at)s
       FOR SHARE
), counted AS (
    INSERT INTO open_banking_unattendedreads (consent_id, {account}, resource, day, reads)
    SELECT held.id, asked.id, %(resource)s, %(day)s, 1 FROM held, unnest(%(accounts)s::bigint[]) AS asked(id)
     WHERE %(counts)s AND asked.id IS NOT NULL
     ORDER BY asked.id
    ON CONFLICT (consent_id, {account}, resource, day)
    DO UPDATE SET reads = open_banking_unattendedreads.reads + 1
    RETURNING reads
), spent AS (
    SELECT coalesce(max(reads), 0) AS most FROM counted
), written AS (
    INSERT INTO open_banking_accesslog
           (app_id, consent_id, user_id, {account}, resource, fields, rows, person_present, interaction_id, at)
    SELECT %(app)s, held.id, %(user)s, asked.id, %(resource)s, %(fields)s, %(rows)s, %(present)s,
           %(interaction)s, %(at)s
      FROM held, spent, unnest(%(accounts)s::bigint[]) AS asked(id)
     WHERE spent.most <= held.frequency_per_day
    RETURNING id
)
SELECT (SELECT count(*) FROM held), (SELECT count(*) FROM written)
"""
_WITHOUT_CONSENT = """
INSERT INTO open_banking_accesslog
       (app_id, consent_id, user_id, {account}, resource, fields, rows, person_present, interaction_id, at)
SELECT %(app)s, NULL, %(user)s, asked.id, %(resource)s, %(fields)s, %(rows)s, %(present)s, %(interaction)s, %(at)s
  FROM unnest(%(accounts)s::bigint[]) AS asked(id)
"""
_COLUMNS = ("account_id", "sandbox_account_id")
_SQL = {
    (has_consent, column): text.format(account=column)
    for has_consent, text in ((True, _BY_CONSENT), (False, _WITHOUT_CONSENT))
    for column in _COLUMNS
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """What is about to leave: of which accounts (None: of the person), which fields by name, how many rows.

    `counts`: whether a read without the customer is counted; further pages of a list are not. `is_sandbox`: the
    accounts are made up.
    """

    app_id: int
    user_id: int
    consent: Consent | None
    accounts: Sequence[int | None]
    resource: str
    fields: str
    rows: int = 1
    person_present: bool
    interaction_id: uuid.UUID
    counts: bool = True
    is_sandbox: bool = False


def let_leave(*, leaving: Leaving, at: datetime) -> None:
    """Write down what leaves, or stop it.

    Raises ConsentRequired, TooManyReads; then nothing was written and nothing may be sent.
    """
    if not leaving.accounts:
        return
    facts = {
        "app": leaving.app_id, "user": leaving.user_id, "consent": leaving.consent.pk if leaving.consent else None,
        "accounts": list(leaving.accounts), "resource": leaving.resource, "fields": leaving.fields[:300],
        "rows": leaving.rows, "present": leaving.person_present, "interaction": leaving.interaction_id, "at": at,
        "day": local_date(at), "counts": leaving.counts and not leaving.person_present,
    }  # fmt: skip
    column = _COLUMNS[leaving.is_sandbox]
    with connection.cursor() as cursor:
        cursor.execute(_SQL[leaving.consent is not None, column], facts)
        if leaving.consent is None:
            return
        held, written = cursor.fetchone()
    if not held:
        raise ConsentRequired(_("The customer's consent has ended. Nothing was shown."))
    if not written:
        words = _("The customer allowed %(n)s reads a day without being there. Nothing was shown; come back tomorrow.")
        raise TooManyReads(words % {"n": leaving.consent.frequency_per_day})
