"""Argon2 with little work, for invented people only: a sign-in reads it, and replaces it by a strong one."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    """The same algorithm and format, so the bank's own hasher verifies it and sees that it must be renewed."""

    time_cost = 1
    memory_cost = 256  # KiB
    parallelism = 1
