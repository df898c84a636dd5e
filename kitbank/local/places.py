"""Names the folders that running the bank on one machine writes into, all of them below `var/`."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var"
LOGS = VAR / "log"
BROKER = VAR / "broker"
DATABASE = VAR / "postgres"
SIGN_INS = VAR / "sign-ins.txt"
STATIC = VAR / "static"
PACKED = VAR / "static.packed"  # of what the files in STATIC were made
TEST_DATABASE = VAR / "test-postgres"


def make_folders() -> None:
    """Create what the processes expect to find; kombu's file transport does not make its own."""
    for folder in (LOGS, STATIC, *(BROKER / name for name in ("messages", "control", "processed"))):
        folder.mkdir(parents=True, exist_ok=True)
