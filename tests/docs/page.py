"""A page of docs/ as what it is: text with blocks that a reader would run, in order, in one directory.

    <!-- run: NAME -->      before ```sh or ```python: it is run; a ```text fence right after it is what it prints
    <!-- file: NAME -->     before any fence: it is saved under that name first
    <!-- not run: WHY -->   before a fence that cannot be run here

In the expected text a line `...` stands for any lines and `...` within a line for any characters.
`python -m tests.docs.page docs/files.md` runs a page and prints what its blocks really print.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from graph_emulator import Emulator

_FENCE = re.compile(
    r"^(?:<!-- (?P<mark>run|file|not run): (?P<word>[^\n]+?) -->\n)?```(?P<language>\w*)\n(?P<content>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
_BREAK = "\x1e"
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
_INTERPRETER = f"""python -W error -c 'import runpy, sys
for name in sys.argv[1:]:
    print(chr({ord(_BREAK)}) + name, flush=True)
    runpy.run_path("blocks/" + name + ".py", run_name="__main__")'"""
_DOCS = Path(__file__).resolve().parent.parent.parent / "docs"


@dataclass(frozen=True)
class Block:
    """One fence: how it is marked, its language and text, and what it is said to print (None: nothing is said)."""

    mark: str | None
    word: str
    language: str
    content: str
    line: int
    expected: str | None = None


def blocks(text: str) -> list[Block]:
    """Return the fences of a page in order; the output that follows a run block is part of it."""
    found: list[Block] = []
    end = 0
    for match in _FENCE.finditer(text):
        alone = not text[end : match.start()].strip()
        if (
            match["language"] == "text"
            and match["mark"] is None
            and found
            and alone
            and found[-1].mark == "run"
        ):
            last = found[-1]
            found[-1] = Block("run", last.word, last.language, last.content, last.line, match["content"])
        else:
            line = text.count("\n", 0, match.start()) + 1
            found.append(Block(match["mark"], match["word"] or "", match["language"], match["content"], line))
        end = match.end()
    return found


def run(page: Path, directory: Path, ready: dict[str, object]) -> dict[str, str]:
    """Run a page's blocks in `directory` and return what each printed, standard error among it.

    Parameters:
        ready: what the tenant that the page works with says of itself.
    Raises AssertionError where a block failed.
    """
    (directory / "home").mkdir()
    (directory / "blocks").mkdir()
    text = page.read_text(encoding="utf-8")
    if "> tenant.json" not in text:
        (directory / "tenant.json").write_text(json.dumps(ready), encoding="utf-8")
    script = ["set -euo pipefail", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT", "exec 2>&1"]
    for block in blocks(text):
        if block.mark == "file":
            (directory / block.word).parent.mkdir(parents=True, exist_ok=True)
            (directory / block.word).write_text(block.content, encoding="utf-8")
        elif block.mark == "run" and block.language == "sh":
            script.append(f"printf '{_BREAK}%s\\n' {shlex.quote(block.word)}\n{block.content}")
        elif block.mark == "run":
            (directory / "blocks" / f"{block.word}.py").write_text(block.content, encoding="utf-8")
            # Blocks that follow each other share an interpreter, which has imported what they need already.
            if not script[-1].startswith(_INTERPRETER):
                script.append(_INTERPRETER)
            script[-1] += f" {block.word}"
    process = subprocess.Popen(
        ["bash", "-c", "\n".join(script)],
        cwd=directory,
        env=_environment(directory / "home", ready),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        said = process.communicate(timeout=100)[0].decode()
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    printed = dict(part.split("\n", 1) for part in said.split(_BREAK)[1:])
    assert process.returncode == 0, (
        f"{page.name}: the last block ended with {process.returncode}:\n{said[-3000:]}"
    )
    return printed


def run_with_a_tenant(page: Path, directory: Path) -> tuple[dict[str, str], Emulator]:
    """Run a page with a demo tenant of its own; return what its blocks printed, and the tenant."""
    emulator = Emulator()
    # TLS and a proxy take a while to set up; a page that needs them says so by a name.
    listeners = {"proxy_port": 0} if "proxy_url" in page.read_text(encoding="utf-8") else {}
    with emulator.serve_in_thread(**listeners) as running:
        emulator.write_credentials(directory / "credentials")
        printed = run(page, directory, emulator.ready_line(running))
    emulator.close()
    return printed, emulator


def agrees(expected: str, printed: str) -> bool:
    """Say whether what was printed is what the page says."""
    pattern = "".join(
        r"(?:.*\n)*" if line == "..." else re.escape(line).replace(re.escape("..."), ".*") + r"[ \t]*\n"
        for line in expected.rstrip("\n").splitlines()
    )
    return re.fullmatch(pattern, printed.rstrip("\n") + "\n") is not None


def _environment(home: Path, ready: dict[str, object]) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DRIVEQL_", "XDG_", "PYTEST_")) and not name.lower().endswith("_proxy")
    }
    return {
        **kept,
        "HOME": str(home),
        "PATH": PATH,
        "DRIVEQL_CONNECTION_STRING": str(ready["connection_string"]),
        "PYTHONUNBUFFERED": "1",
        "LC_ALL": "C.UTF-8",
        "COLUMNS": "100",
    }


def _show(page: Path) -> None:
    with tempfile.TemporaryDirectory() as directory:
        printed, _ = run_with_a_tenant(page, Path(directory))
    for block in blocks(page.read_text(encoding="utf-8")):
        if block.mark == "run":
            said = block.expected is None or agrees(block.expected, printed[block.word])
            sys.stdout.write(
                f"--- {block.word} (line {block.line}){'' if said else ' DIFFERS'}\n{printed[block.word]}"
            )


if __name__ == "__main__":
    for name in itertools.islice(sys.argv, 1, None):
        _show(Path(name) if Path(name).exists() else _DOCS / name)
