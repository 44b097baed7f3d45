"""What `driveql cert create` leaves behind: private files for their owner alone, and the portal's steps in words."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from driveql.errors import LocalFileError

if TYPE_CHECKING:
    from driveql.auth.issue import IssuedCertificate

_STEPS = """
Next, in the Microsoft Entra admin center (entra.microsoft.com):
  1. Identity > Applications > App registrations > your application (or New registration).
  2. Certificates & secrets > Certificates > Upload certificate: {cer}
     The portal then shows the thumbprint {thumbprint}.
  3. API permissions > Add a permission > Microsoft Graph > Application permissions:
     Files.Read.All to read, Files.ReadWrite.All to write; User.ReadBasic.All and Sites.Read.All to list owners.
  4. Grant admin consent.
  5. Overview: copy the Application (client) ID and the Directory (tenant) ID.
Then, here:
  driveql connect add work --tenant-id TENANT --client-id CLIENT --certificate-path {pfx} \\
    --certificate-password prompt --group-or-user-id USER@DOMAIN
Keep the .pfx and .pem files secret; the .cer file is public."""


def write_all(contents: dict[Path, bytes]) -> None:
    """Write new files, the private ones readable by their owner alone; all or none. Raises LocalFileError."""
    written: list[Path] = []
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_new(path, content, 0o644 if path.suffix == ".cer" else 0o600)
            written.append(path)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise LocalFileError(
            f"{error.filename or 'A file'} cannot be written: {error.strerror}; nothing was kept."
        ) from None


def _write_new(path: Path, content: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def tell(issued: IssuedCertificate, files: dict[str, Path], *, as_json: bool) -> None:
    """Print the facts of a new certificate, and what to do with it in the portal."""
    from driveql.cli.render import Output

    pfx, pem, cer = (str(files[suffix].resolve()) for suffix in (".pfx", ".pem", ".cer"))
    facts: dict[str, object] = {
        "pfx": pfx,
        "pem": pem,
        "cer": cer,
        "subject": issued.certificate.subject.rfc4514_string(),
        "valid_until": issued.certificate.not_valid_after_utc,
        "thumbprint_sha1": issued.thumbprint_sha1,
        "thumbprint_sha256": issued.thumbprint_sha256,
    }
    Output(as_json=as_json).record(facts)
    if not as_json:
        click.echo(_STEPS.format(cer=cer, pfx=pfx, thumbprint=issued.thumbprint_sha1), err=True)
