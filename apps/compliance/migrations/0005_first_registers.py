"""The purposes, the retention schedule and the register of processing that the bank opens with.

A person confirms them before the bank opens: the data protection officer, against the Act and its regulations.
"""

from datetime import UTC, datetime

from django.db import migrations

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
ACT = "Data Protection Act 2019"
AML = "Proceeds of Crime and Anti-Money Laundering Act 2009, s. 46: seven years after the relation ends"

PURPOSES = [
    ("ACCOUNTS", "CONTRACT", f"{ACT}, s. 30(1)(b)(i)",
     "Your accounts and payments", "Akaunti na malipo yako",
     "We keep your name, phone and accounts and move money as you tell us. Without this there is no account.",
     "Tunahifadhi jina, simu na akaunti zako na kuhamisha pesa kama unavyotuambia. Bila haya hakuna akaunti."),
    ("IDENTITY", "LEGAL_DUTY", f"{ACT}, s. 30(1)(b)(ii); POCAMLA 2009, s. 45-46",
     "Knowing who you are", "Kujua wewe ni nani",
     "The law makes us check your papers, watch for money laundering and keep records for seven years.",
     "Sheria inatutaka tukague hati zako, tuangalie utakatishaji wa pesa na kutunza kumbukumbu kwa miaka saba."),
    ("SECURITY", "LEGITIMATE", f"{ACT}, s. 30(1)(b)(vii)",
     "Keeping your money safe", "Kulinda pesa zako",
     "We look at devices, places and habits of payment to stop thieves. You are told when a payment is held.",
     "Tunaangalia vifaa, mahali na mazoea ya malipo ili kuzuia wezi. Unaambiwa malipo yakizuiwa."),
    ("MARKETING", "CONSENT", f"{ACT}, s. 37",
     "Offers and news", "Ofa na habari",
     "We send you offers of KitBank by SMS and e-mail. You choose the ways under Notices.",
     "Tunakutumia ofa za KitBank kwa SMS na barua pepe. Unachagua njia kwenye Taarifa."),
    ("BUREAU", "CONSENT", f"{ACT}, s. 30(1)(a); Banking (Credit Reference Bureau) Regulations 2020",
     "Asking the credit bureau", "Kuuliza ofisi ya taarifa za mikopo",
     "When you want to borrow, we ask a credit bureau what it knows of you. Without it we use only what we see here.",
     "Unapotaka kukopa, tunauliza ofisi ya taarifa za mikopo inajua nini kukuhusu. Bila hiyo tunatumia tunachoona hapa."),
    ("PROFILING", "CONSENT", f"{ACT}, s. 30(1)(a), s. 35",
     "Learning from how you bank", "Kujifunza kutokana na unavyotumia benki",
     "We study your payments to make better products. Decisions on a loan you asked for do not depend on this.",
     "Tunachunguza malipo yako ili kuboresha huduma. Uamuzi wa mkopo uliouomba hautegemei hili."),
    ("THIRD_PARTIES", "CONSENT", f"{ACT}, s. 30(1)(a)",
     "Sharing with partners", "Kushiriki na washirika",
     "We give partners you know, such as an insurer, your name and phone so that they can make you an offer.",
     "Tunawapa washirika unaowajua, kama kampuni ya bima, jina na simu yako ili wakupe ofa."),
]  # fmt: skip
RULES = [
    ("CUSTOMER_RECORD", 2557, AML, "BLANK", "Customer records, after the relation with the bank ended",
     "Kumbukumbu za mteja, baada ya uhusiano na benki kuisha"),
    ("EXPORTS", 7, f"{ACT}, s. 39", "DELETE", "Copies of a person's data that were ready to download",
     "Nakala za data ya mtu zilizokuwa tayari kupakuliwa"),
    ("LOGIN_CODES", 90, f"{ACT}, s. 39", "DELETE", "Codes that were sent to phones and mailboxes",
     "Misimbo iliyotumwa kwa simu na barua pepe"),
    ("SESSIONS", 365, f"{ACT}, s. 39", "DELETE", "Stays that ended, with their addresses",
     "Vipindi vilivyoisha, pamoja na anwani zake"),
    ("DEVICES", 730, f"{ACT}, s. 39", "DELETE", "Devices that nobody signed in from any more",
     "Vifaa ambavyo hakuna aliyeingia navyo tena"),
    ("ALERTS", 730, f"{ACT}, s. 39", "DELETE", "Alerts in the app", "Arifa ndani ya programu"),
    ("MESSAGES", 730, f"{ACT}, s. 39", "BLANK", "Texts and addresses of messages that were sent",
     "Maandishi na anwani za ujumbe uliotumwa"),
    ("REQUEST_PAPERS", 365, f"{ACT}, s. 39", "DELETE", "Papers that came with a request to correct something",
     "Hati zilizoletwa na ombi la kurekebisha"),
]  # fmt: skip
ACTIVITIES = [
    ("accounts", "Accounts and payments", "Keeping accounts, moving money, statements", "CONTRACT",
     f"{ACT}, s. 30(1)(b)(i)", "Customers, payees", "Name, phone, ID number, accounts, transactions",
     "Safaricom (M-Pesa), other banks, card networks", "7 years after the relation ends", "None",
     "Before opening; high volume of financial data"),
    ("identity", "Knowing the customer", "Checking who somebody is, screening against watch lists", "LEGAL_DUTY",
     "POCAMLA 2009, s. 45-46", "Customers", "ID papers, photo of the face, date of birth, KRA PIN",
     "Registrar of persons; Financial Reporting Centre where the law says so", "7 years after the relation ends",
     "None", "Before opening; biometric data"),
    ("credit", "Scoring and lending", "Deciding on loans, collecting them", "CONTRACT",
     f"{ACT}, s. 30(1)(b)(i), s. 35", "Borrowers, guarantors", "Transactions, income, repayments, bureau reports",
     "Credit reference bureaus", "7 years after the loan ends", "None", "Before opening; automated decisions"),
    ("fraud", "Screening payments", "Stopping theft and fraud", "LEGITIMATE", f"{ACT}, s. 30(1)(b)(vii)", "Customers",
     "Devices, addresses of the network, habits of payment", "None", "7 years", "None",
     "Before opening; systematic monitoring"),
    ("messages", "Messages", "Codes, notices and letters; offers with consent", "CONTRACT",
     f"{ACT}, s. 30(1)(b)(i), s. 37", "Customers", "Phone, e-mail address, text of the message",
     "Africa's Talking (SMS, calls), mail provider", "2 years, then made nameless", "None", "Not needed: low risk"),
    ("staff", "Access by staff", "Showing who looked at whom and why", "LEGAL_DUTY", f"{ACT}, s. 41-42", "Staff, customers",
     "Who looked at whom, when, why; audit trail", "Supervisors", "As long as the bank stands", "None",
     "Not needed: protects people"),
]  # fmt: skip


def seed(apps, schema_editor):
    purpose, rule = apps.get_model("compliance", "ConsentPurpose"), apps.get_model("compliance", "RetentionRule")
    activity = apps.get_model("compliance", "ProcessingActivity")
    purpose.objects.bulk_create(
        purpose(code=code, version=1, basis=basis, law=law, name_en=name_en, name_sw=name_sw, text_en=text_en,
                text_sw=text_sw, since=SINCE)
        for code, basis, law, name_en, name_sw, text_en, text_sw in PURPOSES
    )  # fmt: skip
    rule.objects.bulk_create(
        rule(code=code, version=1, keep_days=days, law=law, action=action, what_en=en, what_sw=sw, since=SINCE)
        for code, days, law, action, en, sw in RULES
    )
    names = ("code", "name", "purpose", "basis", "law", "people", "categories", "recipients", "retention", "abroad",
             "dpia")  # fmt: skip
    activity.objects.bulk_create(
        activity(version=1, since=SINCE, **dict(zip(names, row, strict=True))) for row in ACTIVITIES
    )


class Migration(migrations.Migration):
    dependencies = [("compliance", "0004_data_protection")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
