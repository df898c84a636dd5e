"""Formats of Kenyan English."""
