"""Names the folders that running the bank on one machine writes into, all of them below `var/`."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var"
LOGS = VAR / "log"
BROKER = VAR / "broker"
DATABASE = VAR / "postgres"
TEST_DATABASE = VAR / "test-postgres"


def make_folders() -> None:
    """Create what the processes expect to find; kombu's filesystem transport refuses to make its own folders."""
    for folder in (LOGS, *(BROKER / name for name in ("messages", "control", "processed"))):
        folder.mkdir(parents=True, exist_ok=True)
