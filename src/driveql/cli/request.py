"""`driveql request`: any request to Graph, with the connection's token, retries and paging."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from driveql.cli.options import Invocation, dry_run_option, global_options

if TYPE_CHECKING:
    from driveql.transport.wire import GraphResponse

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@click.command(
    epilog="\b\nExamples:\n"
    "  driveql request GET '/users?$select=id,mail&$top=5'\n"
    "  driveql request GET '/users?$select=mail' --paged | jq -r .mail\n"
    '  driveql request PATCH /drives/ID/items/ID -d \'{"name": "new.csv"}\'\n'
    "  driveql request PUT /drives/ID/root:/a.txt:/content -d @a.txt -H 'Content-Type: text/plain'\n"
    "  driveql request GET beta/me -i\n\n"
    "PATH is below /v1.0 (or begins with beta/), percent-encoded; an absolute URL must be on the connection's own"
    " Graph host, since no other receives the token. The answer is written as it came, with all that is in it:"
    " a pre-authenticated @microsoft.graph.downloadUrl too. Exit codes are those of every command."
)
@click.argument("method", type=click.Choice(_METHODS, case_sensitive=False), metavar="METHOD")
@click.argument("path")
@click.option("-d", "--body", metavar="DATA", help="The body; @FILE from a file, - from standard input.")
@click.option(
    "-H", "--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="A header; repeatable."
)
@click.option(
    "--paged", is_flag=True, help="Follow the pages; write each object of the collection on a line."
)
@click.option("-i", "--include", is_flag=True, help="Status and headers too, on standard error.")
@click.option("-o", "--output", "target", type=click.Path(dir_okay=False), help="Write the answer to a file.")
@dry_run_option
@global_options
def request(
    invocation: Invocation,
    method: str,
    path: str,
    body: str | None,
    headers: tuple[str, ...],
    paged: bool,
    include: bool,
    target: str | None,
    dry_run: bool,
) -> None:
    """Send METHOD to PATH and write the answer's body. Without a Content-Type, DATA must be JSON."""
    from driveql.transport.portal import portal

    method = method.upper()
    if paged and (method != "GET" or body is not None or headers or target):
        raise click.UsageError("--paged is for GET without body, headers and output file.")
    named = dict(map(_header, headers))
    content, value = _body(body, any(name.casefold() == "content-type" for name in named))
    writes = method not in {"GET", "HEAD", "OPTIONS"}
    with invocation.open(dry_run=dry_run) as onedrive:
        if paged:
            for found in portal().iterate(onedrive.asynchronous.objects(path)):
                _write_line(found)
            return
        if dry_run and writes:
            _plan(invocation, onedrive.asynchronous.session, method, path, content, value)
            return
        answer = onedrive.request(method, path, json=value, body=content, headers=named)
    if include:
        _show_head(answer)
    _write(invocation, answer, target)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip() or any(ord(character) < 32 for character in text):
        raise click.UsageError(f"{text!r} is no header; write 'Name: value'.")
    return name.strip(), value.strip()


def _body(written: str | None, typed: bool) -> tuple[bytes | None, Any]:
    """Return the body as bytes, or as a JSON value where no content type is given."""
    from driveql.errors import LocalFileError

    if written is None:
        return None, None
    try:
        if written == "-":
            content = sys.stdin.buffer.read()
        elif written.startswith("@"):
            content = Path(written[1:]).read_bytes()
        else:
            content = written.encode()
    except OSError as error:
        raise LocalFileError(f"{written.removeprefix('@')}: {error.strerror}.") from None
    if typed:
        return content, None
    try:
        value = json.loads(content)
    except ValueError as error:
        raise click.UsageError(
            f"The body is not JSON ({error}). For other bodies give their type: -H 'Content-Type: text/plain'."
        ) from None
    if value is None:
        raise click.UsageError("The body null says nothing; leave it out.")
    return None, value


def _plan(
    invocation: Invocation, session: Any, method: str, path: str, content: bytes | None, value: Any
) -> None:
    from driveql import redaction
    from driveql.drive.generic import absolute

    url = redaction.url(absolute(session, path))
    length = len(content) if content is not None else len(json.dumps(value)) if value is not None else 0
    invocation.plan(
        f"would send {method} {url} with {length} bytes",
        {"method": method, "url": url, "bytes": length, "outcome": "planned"},
    )


def _show_head(answer: GraphResponse) -> None:
    from driveql import redaction
    from driveql.cli.text import escaped

    click.echo(f"{answer.status}", err=True)
    for name, value in answer.headers.items():
        click.echo(escaped(f"{name}: {redaction.text(value)}"), err=True)


def _write(invocation: Invocation, answer: GraphResponse, target: str | None) -> None:
    from driveql.errors import LocalFileError

    if target is not None:
        try:
            Path(target).write_bytes(answer.body)
        except OSError as error:
            raise LocalFileError(f"{target}: {error.strerror}.") from None
        return
    if not answer.body:
        if answer.headers.get("Location"):
            invocation.note(
                f"{answer.status}; the Location header (-i shows it, redacted) says where to look."
            )
        return
    if "json" in answer.headers.get("Content-Type", "") and (sys.stdout.isatty() or invocation.json):
        text = json.dumps(answer.json(), indent=None if invocation.json else 2, ensure_ascii=True)
        click.echo(text)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(answer.body)
    sys.stdout.buffer.flush()


def _write_line(found: dict[str, object]) -> None:
    from driveql.cli.text import json_line

    sys.stdout.write(json_line(found) + "\n")
