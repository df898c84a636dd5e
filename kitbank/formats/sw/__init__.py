"""Formats of Kiswahili."""
