"""What every test may ask for."""

from __future__ import annotations

import faulthandler
import signal
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

# A shell that starts a job in the background has it ignore SIGINT, and a child would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent
END_SECONDS = 90


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown() -> Generator[None, object, object]:
    """Limit a test's end too: pytest takes its limit away when a test fails, and one that ran out of time may hang on."""
    faulthandler.dump_traceback_later(END_SECONDS, exit=True, file=sys.__stderr__)
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The facts and sample files that lie beside the project; tests that need them skip where they are absent."""
    shared = ROOT.parent / "shared"
    if not shared.is_dir():
        pytest.skip("../shared is not beside the project")
    return shared
