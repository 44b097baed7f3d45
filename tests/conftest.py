"""What every test may ask for."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

# A shell that starts a job in the background has it ignore SIGINT, and a child would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The facts and sample files that lie beside the project; tests that need them skip where they are absent."""
    shared = ROOT.parent / "shared"
    if not shared.is_dir():
        pytest.skip("../shared is not beside the project")
    return shared
