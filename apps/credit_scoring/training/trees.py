"""The challenger: LightGBM, whose risk may only move the way each characteristic allows; kept as its own text.

It needs libgomp from the system. Where that is missing nothing breaks: `why_not` says so, and who asks goes without.
"""

from collections.abc import Mapping, Sequence
from typing import Any

ROUNDS = 300
# Its threads wait for each other by spinning: beside other work on two cores, two took twenty times what one takes.
ALONE: dict[str, Any] = {"num_threads": 1}
FIXED = {
    "objective": "binary",
    "verbose": -1,
    "deterministic": True,
    "force_row_wise": True,
    **ALONE,
    "learning_rate": 0.03,
    "num_leaves": 8,
    "min_data_in_leaf": 60,
    "lambda_l2": 10.0,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
}


def why_not() -> str:
    """Why LightGBM cannot be used here; empty when it can."""
    try:
        import lightgbm  # noqa: F401  its own library is loaded with it
    except (ImportError, OSError) as no:
        return f"LightGBM cannot be loaded: {no}"
    return ""


def train(
    columns: Mapping[str, Any], bad: Any, *, directions: Mapping[str, int], seed: int, rounds: int = ROUNDS, **more: Any
) -> str:
    """A model as LightGBM's text. `directions` +1 is the more the safer, 0 free. Raises ImportError, OSError."""
    import lightgbm
    import numpy as np

    asked = {
        **FIXED,
        "seed": seed,
        "monotone_constraints": [-directions.get(code, 0) for code in columns],  # of the risk
        **more,
    }
    matrix = np.column_stack([np.asarray(values, dtype=float) for values in columns.values()])
    told = lightgbm.Dataset(matrix, np.asarray(bad, dtype=float), feature_name=list(columns))
    return str(lightgbm.train(asked, told, num_boost_round=rounds).model_to_string())


def predict(artefact: str, columns: Mapping[str, Any]) -> Any:
    """Probabilities of default, in the order of the rows. Raises ImportError, OSError."""
    import lightgbm
    import numpy as np

    booster = lightgbm.Booster(model_str=artefact)
    matrix = np.column_stack([np.asarray(columns[code], dtype=float) for code in booster.feature_name()])
    return booster.predict(matrix, **ALONE)


def contributions(artefact: str, row: Mapping[str, float | None]) -> dict[str, float]:
    """What each characteristic adds to the log odds of failing, for one customer; they sum to the raw score."""
    import lightgbm
    import numpy as np

    booster = lightgbm.Booster(model_str=artefact)
    names: Sequence[str] = booster.feature_name()
    values = [float("nan") if row.get(code) is None else float(row[code] or 0) for code in names]
    told = booster.predict(np.asarray([values]), pred_contrib=True, **ALONE)[0]
    return {code: float(part) for code, part in zip([*names, "BASE"], told, strict=True)}
