"""Starts and measures one process: `python -m bench.launch REPORT CORE COMMAND...` writes its usage to the file REPORT.

Linux counts towards a process's peak memory what its parent held when it was started, so the parent has to be this small one.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main(report: str, core: int, command: list[str]) -> int:
    """Run the command to its end and return its exit code. A negative core leaves the choice to the system."""
    started = time.perf_counter()
    process = os.fork()
    if process == 0:
        if core >= 0:
            os.sched_setaffinity(0, [core])
        os.execvp(command[0], command)
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - started
    figures = {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "peak": usage.ru_maxrss / 1024}
    with open(report, "w") as file:  # noqa: PTH123 - pathlib would make this process larger
        json.dump(figures, file)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(abs(main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])))
