"""http: requests are checked and encoded here; sending is the driver's (Workflows: HTTP calls)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from emulator.workflows.effects import HttpCall
from emulator.workflows.errors import LanguageError, tagged, type_error, value_error
from emulator.workflows.functions import REQUIRED, Context, Function
from emulator.workflows.library import checks
from emulator.workflows.values import to_json

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"))
USER_AGENT = "GoogleCloudWorkflows; (+https://cloud.google.com/workflows/docs)"
JSON_TYPE = "application/json; charset=utf-8"
IS_JSON = re.compile(r"application/(?:json|[^;]*\+json)", re.IGNORECASE)
IS_TEXT = re.compile(r"(?:text/|application/x-www-form-urlencoded)", re.IGNORECASE)
CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
QUERY_VALUES = frozenset((str, int, float, bool))


def request(
    context: Context,
    method: Any,
    url: Any,
    timeout: Any = None,
    body: Any = None,
    headers: Any = None,
    query: Any = None,
    auth: Any = None,
    *network: Any,
) -> HttpCall:
    """The last two arguments choose a private service and a certificate authority."""
    if checks.text(method, "'method'").upper() not in METHODS:
        raise value_error(f"unknown HTTP method {method!r}")
    address = checked_url(url)
    service, certificate = private(address, *network)
    sent = {**headers_in(headers)}
    encoded = body_in(context, body, sent)
    agent = find(sent, "User-Agent")
    sent[agent or "User-Agent"] = f"{sent[agent]} {USER_AGENT}" if agent else USER_AGENT
    return HttpCall(
        method.upper(),
        address,
        sent,
        query_in(query),
        encoded,
        timeout_in(context, timeout),
        auth_in(auth, address),
        service,
        certificate,
    )


def checked_url(url: Any) -> str:
    text = checks.text(url, "'url'")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise value_error(f"invalid URL {text!r}") from None
    if parts.scheme.lower() not in {"http", "https"} or not parts.netloc:
        raise value_error(f"invalid URL {text!r}: it must start with http:// or https://")
    return text


def private(url: str, service: Any = None, certificate: Any = None) -> tuple[str, str]:
    """Both as text, empty when absent."""
    signer = "" if certificate is None else checks.text(certificate, "'ca_certificate'")
    if service is None:
        return "", signer
    name = checks.text(service, "'private_service_name'")
    if re.search(r":\d+$", urlsplit(url).netloc):
        raise value_error("the url of a private service must not have a port")
    return name, signer


def timeout_in(context: Context, timeout: Any) -> float:
    """300 s unless given, at most 1800 s (Workflows: Quotas and limits)."""
    if timeout is None:
        return 300.0
    seconds = checks.number(timeout, "'timeout'")
    if not 0 < seconds <= context.limits.http_timeout:
        raise value_error(
            f"'timeout' must be above 0 and at most {context.limits.http_timeout:.0f} seconds"
        )
    return float(seconds)


def headers_in(headers: Any) -> dict[str, str]:
    found = {} if headers is None else checks.mapping(headers, "'headers'")
    return {name: header(name, value) for name, value in found.items()}


def header(name: str, value: Any) -> str:
    text = checks.text(value, f"header '{name}'")
    if any(character in name + text for character in "\r\n\0"):
        raise value_error(f"header '{name}' holds a line break")
    return text


def find(headers: dict[str, str], name: str) -> str | None:
    """The name as the caller wrote it."""
    return next((key for key in headers if key.lower() == name.lower()), None)


def query_in(query: Any) -> dict[str, Any]:
    found = {} if query is None else checks.mapping(query, "'query'")
    for name, value in found.items():
        for item in value if type(value) is list else [value]:
            if type(item) not in QUERY_VALUES:
                raise type_error(f"query parameter '{name}' must be a string, number or boolean")
    return found


def body_in(context: Context, body: Any, headers: dict[str, str]) -> bytes | None:
    """Encode by Content-Type, which is set when the caller has not."""
    if body is None:
        return None
    name = find(headers, "Content-Type")
    if name is None:
        binary = type(body) is bytes
        headers["Content-Type"] = "application/octet-stream" if binary else JSON_TYPE
        return bytes(body) if binary else json_body(context, body)
    if type(body) is bytes:
        return bytes(body)
    kind = headers[name].strip()
    if IS_JSON.match(kind):
        return json_body(context, body)
    if IS_TEXT.match(kind):
        return checks.text(body, "'body'").encode(errors="replace")
    raise value_error(f"a body of Content-Type {kind!r} must be bytes")


def json_body(context: Context, body: Any) -> bytes:
    try:
        return to_json(body, sorted_keys=context.choices.sorted_keys).encode(errors="replace")
    except (ValueError, RecursionError) as mistake:
        raise value_error(f"'body' cannot be encoded: {mistake}") from None


def auth_in(auth: Any, url: str) -> dict[str, Any] | None:
    """OIDC for services of one's own, OAuth2 for *.googleapis.com."""
    if auth is None:
        return None
    found = checks.mapping(auth, "'auth'")
    kind = found.get("type")
    if kind == "OIDC":
        audience = found.get("audience")
        return {"type": kind, "audience": checks.text(audience or url, "'audience'")}
    if kind == "OAuth2":
        scopes = found.get("scopes", found.get("scope"))
        return {"type": kind, "scopes": scopes_in(scopes)}
    raise value_error(f"'auth' must have the type OIDC or OAuth2, got: {kind!r}")


def scopes_in(scopes: Any) -> list[str]:
    if scopes is None:
        return [CLOUD_PLATFORM]
    if type(scopes) is list:
        return [checks.text(scope, "a scope") for scope in scopes]
    return [scope for scope in re.split(r"[,\s]+", checks.text(scopes, "'scopes'")) if scope]


def answered(_: Context, reply: Any) -> Any:
    """A status of 400 and above is an HttpError with the same three fields."""
    answer = {
        "body": reply.get("body"),
        "code": reply["code"],
        "headers": {canonical(name): value for name, value in reply.get("headers", {}).items()},
    }
    if answer["code"] < 400:
        return answer
    message = f"HTTP server responded with error code {answer['code']}"
    raise LanguageError(tagged("HttpError", message, **answer))


def canonical(name: str) -> str:
    """`content-type` → `Content-Type`, as Go's clients write it."""
    return "-".join(part[:1].upper() + part[1:].lower() for part in name.split("-"))


def of_method(method: str) -> Any:
    """http.get and http.delete have no body before the headers; the others do."""

    def with_body(context: Context, url: Any, timeout: Any, body: Any, *rest: Any) -> HttpCall:
        return request(context, method, url, timeout, body, *rest)

    def without(context: Context, url: Any, timeout: Any, *rest: Any) -> HttpCall:
        return request(context, method, url, timeout, None, *rest)

    return without if method == "GET" else with_body


URL = ("url", REQUIRED)
TIMEOUT = ("timeout", None)
BODY = ("body", None)
REST = (
    ("headers", None),
    ("query", None),
    ("auth", None),
    ("private_service_name", None),
    ("ca_certificate", None),
)


def function(method: str) -> Function:
    body = () if method == "GET" else (BODY,)
    return Function(
        f"http.{method.lower()}",
        (URL, TIMEOUT, *body, *REST),
        ask=of_method(method),
        answer=answered,
        blocking=True,
        external=True,
    )


FUNCTIONS = (
    *(function(method) for method in ("GET", "POST", "PUT", "PATCH", "DELETE")),
    Function(
        "http.request",
        (("method", REQUIRED), URL, TIMEOUT, BODY, *REST),
        ask=request,
        answer=answered,
        blocking=True,
        external=True,
    ),
)
