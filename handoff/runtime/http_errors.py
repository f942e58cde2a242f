"""The JSON shape of errors, `{error: {code, message, ...}}`, and the handlers that turn every error into it."""

from __future__ import annotations

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from handoff.runtime.errors import BadInput, DeskError, NotFound, TooMany
from handoff.runtime.request_log import conversation_of, route_of
from handoff.runtime.security_headers import SECURITY_HEADERS

logger = structlog.get_logger(__name__)

#: Errors that only a foreign client or a wrong configuration causes; the desk's own pages do not.
_SUSPICIOUS = frozenset(
    "bad_last_event_id no_token not_permitted not_yours stale_turn unknown_conversation wrong_host wrong_login wrong_origin"
    " wrong_service_token wrong_token".split()
)


def locale_of(request: Request) -> str:
    """The language of error messages: the first supported one of Accept-Language, else Chinese."""
    for part in request.headers.get("accept-language", "").lower().split(","):
        language = part.split(";")[0].strip()[:2]
        if language in ("zh", "en"):
            return language
    return "zh"


def error_response(request: Request, error: DeskError) -> JSONResponse:
    """The response for an error."""
    body = {"code": error.code, "message": error.message(locale_of(request)), **error.details}
    # Responses for a foreign host name or an internal error do not pass the middleware that adds these headers.
    headers = dict(SECURITY_HEADERS)
    if error.status == 503:
        headers["Retry-After"] = "2"
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.retry_after)
    return JSONResponse({"error": body}, status_code=error.status, headers=headers)


def _validation_error(error: RequestValidationError) -> DeskError:
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return BadInput("bad_json", "请求内容不是有效的 JSON。", "The request body is not valid JSON.", status=400)
    where = ".".join(str(part) for part in first["loc"] if part != "body")
    return BadInput("bad_request", f"请求不正确：{where or '内容'}。", f"{where or 'body'}: {first['msg']}", field=where)


def install_error_handlers(app: FastAPI) -> None:
    """Install the exception handlers."""

    @app.exception_handler(DeskError)
    async def refused(request: Request, error: DeskError) -> JSONResponse:
        if error.status >= 500 or error.code in _SUSPICIOUS:
            where = {"method": request.method, "route": route_of(request.scope), **conversation_of(request.scope)}
            logger.warning("request.refused", code=error.code, **where)
        return error_response(request, error)

    @app.exception_handler(RequestValidationError)
    async def not_valid(request: Request, error: RequestValidationError) -> JSONResponse:
        return error_response(request, _validation_error(error))

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == 404:
            return error_response(request, NotFound("not_found", "没有这个地址。", "There is nothing at this address."))
        if error.status_code == 413:
            too_large = BadInput("too_large", "请求内容太大。", "The request body is too large.", status=413)
            return error_response(request, too_large)
        code = "method_not_allowed" if error.status_code == 405 else "bad_request"
        refused = BadInput(code, "请求不正确。", str(error.detail), status=error.status_code)
        return error_response(request, refused)

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> JSONResponse:
        logger.error("request.failed", method=request.method, route=route_of(request.scope), exc_info=error)
        broken = DeskError("internal_error", "系统出错了，请稍后再试。", "Something went wrong; please try again.")
        response = error_response(request, broken)
        # The server closes the connection after an internal error. Without this header a client would reuse it.
        response.headers["Connection"] = "close"
        return response
