"""What Entra ID's refusals mean and what to do about each. Pure: status and body in, one error out.

https://learn.microsoft.com/entra/identity-platform/reference-error-codes
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from driveql.errors import (
    AuthenticationError,
    ConsentMissingError,
    CredentialRejectedError,
    InteractionRequiredError,
)


@dataclass(frozen=True, slots=True)
class Advice:
    """One code's class, its meaning in a sentence, and what to do."""

    kind: type[AuthenticationError]
    meaning: str
    action: str
    retryable: bool = False


_UPLOAD = "Upload the public .cer file under App registrations > Certificates & secrets of the app with this ClientId"
_CLOCK = "Set this machine's clock (NTP); driveql doctor shows how far it is off."
_RENEW = "Make a new certificate (driveql cert create) and upload its .cer file."
_NEW_SECRET = "Make a new secret under Certificates & secrets, and use its Value, not its Secret ID."  # noqa: S105  # advice
_rejected, _consent, _person = CredentialRejectedError, ConsentMissingError, InteractionRequiredError

ADVICE: dict[int, Advice] = {
    700027: Advice(
        _rejected,
        "the certificate is not the one registered on the application, or the signature does not fit it",
        f"{_UPLOAD}; driveql cert show prints the thumbprint to compare.",
    ),
    700024: Advice(_rejected, "the assertion is outside its time range", _CLOCK),
    700023: Advice(
        _rejected,
        "the assertion's audience is not this token endpoint",
        "Check the tenant and the host in TokenUrl.",
    ),
    700021: Advice(_rejected, "the assertion names another application", "Check ClientId."),
    50048: Advice(_rejected, "subject and issuer of the assertion differ", "Check ClientId."),
    50027: Advice(_rejected, "the assertion is not a valid token", "Try AssertionAlgorithm=RS256."),
    5002726: Advice(_rejected, "the assertion's header is not valid", "Try AssertionAlgorithm=RS256."),
    5002727: Advice(_rejected, "the assertion's header is not valid", "Try AssertionAlgorithm=RS256."),
    5002738: Advice(
        _rejected,
        "the key is of a kind Entra does not accept",
        "Make an RSA certificate: driveql cert create.",
    ),
    5002730: Advice(_rejected, "the key does not fit the signing algorithm", "Try AssertionAlgorithm=RS256."),
    700030: Advice(
        _rejected,
        "the certificate's subject or issuer is not trusted for this application",
        f"{_UPLOAD}, or have its subject name and issuer trusted and set SendX5c=True.",
    ),
    1000502: Advice(_rejected, "the certificate is not within its validity", _RENEW),
    7000214: Advice(_rejected, "the certificate was revoked", _RENEW),
    7000277: Advice(_rejected, "the certificate was revoked", _RENEW),
    7000274: Advice(_rejected, "the certificate is expired, or the signature does not fit it", _RENEW),
    7000215: Advice(_rejected, "the client secret is wrong", _NEW_SECRET),
    7000222: Advice(_rejected, "the client secret has expired", f"{_NEW_SECRET} A certificate lasts longer."),
    7000216: Advice(
        _rejected, "neither an assertion nor a secret arrived", "Check the certificate or ClientSecret."
    ),
    7000218: Advice(
        _rejected, "neither an assertion nor a secret arrived", "Check the certificate or ClientSecret."
    ),
    700025: Advice(
        _rejected,
        "the application is registered as a public client",
        "Turn off 'Allow public client flows' under Authentication, or use another registration.",
    ),
    700016: Advice(
        _rejected,
        "the tenant does not know this application",
        "Check ClientId and the tenant; in another tenant an administrator has to consent to the application first.",
    ),
    7000112: Advice(
        _rejected, "the application is disabled", "Enable it under Enterprise applications > Properties."
    ),
    90002: Advice(
        _rejected, "there is no such tenant", "Check the tenant's id or domain in TokenUrl, and Cloud."
    ),
    900023: Advice(_rejected, "the tenant is neither an id nor a domain", "Check the tenant in TokenUrl."),
    9001023: Advice(
        _rejected,
        "the grant is not served at common or consumers",
        "Use the tenant's id or domain in TokenUrl.",
    ),
    50194: Advice(
        _rejected,
        "the application is single-tenant",
        "Use the tenant's id or domain in TokenUrl, not common.",
    ),
    500011: Advice(
        _rejected,
        "the tenant does not know the resource that was asked for",
        "Check Cloud: the tenant may be in a national cloud.",
    ),
    1002012: Advice(_rejected, "the scope is not of the form resource/.default", "Check Cloud and GraphUrl."),
    70011: Advice(_rejected, "the scope is not valid", "Check Cloud and GraphUrl."),
    65001: Advice(
        _consent,
        "nobody has consented to the application's permissions",
        "An administrator grants consent under API permissions.",
    ),
    501051: Advice(
        _consent,
        "the application is not assigned to the resource",
        "Assign it under Enterprise applications.",
    ),
    53003: Advice(
        _rejected,
        "a Conditional Access policy blocks the application",
        "Ask the administrator about policies for workload identities.",
    ),
    50076: Advice(_person, "a second factor is asked for", "Sign in again."),
    50079: Advice(_person, "a second factor has to be set up", "Sign in again."),
    50173: Advice(_person, "the sign-in was revoked", "Sign in again."),
    700082: Advice(_person, "the sign-in was not used for too long", "Sign in again."),
    70008: Advice(_person, "the sign-in has expired", "Sign in again."),
    50196: Advice(
        AuthenticationError,
        "the same token was asked for too often",
        "Wait some minutes; share one connection.",
        retryable=True,
    ),
    90055: Advice(AuthenticationError, "the tenant is throttled", "Wait some minutes.", retryable=True),
    90033: Advice(AuthenticationError, "Entra ID has a passing fault", "Try again.", retryable=True),
    50001: Advice(_rejected, "the resource is not known or not installed", "Check Cloud."),
}
_BY_ERROR: dict[str, type[AuthenticationError]] = {
    "invalid_client": _rejected,
    "unauthorized_client": _rejected,
    "invalid_request": _rejected,
    "invalid_scope": _rejected,
    "invalid_resource": _rejected,
    "consent_required": _consent,
    "interaction_required": _person,
    "invalid_grant": _person,
}
_CODE = re.compile(r"AADSTS(\d{4,9})")
_TRAILER = re.compile(r"\s*(Trace ID|Correlation ID|Timestamp): .*", re.DOTALL)
_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]*)*")
_LONGEST = 300


def error_from(status: int, body: bytes) -> AuthenticationError:
    """Return the error for a refused token request (RFC 6749, 5.2, with Entra's own fields).

    Its `code` is `AADSTS...` where Entra gives one, its `request_id` the trace id to quote to Microsoft's support.
    """
    answer = _object(body)
    description = _text(answer.get("error_description"))
    code = _code(answer, description)
    advice = ADVICE.get(code) if code is not None else None
    error = _text(answer.get("error"))
    passing = status in {408, 425, 429} or status >= 500 or error == "temporarily_unavailable"
    kind = advice.kind if advice else _BY_ERROR.get(error, AuthenticationError)
    said = without_tokens(_TRAILER.sub("", description)) or error
    if not said:
        said = "an answer that is not Entra's (a proxy's or gateway's page?)"
    meaning = f"{advice.meaning}. " if advice else ""
    return (AuthenticationError if passing and not advice else kind)(
        f"Entra ID refused the sign-in with status {status}: {meaning}It said: {said}",
        code=f"AADSTS{code}" if code is not None else (error or None),
        hint=advice.action if advice else _general_hint(status, passing),
        request_id=_request_id(answer),
        retryable=passing or (advice is not None and advice.retryable),
    )


def error_from_text(text: str) -> AuthenticationError:
    """Return the error for a refusal that another library reports as text."""
    code = _CODE.search(text)
    advice = ADVICE.get(int(code[1])) if code else None
    said = without_tokens(_TRAILER.sub("", text))
    return (advice.kind if advice else AuthenticationError)(
        f"The credential gave no token: {said}",
        code=code[0] if code else None,
        hint=advice.action if advice else None,
        retryable=advice is not None and advice.retryable,
    )


def without_tokens(text: str) -> str:
    """Return the text on one line, shortened, with anything that looks like a token blotted out."""
    plain = _TOKEN.sub("***", " ".join(text.split()))
    return plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST]}..."


def _object(body: bytes) -> dict[str, object]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _code(answer: dict[str, object], description: str) -> int | None:
    codes = answer.get("error_codes")
    if isinstance(codes, list) and codes and isinstance(codes[0], int) and not isinstance(codes[0], bool):
        return codes[0]
    match = _CODE.search(description)
    return int(match[1]) if match else None


def _request_id(answer: dict[str, object]) -> str | None:
    ids = (answer.get("trace_id"), answer.get("correlation_id"))
    return next((value for value in ids if isinstance(value, str) and value), None)


def _general_hint(status: int, passing: bool) -> str:
    if passing:
        return "Entra ID or something on the way is not available; try again later."
    return "driveql doctor looks at clock, network, certificate and permissions." if status else ""
