"""What the end of a day does for the collections desk, set-based: decide promises, close, open, move on the ladder."""

from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.lending.events import CaseClosed, CaseOpened, PromiseDecided
from apps.users.queries import system_user

# By what came in up to its day, of the borrower's own money. Kept as soon as all of it is there or the loan is paid
# off, which may take less than was promised; otherwise decided when its day is over.
_PROMISES = """
WITH seen AS (
    SELECT p.id, p.amount_minor, l.status = 'PAID' AS is_paid,
           COALESCE(sum(r.amount_minor), 0)::bigint AS received
      FROM lending_promise p
      JOIN lending_loan l ON l.id = p.loan_id
      LEFT JOIN lending_repayment r ON r.loan_id = p.loan_id AND r.id > p.after_repayment_id
       AND r.paid_on <= p.due_on AND r.source NOT IN ('GUARANTOR', 'REFINANCE')
       AND NOT EXISTS (SELECT FROM lending_repaymentreversal t WHERE t.repayment_id = r.id)
     WHERE p.status = 'OPEN' GROUP BY p.id, l.status),
decided AS (
    UPDATE lending_promise p
       SET status = CASE WHEN s.received >= p.amount_minor OR (s.is_paid AND s.received > 0) THEN 'KEPT'
                         WHEN s.received > 0 THEN 'PARTLY_KEPT' ELSE 'BROKEN' END,
           received_minor = s.received, decided_on = %(day)s
      FROM seen s
     WHERE s.id = p.id AND p.status = 'OPEN'
       AND (p.due_on <= %(day)s OR s.received >= p.amount_minor OR (s.is_paid AND s.received > 0))
    RETURNING p.id, p.case_id, p.loan_id, p.status, p.amount_minor, p.currency, p.received_minor, p.due_on),
called AS (
    UPDATE lending_collectioncase c SET next_act = 'CALL', next_on = %(day)s + 1
      FROM decided d
     WHERE c.id = d.case_id AND d.status <> 'KEPT' AND c.status = 'OPEN' AND c.next_act IN ('WAIT', 'CALL')),
written AS (
    INSERT INTO lending_collectionentry (case_id, what, outcome, contacted_as, note, facts, by_id, at)
    SELECT case_id, status, '', '', '',
           jsonb_build_object('promise', id, 'received_minor', received_minor, 'amount_minor', amount_minor,
                              'currency', currency, 'due_on', due_on),
           %(by)s, %(at)s FROM decided)
SELECT d.id, d.loan_id, l.borrower_id, d.status FROM decided d JOIN lending_loan l ON l.id = d.loan_id ORDER BY d.id
"""
_CLOSE = """
WITH late AS (  -- running with something overdue, or written off and still owed
    SELECT id, days_past_due, status FROM lending_loan
     WHERE (status = 'ACTIVE' AND days_past_due > 0 AND arrears_minor > 0)
        OR (status = 'WRITTEN_OFF' AND recovered_minor < written_off_minor)),
closed AS (
    UPDATE lending_collectioncase c SET status = 'CLOSED', closed_at = %(at)s
     WHERE c.status = 'OPEN' AND c.opened_on <= %(day)s AND c.loan_id NOT IN (SELECT id FROM late)
       AND NOT EXISTS (SELECT FROM lending_instalment i JOIN lending_loan l ON l.id = i.loan_id AND l.status = 'ACTIVE'
                        WHERE i.loan_id = c.loan_id AND i.is_current AND i.settled_on IS NULL AND i.due_on <= %(day)s)
    RETURNING c.id, c.loan_id),
visits AS (
    UPDATE lending_visit v SET status = 'CANCELLED' FROM closed WHERE v.case_id = closed.id AND v.status = 'PLANNED'),
written AS (
    INSERT INTO lending_collectionentry (case_id, what, outcome, contacted_as, note, facts, by_id, at)
    SELECT c.id, 'CLOSED', '', '', '', jsonb_build_object('loan', l.status), %(by)s, %(at)s
      FROM closed c JOIN lending_loan l ON l.id = c.loan_id)
SELECT c.id, c.loan_id, l.borrower_id FROM closed c JOIN lending_loan l ON l.id = c.loan_id ORDER BY c.id
"""
_OPEN = """
WITH late AS (  -- running with something overdue, or written off and still owed
    SELECT id, days_past_due, status FROM lending_loan
     WHERE (status = 'ACTIVE' AND days_past_due > 0 AND arrears_minor > 0)
        OR (status = 'WRITTEN_OFF' AND recovered_minor < written_off_minor)),
opened AS (
    INSERT INTO lending_collectioncase (public_id, loan_id, status, stage, opened_on, opened_at, next_act, next_on,
                                        reminded_days)
    SELECT gen_random_uuid(), id, 'OPEN', CASE status WHEN 'WRITTEN_OFF' THEN 'RECOVERY' ELSE 'REMIND' END, %(day)s,
           %(at)s, CASE status WHEN 'WRITTEN_OFF' THEN 'RECOVER' ELSE 'WAIT' END, %(day)s + 1, 0
      FROM late
     WHERE id NOT IN (SELECT loan_id FROM lending_collectioncase WHERE status = 'OPEN')
    ON CONFLICT DO NOTHING
    RETURNING id, loan_id),
written AS (
    INSERT INTO lending_collectionentry (case_id, what, outcome, contacted_as, note, facts, by_id, at)
    SELECT o.id, 'OPENED', '', '', '', jsonb_build_object('days', l.days_past_due, 'arrears_minor', l.arrears_minor,
                                                        'currency', l.currency), %(by)s, %(at)s
      FROM opened o JOIN lending_loan l ON l.id = o.loan_id)
SELECT o.id, o.loan_id, l.borrower_id FROM opened o JOIN lending_loan l ON l.id = o.loan_id ORDER BY o.id
"""
# While a promise runs the ladder pauses. A stage only ever rises within a case.
_MOVE = """
WITH steps AS (
    SELECT DISTINCT ON (stage) stage, from_days FROM lending_collectionstep
     WHERE valid_from <= %(day)s ORDER BY stage, valid_from DESC),
seen AS (
    SELECT c.id, c.stage AS before, l.days_past_due,
           CASE WHEN l.status = 'WRITTEN_OFF' THEN 'RECOVERY'
                ELSE (SELECT s.stage FROM steps s WHERE s.from_days <= l.days_past_due
                       ORDER BY s.from_days DESC LIMIT 1) END AS after
      FROM lending_collectioncase c JOIN lending_loan l ON l.id = c.loan_id
     WHERE c.status = 'OPEN'
       AND NOT EXISTS (SELECT FROM lending_promise p WHERE p.loan_id = l.id AND p.status = 'OPEN')),
ranks (stage, nth) AS (
    VALUES ('REMIND', 1), ('CALL', 2), ('OFFER', 3), ('LEGAL', 4), ('WRITE_OFF', 5), ('RECOVERY', 6)),
moved AS (
    UPDATE lending_collectioncase c
       SET stage = s.after, next_on = %(day)s + 1,
           next_act = CASE WHEN c.next_act = 'ANSWER' THEN c.next_act ELSE
               CASE s.after WHEN 'CALL' THEN 'CALL' WHEN 'OFFER' THEN 'OFFER' WHEN 'LEGAL' THEN 'LETTER'
                            WHEN 'WRITE_OFF' THEN 'WRITE_OFF' WHEN 'RECOVERY' THEN 'RECOVER' ELSE 'WAIT' END END
      FROM seen s JOIN ranks a ON a.stage = s.after JOIN ranks b ON b.stage = s.before
     WHERE c.id = s.id AND a.nth > b.nth
    RETURNING c.id, s.before, s.after, s.days_past_due)
INSERT INTO lending_collectionentry (case_id, what, outcome, contacted_as, note, facts, by_id, at)
SELECT id, 'STAGE', '', '', '', jsonb_build_object('before', before, 'after', after, 'days', days_past_due),
       %(by)s, %(at)s FROM moved
"""


@transaction.atomic
def pursue(*, day: date, at: datetime) -> str:
    """Decide promises whose day is over, close cases that are paid up, open new ones, move the rest on the ladder.

    Every statement asks for what is not done yet, so a day that is run twice, or again after a crash, is run once.
    """
    values = {"day": day, "at": at, "by": system_user().pk}
    decided = _run(_PROMISES, values)
    for promise, loan, borrower, status in decided:
        events.publish(PromiseDecided(promise_id=promise, loan_id=loan, borrower_id=borrower, status=status))
    closed = _run(_CLOSE, values)
    for case, loan, borrower in closed:
        events.publish(CaseClosed(case_id=case, loan_id=loan, borrower_id=borrower))
    opened = _run(_OPEN, values)
    for case, loan, borrower in opened:
        events.publish(CaseOpened(case_id=case, loan_id=loan, borrower_id=borrower))
    moved = _count(_MOVE, values)
    facts = {"day": str(day), "opened": len(opened), "closed": len(closed), "moved": moved, "promises": len(decided)}
    audit_trail.record("lending.day.pursued", on=f"lending/{day}", by=system_user(), at=at, after=facts)
    return f"{len(opened)} cases opened, {len(closed)} closed, {moved} moved; {len(decided)} promises decided"


def _run(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _count(statement: str, values: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
