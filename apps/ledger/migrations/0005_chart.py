"""The chart of accounts of a Kenyan bank, the purposes products book by, and the accounts of the first currencies."""

from django.db import migrations

# number, name, kind, role, mode (0 locked balance, 1 derived), parent
CHART = """
1000|Assets|ASSET|HEADING|1|
1010|Cash in vault|ASSET|POSTING|0|1000
1020|Till cash|ASSET|CONTROL|1|1000
1030|Cash in transit|ASSET|POSTING|1|1000
1040|M-Pesa settlement|ASSET|POSTING|1|1000
1041|M-Pesa payout float|ASSET|POSTING|1|1000
1045|Airtel Money settlement|ASSET|POSTING|1|1000
1050|PesaLink settlement|ASSET|POSTING|1|1000
1051|Bank transfer settlement (RTGS, EFT)|ASSET|POSTING|1|1000
1052|Card scheme settlement|ASSET|POSTING|1|1000
1053|Crypto custody|ASSET|POSTING|1|1000
1054|Cheque clearing|ASSET|POSTING|1|1000
1060|Cash reserve at the Central Bank of Kenya|ASSET|POSTING|1|1000
1070|Placements with other banks|ASSET|POSTING|1|1000
1080|Government securities|ASSET|POSTING|1|1000
1090|Securities held for customers|ASSET|POSTING|1|1000
1100|Loan principal receivable|ASSET|POSTING|1|1000
1110|Loan interest receivable|ASSET|POSTING|1|1000
1120|Loan fees and penalties receivable|ASSET|POSTING|1|1000
1130|Provision for loan losses|ASSET|POSTING|1|1000
1140|Overdraft interest receivable|ASSET|POSTING|1|1000
1150|Group loan principal receivable|ASSET|POSTING|1|1000
1160|Card receivables|ASSET|POSTING|1|1000
1200|Staff advances|ASSET|POSTING|1|1000
1210|Prepayments|ASSET|POSTING|1|1000
1220|Fixed assets|ASSET|POSTING|1|1000
1230|Accumulated depreciation|ASSET|POSTING|1|1000
1240|Stock of devices and stationery|ASSET|POSTING|1|1000
1300|Clearing between branches|ASSET|POSTING|1|1000
1310|Clearing between cells|ASSET|POSTING|1|1000
1400|Foreign exchange position|ASSET|POSTING|1|1000
1900|Suspense, debits to be placed|ASSET|POSTING|1|1000
2000|Liabilities|LIABILITY|HEADING|1|
2010|Customer current accounts|LIABILITY|CONTROL|1|2000
2020|Customer savings accounts|LIABILITY|CONTROL|1|2000
2030|Customer fixed deposits|LIABILITY|CONTROL|1|2000
2040|Customer goal savings|LIABILITY|CONTROL|1|2000
2050|Business accounts|LIABILITY|CONTROL|1|2000
2060|Group accounts|LIABILITY|CONTROL|1|2000
2070|Agent float accounts|LIABILITY|CONTROL|1|2000
2080|Merchant settlement accounts|LIABILITY|CONTROL|1|2000
2090|Customer crypto holdings|LIABILITY|CONTROL|1|2000
2095|Customer investments|LIABILITY|CONTROL|1|2000
2100|Interest payable on deposits|LIABILITY|POSTING|1|2000
2110|Excise duty payable|LIABILITY|POSTING|1|2000
2120|Withholding tax payable|LIABILITY|POSTING|1|2000
2125|Value added tax payable|LIABILITY|POSTING|1|2000
2130|Bills payable to billers|LIABILITY|POSTING|1|2000
2140|Insurance premiums payable|LIABILITY|POSTING|1|2000
2150|Card clearing payable|LIABILITY|POSTING|1|2000
2160|Airtime payable|LIABILITY|POSTING|1|2000
2170|M-Pesa payouts on the way|LIABILITY|POSTING|1|2000
2180|PesaLink payouts on the way|LIABILITY|POSTING|1|2000
2190|Bank transfers on the way|LIABILITY|POSTING|1|2000
2200|Receipts to be placed|LIABILITY|POSTING|1|2000
2210|Dormant balances|LIABILITY|CONTROL|1|2000
2220|Overpaid loans|LIABILITY|POSTING|1|2000
2230|Deferred income|LIABILITY|POSTING|1|2000
2240|Borrowings|LIABILITY|POSTING|1|2000
2250|Reward points payable|LIABILITY|POSTING|1|2000
2260|Unpaid claims to customers|LIABILITY|POSTING|1|2000
2270|Suppliers payable|LIABILITY|POSTING|1|2000
2900|Suspense, credits to be placed|LIABILITY|POSTING|1|2000
3000|Equity|EQUITY|HEADING|1|
3010|Share capital|EQUITY|POSTING|1|3000
3020|Retained earnings|EQUITY|POSTING|1|3000
3030|Statutory loan loss reserve|EQUITY|POSTING|1|3000
3040|Opening balances|EQUITY|POSTING|1|3000
3050|Revaluation reserve|EQUITY|POSTING|1|3000
4000|Income|INCOME|HEADING|1|
4010|Interest on loans|INCOME|POSTING|1|4000
4015|Interest on overdrafts|INCOME|POSTING|1|4000
4020|Loan fees|INCOME|POSTING|1|4000
4030|Penalties|INCOME|POSTING|1|4000
4040|Transfer fees|INCOME|POSTING|1|4000
4050|Withdrawal fees|INCOME|POSTING|1|4000
4060|Account maintenance fees|INCOME|POSTING|1|4000
4070|Card fees|INCOME|POSTING|1|4000
4080|Foreign exchange gains|INCOME|POSTING|1|4000
4090|Insurance commission|INCOME|POSTING|1|4000
4100|Bill and airtime commission|INCOME|POSTING|1|4000
4110|Crypto trading spread|INCOME|POSTING|1|4000
4120|Merchant fees|INCOME|POSTING|1|4000
4130|Cash over|INCOME|POSTING|1|4000
4140|Recoveries of loans written off|INCOME|POSTING|1|4000
4150|Investment fees|INCOME|POSTING|1|4000
4160|Interest on securities and placements|INCOME|POSTING|1|4000
4170|Provisions released|INCOME|POSTING|1|4000
4900|Other income|INCOME|POSTING|1|4000
5000|Expenses|EXPENSE|HEADING|1|
5010|Interest on deposits|EXPENSE|POSTING|1|5000
5015|Interest on borrowings|EXPENSE|POSTING|1|5000
5020|Provision for loan losses|EXPENSE|POSTING|1|5000
5030|Loans written off|EXPENSE|POSTING|1|5000
5040|Cash short|EXPENSE|POSTING|1|5000
5050|M-Pesa charges|EXPENSE|POSTING|1|5000
5055|Bank and PesaLink charges|EXPENSE|POSTING|1|5000
5060|Messages to customers|EXPENSE|POSTING|1|5000
5070|Rewards and points|EXPENSE|POSTING|1|5000
5080|Staff|EXPENSE|POSTING|1|5000
5085|Agent commission|EXPENSE|POSTING|1|5000
5090|Premises|EXPENSE|POSTING|1|5000
5100|Technology|EXPENSE|POSTING|1|5000
5110|Depreciation|EXPENSE|POSTING|1|5000
5120|Fraud losses|EXPENSE|POSTING|1|5000
5130|Goodwill refunds|EXPENSE|POSTING|1|5000
5140|Income tax|EXPENSE|POSTING|1|5000
5150|Card scheme charges|EXPENSE|POSTING|1|5000
5160|Foreign exchange losses|EXPENSE|POSTING|1|5000
5900|Other expenses|EXPENSE|POSTING|1|5000
"""

PURPOSES = """
cash:vault 1010
cash:tills 1020
cash:transit 1030
cash:over 4130
cash:short 5040
mpesa:settlement 1040
mpesa:float 1041
mpesa:payouts 2170
mpesa:charges 5050
airtel:settlement 1045
pesalink:settlement 1050
pesalink:payouts 2180
pesalink:charges 5055
bank:settlement 1051
bank:payouts 2190
bank:reserve 1060
bank:placements 1070
bank:securities 1080
bank:cheques 1054
cards:settlement 1052
cards:clearing 2150
cards:receivable 1160
cards:charges 5150
crypto:custody 1053
crypto:holdings 2090
wealth:custody 1090
wealth:holdings 2095
accounts:transaction 2010
accounts:savings 2020
accounts:fixed_deposit 2030
accounts:goal 2040
accounts:business 2050
accounts:group 2060
accounts:agent 2070
accounts:merchant 2080
accounts:dormant 2210
loans:principal 1100
loans:interest_receivable 1110
loans:fees_receivable 1120
loans:provision 1130
loans:group_principal 1150
loans:overpaid 2220
loans:interest 4010
loans:fees 4020
loans:penalties 4030
loans:recoveries 4140
loans:provision_expense 5020
loans:provision_release 4170
loans:written_off 5030
overdrafts:interest 4015
overdrafts:interest_receivable 1140
fees:transfer 4040
fees:withdrawal 4050
fees:maintenance 4060
fees:card 4070
fees:merchant 4120
fees:investment 4150
fees:commission 4100
fees:other 4900
fx:position 1400
fx:gains 4080
fx:losses 5160
insurance:premiums 2140
insurance:commission 4090
bills:payable 2130
airtime:payable 2160
crypto:spread 4110
interest:payable 2100
interest:deposits 5010
interest:borrowings 5015
interest:securities 4160
tax:excise 2110
tax:withholding 2120
tax:vat 2125
tax:income 5140
equity:capital 3010
equity:retained 3020
equity:loan_reserve 3030
equity:opening 3040
equity:revaluation 3050
suspense:receipts 2200
suspense:debits 1900
suspense:credits 2900
rewards:payable 2250
rewards:expense 5070
agents:commission 5085
messages:expense 5060
fraud:losses 5120
refunds:goodwill 5130
claims:payable 2260
suppliers:payable 2270
income:deferred 2230
inventory:stock 1240
assets:fixed 1220
assets:depreciation 1230
expense:depreciation 5110
expense:staff 5080
expense:premises 5090
expense:technology 5100
expense:other 5900
branches:clearing 1300
cells:clearing 1310
"""

# ISO 4217 numbers; crypto assets have numbers of our own from 2001.
CURRENCIES = {"KES": 404, "USD": 840, "EUR": 978, "GBP": 826, "UGX": 800, "TZS": 834}

ENSURE = """
-- Open the chart's accounts in a currency: `4040-KES` has the id 404 4040. Those already there stay as they are.
CREATE FUNCTION ledger_ensure_chart(p_currency text, p_number bigint, p_at timestamptz, OUT opened bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp, posting AS $$
BEGIN
    INSERT INTO ledger_account (id, code, name, kind, currency, role, mode, parent_id, owner_reference, is_blocked,
                                is_closed, opened_at)
    SELECT p_number * 10000 + l.number, l.number || '-' || p_currency, l.name, l.kind, p_currency, l.role, l.mode,
           p_number * 10000 + l.parent_id, '', false, false, p_at
      FROM ledger_chart_line l ORDER BY l.parent_id NULLS FIRST, l.number
        ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS opened = ROW_COUNT;
    INSERT INTO ledger_balance (account_id, currency, side, posted_minor, held_minor, floor_minor, seq, is_blocked)
    SELECT a.id, a.currency, CASE WHEN a.kind IN ('ASSET', 'EXPENSE') THEN 1 ELSE -1 END, 0, 0, 0, 0, false
      FROM ledger_account a
     WHERE a.mode = 0 AND a.id BETWEEN p_number * 10000 AND p_number * 10000 + 9999
        ON CONFLICT DO NOTHING;
END $$;
"""


def seed(apps, schema_editor):
    """The chart's lines, what products book to, and an account for each line and currency."""
    line, purpose = apps.get_model("ledger", "ChartLine"), apps.get_model("ledger", "GlPurpose")
    for row in CHART.strip().splitlines():
        number, name, kind, role, mode, parent = row.split("|")
        line.objects.get_or_create(
            number=int(number),
            defaults={
                "name": name,
                "kind": kind,
                "role": role,
                "mode": int(mode),
                "parent_id": int(parent) if parent else None,
            },
        )
    for row in PURPOSES.strip().splitlines():
        code, number = row.split()
        purpose.objects.get_or_create(code=code, defaults={"line_id": int(number)})
    with schema_editor.connection.cursor() as cursor:
        for currency, number in CURRENCIES.items():
            cursor.execute("SELECT ledger_ensure_chart(%s, %s, statement_timestamp())", [currency, number])


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_reversals_and_holds")]

    operations = [
        migrations.RunSQL(ENSURE, "DROP FUNCTION ledger_ensure_chart"),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
