"""Words in the cells of a sheet stay words."""

import pytest

from apps.kernel.cells import safe_cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\r=1"])
def test_cells_that_a_spreadsheet_would_run_are_disarmed(text):
    assert safe_cell(text) == f"'{text}"


def test_other_words_stay_as_they_are():
    assert [safe_cell(text) for text in ("", "Amina", "7 - 2")] == ["", "Amina", "7 - 2"]
