"""Write the reference pages from the code: `python -m docs.generate`, or `make docs`. A test holds them current."""

from __future__ import annotations

import sys
from pathlib import Path

from docs import commands_page, errors_page, parameters_page, procedures_page, tables_page

HERE = Path(__file__).resolve().parent
_NOTE = "<!-- Written by `make docs` from the code. Change the code's own texts, not this page. -->\n\n"


def pages() -> dict[str, str]:
    """Return the name and the text of every generated page."""
    written = {
        "commands.md": commands_page.text(),
        "parameters.md": parameters_page.text(),
        "errors.md": errors_page.text(),
        "procedures.md": procedures_page.text(),
        "tables.md": tables_page.text(),
    }
    return {name: _NOTE + text.rstrip() + "\n" for name, text in written.items()}


def main() -> None:
    """Write the pages beside this file."""
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"docs/{name}\n")


if __name__ == "__main__":
    main()
