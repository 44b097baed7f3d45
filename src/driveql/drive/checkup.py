"""Does a connection work? Step by step, from the key to the first page of files: what was found, how long it took.

The command line, the doctor and the connection page show these same steps. A step never raises: its error is its result.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from driveql.auth.access_token import AccessToken
from driveql.auth.credential import CertificateCredential
from driveql.auth.local_key import check_validity
from driveql.auth.signing import Signer
from driveql.drive.features import SELECTED, features
from driveql.drive.onedrive import OneDrive
from driveql.errors import ConsentMissingError, DriveqlError, PermissionDeniedError

WARNING_DAYS = 30
_PAGE = 200  # items on a full page, where Graph chooses
_GRANT = "Under API permissions add Microsoft Graph > Application permissions > {}, and grant admin consent."


class Result(StrEnum):
    """How a step ended. `WARNING`: it works, but a person should know; `SKIPPED`: an earlier step failed."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """One finished step. `seconds` is how long it took; `error` is what failed it."""

    name: str
    result: Result
    seconds: float
    detail: str
    hint: str | None = None
    error: DriveqlError | None = None

    def as_record(self) -> dict[str, object]:
        """Return the step as plain values, for JSON and tables."""
        return {
            "step": self.name,
            "result": self.result.value,
            "seconds": round(self.seconds, 3),
            "detail": self.detail,
            "hint": self.hint,
            "code": self.error.code if self.error else None,
            "request_id": self.error.request_id if self.error else None,
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """What an action of a step found, where it did not fail."""

    detail: str
    hint: str | None = None
    result: Result = Result.OK


Action = Callable[[], Awaitable[Finding]]


async def run(name: str, action: Action) -> Step:
    """Carry out one step and time it."""
    started = time.monotonic()
    try:
        found = await action()
    except DriveqlError as error:
        return Step(name, Result.FAILED, time.monotonic() - started, error.message, error.hint, error)
    return Step(name, found.result, time.monotonic() - started, found.detail, found.hint)


async def steps(onedrive: OneDrive, *, own_credential: bool = True) -> AsyncGenerator[Step, None]:
    """Yield the steps as they finish. After a failure the steps that need it are yielded as skipped.

    Parameters:
        own_credential: False where a foreign credential object signs in, which has no key to look at.
    """
    checkup = _Checkup(onedrive)
    failed: set[str] = set()
    plan: tuple[tuple[str, Action, str | None], ...] = (
        *(checkup.key_steps() if own_credential else ()),
        (
            "Token received",
            checkup.token,
            "Certificate valid" if onedrive.settings.uses_certificate else None,
        ),
        ("Permissions", checkup.permissions, "Token received"),
        ("Owner found", checkup.owner, "Permissions"),
        ("Drive found", checkup.drive, "Permissions" if onedrive.settings.drive_id else "Owner found"),
        ("First page read", checkup.first_page, "Drive found"),
    )
    for name, action, needed in plan:
        if needed in failed:
            step = Step(name, Result.SKIPPED, 0.0, f"needs: {needed.lower()}")
        else:
            step = await run(name, action)
        if step.result in {Result.FAILED, Result.SKIPPED}:
            failed.add(name)
        yield step


class _Checkup:
    def __init__(self, onedrive: OneDrive) -> None:
        self._onedrive, self._settings = onedrive, onedrive.settings
        self._signer: Signer | None = None
        self._token: AccessToken | None = None

    def key_steps(self) -> tuple[tuple[str, Action, str | None], ...]:
        if self._settings.uses_certificate:
            return ("Key readable", self.key, None), ("Certificate valid", self.validity, "Key readable")
        if self._settings.client_secret is not None:
            return (("Secret readable", self.secret, None),)
        return ()

    async def key(self) -> Finding:
        self._signer = CertificateCredential(self._settings).signer
        where = self._settings.certificate_path or "in memory"
        return Finding(f"{where}, thumbprint {self._signer.thumbprint_sha1.hex().upper()}")

    async def validity(self) -> Finding:
        assert self._signer is not None
        now, until = datetime.now(UTC), self._signer.not_valid_after
        check_validity(self._signer, now)
        days = (until - now).days
        detail = f"until {until:%Y-%m-%d}, {days} days left"
        if days >= WARNING_DAYS:
            return Finding(detail)
        hint = "Make a new one (driveql cert create) and upload its .cer file before this one expires."
        return Finding(detail, hint, Result.WARNING)

    async def secret(self) -> Finding:
        assert self._settings.client_secret is not None
        self._settings.client_secret.reveal(purpose="client secret")
        return Finding(f"from {self._settings.client_secret.source.value}")

    async def token(self) -> Finding:
        self._token = await self._onedrive.session.access_token()
        claims = self._token.claims()
        name = claims.get("app_displayname") or claims.get("appid") or "an application"
        minutes = max(0, int(self._token.expires_on - time.time()) // 60)
        return Finding(
            f"for {name} in tenant {claims.get('tid', self._settings.tenant)}, valid {minutes} minutes"
        )

    async def permissions(self) -> Finding:
        assert self._token is not None
        return permission_finding(self._token)

    async def owner(self) -> Finding:
        owner = self._settings.group_or_user_id
        if not owner:
            return Finding("my self: whoever signed in")
        try:
            found = await self._onedrive.directory.one(owner)
        except PermissionDeniedError:
            detail = f"{owner}: the application may not look it up; the drive will show whether it exists"
            return Finding(detail, result=Result.WARNING, hint=_lookup_hint(owner))
        name = found.get("displayName") or found.get("userPrincipalName") or found.get("id")
        return Finding(f"{name} ({owner})")

    async def drive(self) -> Finding:
        info = await (await self._onedrive.drive()).info()
        chosen = "" if self._settings.drive_id else ", the owner's default"
        return Finding(f"{info.name} ({info.id}{chosen})")

    async def first_page(self) -> Finding:
        handle = await self._onedrive.drive()
        async with contextlib.aclosing(handle.list("/")) as pages:
            async for page in pages:
                more = " at least" if len(page) >= _PAGE else ""
                return Finding(f"{len(page)} items{more} in the root folder")
        return Finding("the root folder is empty")


def permission_finding(token: AccessToken) -> Finding:
    """Return what a token's application permissions allow, and the least to ask for where something is missing."""
    roles = token.roles
    if not roles:
        if token.claims().get("scp"):
            return Finding(f"delegated: {token.claims()['scp']}")
        raise ConsentMissingError(
            "The token holds no application permission; Graph will refuse every request.",
            hint=_GRANT.format("Files.Read.All"),
        )
    table = list(features(roles))
    allowed = ", ".join(feature.words for feature in table if feature.allowed)
    if SELECTED in roles and not any(feature.name == "list_files" and feature.allowed for feature in table):
        return Finding(f"{', '.join(roles)}: only the sites that an administrator granted one by one")
    detail = f"{', '.join(roles)}: {allowed or 'nothing driveql can use'}"
    if not any(feature.name == "read_files" and feature.allowed for feature in table):
        return Finding(detail, _GRANT.format("Files.Read.All"), Result.WARNING)
    return Finding(detail)


def missing_permissions(token: AccessToken) -> dict[str, list[str]]:
    """Return, for each permission the application lacks, the features that need it."""
    missing: dict[str, list[str]] = {}
    for feature in features(token.roles):
        if not feature.allowed:
            missing.setdefault(feature.least, []).append(feature.words)
    return missing


def _lookup_hint(owner: str) -> str:
    least = {"users": "User.ReadBasic.All", "groups": "Group.ReadBasic.All"}.get(
        owner.split("/")[1], "Sites.Read.All"
    )
    return f"To have owners looked up and listed, grant {least}; it is not needed for the files."
