"""Who may ask, and what a refusal looks like."""

import hmac
import ipaddress
import urllib.parse
from collections.abc import Callable

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

PUBLIC = ("/health",)


def guard(app: Callable, key: str, max_body: int) -> Callable:
    """ASGI middleware before all routes but the public ones: the key or, without one, that the host's name is local.

    A web page can point its own name at this machine (DNS rebinding) and then call us from a visitor's browser; its
    requests bear that name as their host.
    """

    async def guarded(scope: dict, receive: Callable, send: Callable) -> None:
        refusal = None
        if scope["type"] == "http" and scope["path"] not in PUBLIC:
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            if key and not hmac.compare_digest(headers.get("authorization", "").encode(), f"Bearer {key}".encode()):
                refusal = failure(401, "the key is missing or wrong", headers={"WWW-Authenticate": "Bearer"})
            elif not key and not is_loopback(hostname(headers.get("host", ""))):
                refusal = failure(403, "without a key only this machine is served, by its local name")
            elif headers.get("content-length", "").isdecimal() and int(headers["content-length"]) > max_body:
                refusal = failure(413, f"the request is larger than {max_body} bytes")
        await (refusal or app)(scope, receive, send)

    return guarded


def hostname(host: str) -> str | None:
    try:
        return urllib.parse.urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def failure(status: int, message: str, param: str | None = None, headers: dict | None = None) -> JSONResponse:
    """An error in OpenAI's shape."""
    kinds = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
    kind = kinds.get(status, "invalid_request_error" if status < 500 else "server_error")
    return JSONResponse({"error": {"message": message, "type": kind, "param": param, "code": None}}, status, headers)


async def on_validation(_: Request, error: RequestValidationError) -> JSONResponse:
    first = error.errors()[0]
    param = ".".join(str(part) for part in first["loc"] if part != "body")
    return failure(400, f"{param}: {first['msg']}" if param else first["msg"], param or None)


async def on_http(_: Request, error: HTTPException) -> JSONResponse:
    return failure(error.status_code, str(error.detail), headers=dict(error.headers or {}))


def is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
