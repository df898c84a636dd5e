"""Speed goals, each a script that prints a ratio against a baseline of the same run."""

import os

# Before anything of the bank is imported: it would choose the settings of this machine's own bank.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
