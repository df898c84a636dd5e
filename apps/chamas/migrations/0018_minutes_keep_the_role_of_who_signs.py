"""Each name under minutes keeps what that member was: those of before are filled with what they are today."""

from django.db import migrations, models

_ROLES = ["CHAIR", "TREASURER", "SECRETARY", "MEMBER", "AUDITOR"]
# The rows are written once; the guard is stepped around for this one statement, inside the migration's transaction.
_FILL = """
SELECT set_config('pgtrigger.ignore', '{pgtrigger_rows_are_written_once_e1ea2}', true);
UPDATE chamas_minutessignature s SET role = m.role FROM chamas_membership m WHERE m.id = s.member_id;
SELECT set_config('pgtrigger.ignore', '{}', true);
"""


class Migration(migrations.Migration):
    dependencies = [("chamas", "0017_no_index_twice")]

    operations = [
        migrations.AddField(
            model_name="minutessignature",
            name="role",
            field=models.CharField(
                choices=[
                    ("CHAIR", "Chairperson"),
                    ("TREASURER", "Treasurer"),
                    ("SECRETARY", "Secretary"),
                    ("MEMBER", "Member"),
                    ("AUDITOR", "Auditor"),
                ],
                default="",
                max_length=9,
            ),
            preserve_default=False,
        ),
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="minutessignature",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", _ROLES)), name="who_signs_minutes_has_a_role"
            ),
        ),
    ]
