"""The packages we measure against live in environments of their own, without anything of the bank's."""

import subprocess
import sys

from kitbank.local import places


def test_what_both_sides_share_loads_without_the_bank():
    asked = "import bench.common, sys; sys.exit('kitbank' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], cwd=places.ROOT, check=False).returncode == 0
