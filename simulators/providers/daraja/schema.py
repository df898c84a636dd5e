"""The tables of the M-PESA stand-in. Amounts are whole cents; what may never happen is a constraint."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS daraja_token (token TEXT PRIMARY KEY, at REAL NOT NULL, is_dead INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS daraja_counter (name TEXT PRIMARY KEY, n INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS daraja_initiator (
    name TEXT PRIMARY KEY, password TEXT NOT NULL, failures INTEGER NOT NULL DEFAULT 0,
    products TEXT NOT NULL DEFAULT '*');
CREATE TABLE IF NOT EXISTS daraja_organisation (
    shortcode TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, head TEXT NOT NULL DEFAULT '',
    products TEXT NOT NULL DEFAULT '*', is_active INTEGER NOT NULL DEFAULT 1, validates INTEGER NOT NULL DEFAULT 0,
    most_cents INTEGER, tariff TEXT NOT NULL DEFAULT 'NONE', response_type TEXT NOT NULL DEFAULT 'Completed',
    confirmation_url TEXT NOT NULL DEFAULT '', validation_url TEXT NOT NULL DEFAULT '',
    c2b_version TEXT NOT NULL DEFAULT 'v2', pull_registered INTEGER NOT NULL DEFAULT 0,
    bill_app_key TEXT NOT NULL DEFAULT '', bill_callback_url TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS daraja_subscriber (
    msisdn TEXT PRIMARY KEY, first_name TEXT NOT NULL, middle_name TEXT NOT NULL, last_name TEXT NOT NULL,
    pin TEXT NOT NULL, failures INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'ACTIVE',
    swapped_on TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS daraja_account (
    owner TEXT NOT NULL, name TEXT NOT NULL, cents INTEGER NOT NULL, PRIMARY KEY (owner, name),
    CHECK (cents >= 0 OR name IN ('Charges Paid Account', 'Trust Account'))) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS daraja_money (
    id INTEGER PRIMARY KEY, receipt TEXT NOT NULL UNIQUE, product TEXT NOT NULL, details TEXT NOT NULL,
    status TEXT NOT NULL, result_code TEXT NOT NULL, debit_owner TEXT NOT NULL, debit_account TEXT NOT NULL,
    credit_owner TEXT NOT NULL, credit_account TEXT NOT NULL, cents INTEGER NOT NULL CHECK (cents > 0),
    charge_cents INTEGER NOT NULL DEFAULT 0, reference TEXT NOT NULL DEFAULT '', remarks TEXT NOT NULL DEFAULT '',
    conversation_id TEXT NOT NULL DEFAULT '', originator_id TEXT NOT NULL DEFAULT '',
    checkout_id TEXT NOT NULL DEFAULT '', linked_receipt TEXT NOT NULL DEFAULT '', reversed_by TEXT,
    started_at REAL NOT NULL, done_at REAL NOT NULL, day TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS daraja_money_conversation ON daraja_money (conversation_id);
CREATE INDEX IF NOT EXISTS daraja_money_originator ON daraja_money (originator_id);
CREATE INDEX IF NOT EXISTS daraja_money_debit ON daraja_money (debit_owner, day);
CREATE INDEX IF NOT EXISTS daraja_money_credit ON daraja_money (credit_owner, done_at);
CREATE TABLE IF NOT EXISTS daraja_entry (
    id INTEGER PRIMARY KEY, receipt TEXT NOT NULL, owner TEXT NOT NULL, account TEXT NOT NULL,
    cents INTEGER NOT NULL, balance INTEGER NOT NULL, at REAL NOT NULL, day TEXT NOT NULL, details TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS daraja_entry_owner ON daraja_entry (owner, day, id);
CREATE TABLE IF NOT EXISTS daraja_request (
    conversation_id TEXT PRIMARY KEY, originator_id TEXT NOT NULL, is_ours INTEGER NOT NULL DEFAULT 0,
    product TEXT NOT NULL, at REAL NOT NULL, result_code TEXT, receipt TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX IF NOT EXISTS daraja_request_once ON daraja_request (originator_id) WHERE is_ours = 1;
CREATE TABLE IF NOT EXISTS daraja_push (
    checkout_id TEXT PRIMARY KEY, merchant_id TEXT NOT NULL, shortcode TEXT NOT NULL, receiver TEXT NOT NULL,
    payer TEXT NOT NULL, phone TEXT NOT NULL, cents INTEGER NOT NULL, reference TEXT NOT NULL, kind TEXT NOT NULL,
    url TEXT NOT NULL, plan TEXT NOT NULL, at REAL NOT NULL, expires_at REAL NOT NULL, answer_at REAL,
    status TEXT NOT NULL DEFAULT 'PENDING', result_code TEXT, result_text TEXT NOT NULL DEFAULT '',
    receipt TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS daraja_push_waiting ON daraja_push (phone) WHERE status = 'PENDING';
CREATE TABLE IF NOT EXISTS daraja_job (
    id INTEGER PRIMARY KEY, due_at REAL NOT NULL, kind TEXT NOT NULL, told TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS daraja_seen (subject TEXT PRIMARY KEY, n INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS daraja_standing_order (
    reference TEXT PRIMARY KEY, payer TEXT NOT NULL, name TEXT NOT NULL, told TEXT NOT NULL, UNIQUE (payer, name));
CREATE TABLE IF NOT EXISTS daraja_invoice (
    shortcode TEXT NOT NULL, reference TEXT NOT NULL, told TEXT NOT NULL, status TEXT NOT NULL DEFAULT 'SENT',
    PRIMARY KEY (shortcode, reference));
"""
TABLES = (
    "daraja_token",
    "daraja_counter",
    "daraja_initiator",
    "daraja_organisation",
    "daraja_subscriber",
    "daraja_account",
    "daraja_money",
    "daraja_entry",
    "daraja_request",
    "daraja_push",
    "daraja_job",
    "daraja_seen",
    "daraja_standing_order",
    "daraja_invoice",
)
