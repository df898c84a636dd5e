"""Asks only for what the bank does: scores that nobody asked for rest on a word of their own, as does nothing else.

What a loan one asks for needs rests on the contract, learning from payments without names on the bank's own reason, and
who else is told of a customer is written out. Partners are sent nothing for offers, so that is no longer asked. The
data protection officer confirms these texts, as the first ones, before the bank opens.
"""

from django.db import migrations, models

_INSERT = """
INSERT INTO compliance_consentpurpose
    (code, version, basis, law, name_en, name_sw, text_en, text_sw, asks_again, is_ended, since)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '2026-11-22T00:00:00Z')
"""
_ACT = "Data Protection Act 2019"
_PURPOSES = [
    ("CREDIT", 1, "CONTRACT", f"{_ACT}, s. 30(1)(b)(i), s. 35",
     "Loans you ask for", "Mikopo unayoomba",
     "When you ask for a loan or owe one, a program works out a score from your accounts and loans here. You see the "
     "reasons, and a person looks at every no.",
     "Ukiomba mkopo au ukiwa na deni, programu inakokotoa alama kutokana na akaunti na mikopo yako hapa. Unaona sababu, "
     "na mtu huangalia kila jibu la hapana.",
     False, False),
    ("LEARNING", 1, "LEGITIMATE", f"{_ACT}, s. 30(1)(b)(vii)",
     "Learning to lend and to stop theft", "Kujifunza kukopesha na kuzuia wizi",
     "Our programs learn from how past payments and loans went, without names, phones or numbers. If you "
     "object, write to us under Correct my data: a person answers.",
     "Programu zetu hujifunza kutokana na malipo na mikopo ya zamani, bila majina, simu wala namba. Ukipinga, "
     "tuandikie kwenye Rekebisha data yangu: mtu atakujibu.",
     False, False),
    ("SHARING", 1, "LEGAL_DUTY",
     f"{_ACT}, s. 30(1)(b)(ii); Credit Reference Bureau Regulations 2020; POCAMLA 2009, s. 44",
     "Who else gets your data", "Nani mwingine anapata data yako",
     "Whoever you pay sees your name. An app gets what you allowed it, until you stop it. A bureau may hear of a late loan "
     "after 30 days' notice. Courts and authorities get what the law demands. Partners get nothing for offers.",
     "Unayemlipa anaona jina lako. Programu inapata ulichoiruhusu, hadi uizuie. Ofisi ya mikopo yaweza kuambiwa mkopo uliochelewa "
     "baada ya notisi ya siku 30. Mahakama na mamlaka wanapata kinachotakiwa na sheria. Washirika hawapati chochote.",
     False, False),
    ("PROFILING", 2, "CONSENT", f"{_ACT}, s. 30(1)(a), s. 35",
     "Telling you what you could borrow", "Kukuambia unachoweza kukopa",
     "Without being asked, we work out each month what you could borrow and tell you when it changes much. A loan you ask "
     "for does not depend on this.",
     "Bila kuombwa, kila mwezi tunakokotoa unachoweza kukopa na kukuambia kikibadilika sana. Mkopo unaoomba hautegemei "
     "hili.",
     True, False),
    ("THIRD_PARTIES", 2, "CONSENT", f"{_ACT}, s. 30(1)(a)",
     "Sharing with partners", "Kushiriki na washirika",
     "We give partners nothing, and no longer ask.", "Hatuwapi washirika chochote, na hatuulizi tena.",
     True, True),
]  # fmt: skip

# The register of processing says so too: businesses and whom they name are asked about at their registrar, and scores
# that nobody asked for are a thing of their own.
_REGISTER = """
INSERT INTO compliance_processingactivity
    (code, version, name, purpose, basis, law, people, categories, recipients, retention, abroad, dpia, is_active, since)
SELECT code, version + 1, name, purpose, basis, law, people || ', directors and owners of businesses', categories,
       'Business Registration Service; ' || recipients, retention, abroad, dpia, true, '2026-11-22T00:00:00Z'::timestamptz
  FROM compliance_processingactivity WHERE code = 'identity' AND version = 1
UNION ALL
SELECT 'offers', 1, 'What one could borrow', 'Scoring each month, without being asked, who agreed to it', 'CONSENT',
       'Data Protection Act 2019, s. 30(1)(a), s. 35', 'Customers', 'Transactions, income, repayments', 'None',
       'As scores of loans', 'None', 'Before opening; automated profiling', true, '2026-11-22T00:00:00Z'::timestamptz
"""


class Migration(migrations.Migration):
    dependencies = [("compliance", "0006_alerts_about_staff")]

    operations = [
        migrations.AddField(model_name="consentpurpose", name="is_ended", field=models.BooleanField(default=False)),
        migrations.RunSQL([(_INSERT, row) for row in _PURPOSES], migrations.RunSQL.noop),
        migrations.RunSQL(_REGISTER, migrations.RunSQL.noop),
    ]
