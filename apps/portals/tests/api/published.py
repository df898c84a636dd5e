"""The published schema, read once for all tests of a process."""

from pathlib import Path

import yaml

# Two megabytes: in plain Python reading them takes a quarter of a minute, with libyaml a second.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

SCHEMA = _LOADER((Path(__file__).resolve().parents[4] / "schema.yaml").read_bytes()).get_single_data()
