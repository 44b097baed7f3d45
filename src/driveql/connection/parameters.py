"""The one table of connection parameters: every surface (keywords, strings, files, environment, page, docs)
reads it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from driveql.connection import validation as read
from driveql.connection import web_addresses
from driveql.connection.clouds import CLOUDS
from driveql.connection.owner import normalise
from driveql.connection.settings import RetryMode, StorageMode
from driveql.errors import ParameterError


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    `name` is as the field's incumbent spells it, `type` says in a word what a value is, `default` is
    written as a person would write it, `secret` marks values that are never shown and never stored in clear
    by themselves.
    """

    name: str
    type: str
    reader: read.Reader
    meaning: str
    example: str
    default: str = ""
    options: tuple[str, ...] = ()
    secret: bool = False
    internal: bool = False

    @cached_property
    def keyword(self) -> str:
        """The snake_case name for Python."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", self.name).lower()

    @property
    def environment(self) -> str:
        """The environment variable's name."""
        return f"DRIVEQL_{self.keyword.upper()}"

    def read(self, raw: object) -> object:
        """Return the typed value. Raises ParameterError with the fault and a good example."""
        try:
            return self.reader(raw)
        except read.ValueFaultError as fault:
            raise self.fault(str(fault)) from None

    def fault(self, what: str, hint: str | None = None) -> ParameterError:
        """Return the error for a value of this parameter, ready to raise."""
        good = f"A good example: {self.name}={self.example}"
        return ParameterError(
            f"{self.name}: {what}.", parameter=self.name, hint=f"{hint} {good}" if hint else good
        )


def _one_of(name: str, options: tuple[str, ...], meaning: str, default: str) -> Parameter:
    return Parameter(name, "choice", read.choice(*options), meaning, default, default, options)


_STORAGE_MODES = tuple(mode.value for mode in StorageMode)
_RETRY_MODES = tuple(mode.value for mode in RetryMode)
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_CACHE_MODES = ("none", "metadata", "all")
_CACHE_STORAGES = ("memory", "file")
_NON_INDEXED = ("HonorNonIndexedQueriesWarningMayFailRandomly",)
_TOKEN_URL_EXAMPLE = "https://login.microsoftonline.com/contoso.onmicrosoft.com/oauth2/v2.0/token"  # noqa: S105  # a URL
_TENANT_ID_EXAMPLE = "contoso.onmicrosoft.com"

PARAMETERS: tuple[Parameter, ...] = (
    Parameter(
        "TokenUrl",
        "url",
        web_addresses.token_url,
        "Where tokens come from; holds the tenant.",
        _TOKEN_URL_EXAMPLE,
    ),
    Parameter(
        "TenantId",
        "text",
        web_addresses.tenant,
        "The short way to TokenUrl: the tenant's id or domain.",
        _TENANT_ID_EXAMPLE,
    ),
    _one_of("Cloud", tuple(CLOUDS), "Which national cloud the tenant is in.", "global"),
    Parameter(
        "GraphUrl",
        "url",
        web_addresses.graph_url,
        "Graph's host where it is not the cloud's own.",
        "https://graph.microsoft.com",
    ),
    Parameter(
        "ClientId", "id", read.guid, "The application (client) id.", "11111111-2222-3333-4444-555555555555"
    ),
    _one_of("StorageMode", _STORAGE_MODES, "Where the certificate's private key lies.", "PfxFile"),
    Parameter("CertificatePath", "path", read.path, "The PFX or PEM file.", "/etc/driveql/finance.pfx"),
    Parameter(
        "CertificateKeyPath", "path", read.path, "The private key's own PEM file.", "/etc/driveql/finance.key"
    ),
    Parameter(
        "CertificateBytes",
        "secret",
        read.content,
        "The PFX or PEM itself: bytes in Python, base64 or PEM text by reference.",
        "env:FINANCE_PFX",
        secret=True,
    ),
    Parameter(
        "CertificatePassword",
        "secret",
        read.secret,
        "The password of the PFX or of the encrypted key.",
        "env:FINANCE_PFX_PASSWORD",
        secret=True,
    ),
    Parameter(
        "CertificateThumbprint",
        "text",
        read.thumbprint,
        "The certificate's SHA-1 or SHA-256 thumbprint; a file is checked against it.",
        "3F2B8C1D9E0A4B5C6D7E8F90A1B2C3D4E5F60718",
    ),
    Parameter(
        "CertificateSubject",
        "text",
        read.text,
        "The certificate's subject, to find it in a store.",
        "CN=driveql",
    ),
    _one_of("AssertionAlgorithm", ("PS256", "RS256"), "How the client assertion is signed.", "PS256"),
    Parameter(
        "SendX5c",
        "boolean",
        read.boolean,
        "Send the certificate along (subject name and issuer).",
        "True",
        "False",
    ),
    Parameter(
        "ClientSecret",
        "secret",
        read.secret,
        "The application's secret, in place of a certificate.",
        "env:FINANCE_SECRET",
        secret=True,
    ),
    Parameter(
        "GroupOrUserId",
        "owner",
        normalise,
        "Whose drives: a user, a group or a site.",
        "/users/alice@contoso.com",
    ),
    Parameter(
        "DriveId",
        "text",
        read.drive_id,
        "The drive; blank is the owner's default drive.",
        "b!s8RqPCGh0ESQS2EYnKM0IKS3lM7GxjdAviiob7oc5pXv",
    ),
    _one_of("RetryMode", _RETRY_MODES, "Which failed requests are sent again.", "RetryWhenStatusCodeMatch"),
    Parameter(
        "RetryStatusCodeList",
        "codes",
        read.status_codes,
        "HTTP status codes to retry.",
        "429|503|423",
        "429|503|423",
    ),
    Parameter(
        "RetryCountMax",
        "number",
        read.whole_number(0, 100),
        "How many times a request is sent again at most.",
        "5",
        "5",
    ),
    Parameter(
        "RetryMultiplyWaitTime", "boolean", read.boolean, "Double the wait with each try.", "True", "True"
    ),
    Parameter(
        "RetryTimeBudget", "seconds", read.seconds, "Seconds over all tries of one request.", "300", "300"
    ),
    Parameter(
        "SearchOptionForNonIndexedFields",
        "choice",
        read.choice(*_NON_INDEXED),
        "Allow filters on list columns without an index.",
        _NON_INDEXED[0],
        "",
        _NON_INDEXED,
    ),
    Parameter(
        "ExtraHeaders",
        "headers",
        read.headers,
        "Headers for every Graph request.",
        "Header1:AAA||Header2:BBB",
    ),
    Parameter(
        "IsAppCred",
        "boolean",
        read.boolean,
        "Set by the authentication type, never by a person.",
        "1",
        "1",
        internal=True,
    ),
    Parameter(
        "Proxy",
        "url",
        web_addresses.proxy,
        "The HTTP proxy; blank takes HTTPS_PROXY and NO_PROXY, none goes without.",
        "http://proxy.contoso.com:8080",
    ),
    Parameter(
        "CaBundle",
        "path",
        read.path,
        "Certificate authorities to trust besides the system's (PEM).",
        "/etc/ssl/contoso.pem",
    ),
    Parameter(
        "Timeout",
        "seconds",
        read.seconds,
        "Seconds for one answer's headers, and between two reads.",
        "60",
        "60",
    ),
    _one_of("LogLevel", _LEVELS, "How much is logged.", "WARNING"),
    Parameter(
        "MaxConcurrency",
        "number",
        read.whole_number(1, 256),
        "Requests in flight at the same time.",
        "16",
        "16",
    ),
    _one_of(
        "CacheMode",
        _CACHE_MODES,
        "What SQL remembers: nothing, what tables show, or the contents of files too.",
        "none",
    ),
    Parameter(
        "CacheTtl",
        "seconds",
        read.seconds,
        "Seconds for which SQL takes what it remembers for what is so.",
        "300",
        "300",
    ),
    _one_of(
        "CacheStorage",
        _CACHE_STORAGES,
        "Where it is remembered: this process, or a file of this user.",
        "memory",
    ),
    Parameter(
        "CacheSize",
        "size",
        read.size,
        "Bytes that are remembered at most; the longest unused goes.",
        "512 MiB",
        "256 MiB",
    ),
    Parameter(
        "ReadOnly", "boolean", read.boolean, "Refuse everything that would change a drive.", "True", "False"
    ),
)

BY_NAME = {parameter.name: parameter for parameter in PARAMETERS}
_BY_SPELLING = {parameter.name.lower(): parameter for parameter in PARAMETERS}


def find(spelling: str) -> Parameter:
    """Return the parameter written in any letter case, with or without underscores.

    Raises ParameterError that suggests the nearest name.
    """
    plain = _plain(spelling)
    if plain in _BY_SPELLING:
        return _BY_SPELLING[plain]
    near = get_close_matches(plain, _BY_SPELLING, 1)
    hint = f"Did you mean {_BY_SPELLING[near[0]].name}?" if near else f"Known are: {', '.join(BY_NAME)}."
    raise ParameterError(
        f"There is no connection parameter {spelling[:60]!r}.", parameter=spelling[:60], hint=hint
    )


def is_known(spelling: str) -> bool:
    """Say whether `find` would find it."""
    return _plain(spelling) in _BY_SPELLING


def _plain(spelling: str) -> str:
    return spelling.replace("_", "").replace(" ", "").lower()
