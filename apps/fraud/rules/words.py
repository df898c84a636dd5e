"""Marks sentences for translation: rules know no language, whoever shows a sentence translates it."""


def gettext_noop(text: str) -> str:
    """The sentence as it is."""
    return text
