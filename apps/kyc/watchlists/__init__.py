"""Files of watch lists, as their publishers write them."""

from apps.kyc.watchlists.entries import BadList, Entry, ListedAs, ListFile
from apps.kyc.watchlists.own import read_csv
from apps.kyc.watchlists.publishers import read_ofac, read_un

READERS = {"OFAC": read_ofac, "UN": read_un, "CSV": read_csv}

__all__ = ["READERS", "BadList", "Entry", "ListFile", "ListedAs", "read_csv", "read_ofac", "read_un"]
