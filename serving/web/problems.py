"""One body for everything that goes wrong: code, message (zh, en), field, found, allowed, hint.

The same six fields as `records.errors`, spoken over HTTP: 401 not signed in, 403 not allowed,
404 not found, 405 wrong method, 409 not as it stands, 413 too large, 422 wrong input,
429 too often, 503 nothing published yet.
"""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from records.errors import XinfenError
from serving.access.refusals import Refusal
from serving.access.scope import FieldHidden
from serving.results.results import NothingPublished

_HTTP = {
    400: ("bad_request", "请求无法处理。", "The request cannot be read."),
    404: ("not_found", "没有这个地址。", "There is no such address."),
    405: ("method_not_allowed", "该地址不支持这种请求方式。", "This address takes other methods."),
    413: ("too_large", "请求内容过大。", "The request is too large."),
}


class Message(BaseModel):
    """The same sentence in both languages."""

    zh: str
    en: str


class Problem(BaseModel):
    """What an error answers with; a field that does not apply is empty."""

    model_config = ConfigDict(json_schema_extra={"example": {
        "code": "wrong_input",
        "message": {"zh": "请求内容不符合要求。", "en": "The request is not as expected."},
        "field": "limit", "found": "1000", "allowed": "Input should be less than or equal to 100",
        "hint": "",
    }})  # fmt: skip

    code: str
    message: Message
    field: str = ""
    found: str = ""
    allowed: str = ""
    hint: str = ""


class Refused(Exception):
    """A request that is answered with a problem.

    Parameters
    ----------
    status : HTTP status.
    code : short name, stable for programs.
    zh, en : the sentence for people.
    field, found, allowed, hint : as in `records.errors`; empty where they do not apply.
    """

    def __init__(self, status: int, code: str, zh: str, en: str, **more: str) -> None:
        super().__init__(en)
        self.status = status
        self.headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
        told = {name: _printable(text) for name, text in more.items()}
        self.problem = Problem(code=code, message=Message(zh=zh, en=en), **told)

    @classmethod
    def not_signed_in(cls) -> Refused:
        return cls(
            401, "not_signed_in",
            "需要有效的访问令牌。", "A valid token is needed.",
            field="Authorization", allowed="Bearer <token>",
            hint="ask the administrator for a token; an expired one does not hold",
        )  # fmt: skip

    @classmethod
    def not_allowed(cls, role: str, action: str) -> Refused:
        return cls(
            403, "not_allowed",
            "您的角色不能进行此项操作。", "Your role may not do this.",
            found=f"role {role}, action {action}",
            hint="use a token whose role allows it",
        )  # fmt: skip

    @classmethod
    def cross_site(cls, origin: str) -> Refused:
        return cls(
            403, "cross_site",
            "请求不是从本系统页面发出的，已拒绝。", "The form was not sent from this site.",
            field="Origin", found=origin, hint="open the page here and send the form again",
        )  # fmt: skip

    @classmethod
    def foreign_form(cls) -> Refused:
        return cls(
            403, "foreign_form",
            "表单已失效，请重新打开页面后再提交。", "The form has lost its page; open it again.",
            field="csrf", hint="open the page again and send the form from there",
        )  # fmt: skip

    @classmethod
    def outside_scope(cls, error: FieldHidden) -> Refused:
        return cls(
            403, "outside_scope",
            "您的授权范围不包括此项内容。", "Your token's scope does not hold this.",
            found=error.found, hint=error.hint,
        )  # fmt: skip

    @classmethod
    def too_often(cls, seconds: float) -> Refused:
        wait = max(1, math.ceil(seconds))
        refused = cls(
            429, "too_often",
            "请求过于频繁，请稍后再试。", "Too many requests; wait a moment.",
            hint=f"try again in {wait} s",
        )  # fmt: skip
        refused.headers["Retry-After"] = str(wait)
        return refused

    @classmethod
    def unknown_firm(cls, entity_id: str) -> Refused:
        return cls(
            404, "unknown_enterprise",
            "当前发布的分类结果中没有这家企业。", "The published run has no such enterprise.",
            field="entity_id", found=entity_id,
            hint="check the code, or look the enterprise up by name",
        )  # fmt: skip

    @classmethod
    def unknown_run(cls, run: str) -> Refused:
        return cls(
            404, "unknown_run",
            "没有这一期分类，或其企业明细已不再保存。",
            "There is no such run, or its firms are gone.",
            field="run", found=run, hint="GET /v1/runs lists them; `held`: its firms are there",
        )  # fmt: skip

    @classmethod
    def mendable(cls, status: int, error: XinfenError, field: str = "") -> Refused:
        """What one of ours says of an input; the sentence in English is its own."""
        zh = {404: "没有所指的内容。", 409: "现有数据不允许这样做。"}
        return cls(
            status, {404: "not_found", 409: "not_possible"}.get(status, "wrong_input"),
            getattr(error, "zh", zh.get(status, "请求内容不符合要求。")), error.what,
            field=field, found=error.found, allowed=error.allowed, hint=error.hint,
        )  # fmt: skip

    @classmethod
    def unknown_job(cls, job: str) -> Refused:
        return cls(
            404, "unknown_job",
            "没有这项任务，或已过保存期。", "You have no such job, or it has expired.",
            field="job", found=job, hint="GET /v1/jobs lists yours",
        )  # fmt: skip

    @classmethod
    def not_done(cls, state: str) -> Refused:
        return cls(
            409, "not_done",
            "任务尚无结果。", "The job has no result.",
            found=state, allowed="done", hint="GET the job: how far it is, or why it failed",
        )  # fmt: skip

    @classmethod
    def busy(cls) -> Refused:
        refused = cls(
            503, "busy",
            "系统正忙，请稍后再试。", "Too much of this is going on; try again later.",
            hint="try again in 30 s",
        )  # fmt: skip
        refused.headers["Retry-After"] = "30"
        return refused

    @classmethod
    def nothing_published(cls, error: NothingPublished) -> Refused:
        return cls(
            503, "nothing_published",
            "尚未发布任何分类结果。", "No run is published yet.", hint=error.hint,
        )  # fmt: skip

    @classmethod
    def of_refusal(cls, error: Refusal) -> Refused:
        return cls(
            error.status, error.code, error.zh, error.en,
            field=error.field, found=error.found, allowed=error.allowed, hint=error.hint,
        )  # fmt: skip

    @classmethod
    def store_away(cls) -> Refused:
        refused = cls(
            503, "store_away",
            "数据库暂时无法访问，请稍后再试。", "The result store is away; try again later.",
            hint="nothing was told; the service goes on by itself once the store is back",
        )  # fmt: skip
        refused.headers["Retry-After"] = "5"
        return refused

    @classmethod
    def wrong_input(cls, error: RequestValidationError) -> Refused:
        first: dict[str, Any] = error.errors()[0]
        return cls(
            422, "wrong_input",
            "请求内容不符合要求。", "The request is not as expected.",
            field=".".join(str(part) for part in first["loc"][1:]) or "body",
            found=str(first.get("input"))[:200], allowed=first["msg"],
        )  # fmt: skip

    @classmethod
    def wrong_day(cls, found: str, field: str) -> Refused:
        return cls(
            422, "wrong_input",
            "请求内容不符合要求。", "The request is not as expected.",
            field=field, found=found, allowed="a day such as 2026-05-31",
        )  # fmt: skip

    @classmethod
    def wrong_choice(cls, field: str, found: str, allowed: str) -> Refused:
        return cls(
            422, "wrong_input",
            "请求内容不符合要求。", "The request is not as expected.",
            field=field, found=found, allowed=allowed,
        )  # fmt: skip

    @classmethod
    def too_many(cls, most: int) -> Refused:
        return cls(
            422, "too_many",
            f"一次最多 {most:,} 家企业，请缩小范围。",
            f"At most {most:,} enterprises at once: narrow the conditions.",
            allowed=f"{most:,}", hint="narrow the conditions",
        )  # fmt: skip

    @classmethod
    def of_http(cls, error: HTTPException) -> Refused:
        code, zh, en = _HTTP.get(error.status_code, _HTTP[400])
        return cls(error.status_code, code, zh, en, allowed=error.detail)

    @classmethod
    def broken(cls) -> Refused:
        return cls(
            500, "internal_error",
            "系统内部错误，请稍后再试。", "Something broke inside; try again later.",
            hint="if it stays, tell the administrator the time and the address",
        )  # fmt: skip


def answer(refused: Refused) -> Response:
    """The refusal as JSON."""
    return JSONResponse(refused.problem.model_dump(), refused.status, refused.headers)


def as_refused(error: Exception) -> Refused:
    """Any error as a refusal; one that was not expected tells nothing of itself."""
    match error:
        case Refused():
            return error
        case NothingPublished():
            return Refused.nothing_published(error)
        case OperationalError() | InterfaceError():
            return Refused.store_away()
        case FieldHidden():
            return Refused.outside_scope(error)
        case Refusal():
            return Refused.of_refusal(error)
        case RequestValidationError():
            return Refused.wrong_input(error)
        case HTTPException():
            return Refused.of_http(error)
    return Refused.broken()


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI entries of these statuses."""
    return {
        status: {"model": Problem, "description": HTTPStatus(status).phrase} for status in statuses
    }


def _printable(text: str) -> str:
    """Text that can be sent: a lone surrogate of bad input becomes a question mark."""
    return text.encode("utf-8", "replace").decode()
