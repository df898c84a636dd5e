"""Opens the rule for money that passes through a group of savers, with figures that the MLRO confirms (cents)."""

from django.db import migrations, models

CODES = [
    "STRUCTURING", "RAPID_IN_OUT", "DORMANT_ACTIVE", "ROUND_TRIP", "ROUND_AMOUNTS", "VELOCITY", "CASH_OVER",
    "MANY_TO_ONE", "ONE_TO_MANY", "DRAIN", "CORRIDOR", "CHAMA_THROUGH",
]  # fmt: skip
_SEED = """
INSERT INTO compliance_amlrule (code, version, parameters, severity, is_active, source, since)
VALUES ('CHAMA_THROUGH', 1,
        '{"days": 14, "share": "0.70", "least_minor": 10000000, "times_own": "3", "times_usual": "2"}', 'HIGH', true,
        'POCAMLA and the bank''s own judgement; to be confirmed by the MLRO', '2026-11-22T00:00:00Z')
"""


class Migration(migrations.Migration):
    dependencies = [("compliance", "0007_what_is_asked_is_done")]

    operations = [
        migrations.RemoveConstraint(model_name="amlrule", name="aml_rule_is_known"),
        migrations.AlterField(
            model_name="amlrule",
            name="code",
            field=models.CharField(choices=[(code, code) for code in CODES], max_length=16),
        ),
        migrations.AddConstraint(
            model_name="amlrule",
            constraint=models.CheckConstraint(condition=models.Q(("code__in", tuple(CODES))), name="aml_rule_is_known"),
        ),
        migrations.RunSQL(_SEED, migrations.RunSQL.noop),
    ]
