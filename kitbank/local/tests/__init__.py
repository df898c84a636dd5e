"""Tests of the launcher, the supervisor and the checks."""
