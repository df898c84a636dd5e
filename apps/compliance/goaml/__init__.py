"""goAML: the XML of the Financial Reporting Centre's system, from facts that are handed in."""

from apps.compliance.goaml.document import Account, Document, Move, Person, Side, build

__all__ = ["Account", "Document", "Move", "Person", "Side", "build"]
