# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public side: from bytes to a handler and back, with faults on the way."""
from __future__ import annotations

import asyncio
import inspect
import json
import logging
import time
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from . import wire
from .call import Call
from .contract import Operation
from .errors import Answer, ApiError, invalid, legacy_failure
from .faults import Rule
from .oauth import issue_token
from .operations import HANDLERS
from .state import State

_LOG = logging.getLogger("mimecast_sandbox")
UNKNOWN = "unknown"  # stands for the operation of a path that is not in the contract


class Service:
    """The ASGI application of the imitated API."""

    def __init__(self, state: State):
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        request = Request(scope, receive)
        try:
            raw = await request.body()
        except ClientDisconnect:
            return
        raw_path = scope["raw_path"].decode("latin-1")
        operation, params, known = self._state.contract.match(request.method, raw_path)
        name = operation.id if operation else UNKNOWN
        rule = self._state.faults.pick(name)
        call = Call(self._state, operation, params) if operation else None
        entry = {"method": request.method, "path": raw_path, "operation": name, "status": None, "tenant": None,
                 "ms": 0.0, "wrote": False, "fault": rule.kind if rule else None}
        self._state.requests.append(entry)
        try:
            answer = await self._strike_before(rule, request)
            if answer is None and not (rule and rule.kind == "drop_before"):
                answer = await self._answer(call, known, request, raw, rule)
                answer = _strike_after(rule, answer)
            entry["status"] = await _send(rule, answer, scope, receive, send)
        finally:
            entry["ms"] = round((time.perf_counter() - started) * 1000, 2)
            if call:
                entry.update(tenant=call.tenant or None, wrote=call.wrote)
            _LOG.info("%s %s %s %s", request.method, raw_path[:120], entry["status"], entry["fault"] or "")

    async def _strike_before(self, rule: Rule | None, request: Request) -> Answer | None:
        """What a fault does before the call is handled; an answer means that it is not handled at all."""
        if rule is None:
            return None
        if rule.kind == "slow":
            await asyncio.sleep(rule.spec["delay_ms"] / 1000)
        elif rule.kind == "hold":
            await self._state.faults.hold(rule)
        elif rule.kind == "expire_token":
            tenant = self._state.tokens.tenant_of(_bearer(request))
            if tenant:
                self._state.tokens.expire(tenant)
        elif rule.kind == "status" and rule.spec.get("before_commit", True):
            return _fault_answer(rule)
        return None

    async def _answer(self, call: Call | None, known: bool, request: Request, raw: bytes, rule: Rule | None) -> Answer:
        limits: dict[str, str] = {}
        envelope = call.operation.envelope if call else "v1"
        if call and rule and rule.kind == "lag":
            call.lag_s = rule.spec["delay_ms"] / 1000
        try:
            answer = await self._handle(call, known, request, raw, limits)
        except ApiError as error:
            answer = error.answer(envelope)
        except Exception as error:  # whatever it is, it is our bug and must be seen, not end the connection
            _LOG.exception("bug in the sandbox")
            answer = self._bug(f"{type(error).__name__}: {error}")
        if call and answer.status != 500:
            fault = call.operation.check_answer(answer.status, answer.body)
            if fault:
                answer = self._bug(f"answer does not fit the contract: {fault}")
            elif answer.status < 300:
                answer = _with_extra(answer, call.settings["extra_fields"])
        answer.headers.update(limits)
        return answer

    def _bug(self, text: str) -> Answer:
        self._state.bugs.append(text)
        return Answer(500, {"errors": [{"code": "sandbox_bug", "message": text}]})

    async def _handle(self, call: Call | None, known: bool, request: Request, raw: bytes,
                      limits: dict[str, str]) -> Answer:
        media = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if call and call.operation.envelope == "oauth":
            self._count(call.operation.id, "", limits)
            return issue_token(call, media, request.headers.get("authorization", ""), raw)
        credential = self._state.tokens.credential(_bearer(request))
        self._count(call.operation.id if call else UNKNOWN, credential["client_id"] if credential else "", limits)
        if credential is None:
            raise ApiError(401, "token_expired", "the token is missing, unknown or expired")
        if call is None:
            if known:
                raise ApiError(405, "err_method_not_allowed", "the path does not take this method")
            raise ApiError(403, "app_forbidden", "the application may not use this path")
        call.home = credential["tenant"]
        call.tenant = _tenant(credential, request.headers.get("x-mc-accountcode"), self._state)
        _check_access(credential, call.operation)
        call.query = call.operation.read_query(parse_qsl(request.url.query, keep_blank_values=True))
        call.headers = call.operation.read_headers(request.headers)
        refused = _read_body(call, media, raw)
        if refused:
            return refused
        result = HANDLERS[call.operation.id](call)
        return await result if inspect.isawaitable(result) else result

    def _count(self, operation: str, client: str, headers: dict[str, str]) -> None:
        allowed, found = self._state.limits.count(self._state.settings, operation, client)
        headers.update(found)
        if not allowed:
            raise ApiError(429, "rate_limited", "the quota of this operation is used up")


def _bearer(request: Request) -> str:
    scheme, _space, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _tenant(credential: dict[str, Any], wanted: str | None, state: State) -> str:
    """The tenant that the call acts on: the credential's own, or the one in the header for a partner."""
    if wanted is None or wanted == credential["tenant"]:
        return str(credential["tenant"])
    allowed = credential["acts_for"]
    if (allowed == "*" or wanted in allowed) and state.store.tenant(wanted) is not None:
        return wanted
    raise ApiError(403, "app_forbidden", "the credential may not act for this account")


def _check_access(credential: dict[str, Any], operation: Operation) -> None:
    """An application needs one of the products of the operation AND its permission."""
    products, permissions = credential["products"], credential["permissions"]
    if products is not None and not set(products) & set(operation.products):
        raise ApiError(403, "app_forbidden", "the application lacks the API product")
    if permissions is not None and operation.permission and operation.permission not in permissions:
        raise ApiError(403, "app_forbidden", "the role lacks the permission")


def _read_body(call: Call, media: str, raw: bytes) -> Answer | None:
    """Puts the checked body into the call; a legacy failure comes back as its answer."""
    operation = call.operation
    if operation.request is None:
        if raw:
            raise invalid(None, "this operation takes no body")
        return None
    if not raw and not operation.body_required:
        return None
    if media != operation.media:
        raise ApiError(415, "err_media_type", f"the content type must be {operation.media}")
    if media != "application/json":
        call.body = raw.decode("utf-8", "replace")
        return None
    try:
        call.body = json.loads(raw)
    except ValueError as error:
        raise invalid(None, "the body is not JSON", "err_deserialise") from error
    if operation.envelope == "legacy" and _holds_null(call.body):
        return legacy_failure(invalid(None, "data cannot be read", "err_deserialise"))
    operation.check_request(call.body)
    return None


def _holds_null(body: Any) -> bool:
    if not isinstance(body, dict) or "data" not in body:
        return False
    data = body["data"]
    return data is None or (isinstance(data, list) and None in data)


def _with_extra(answer: Answer, extra: dict[str, Any]) -> Answer:
    """Adds fields that no contract names, to the answer and to each listed object: clients must live with that."""
    if not extra or not isinstance(answer.body, dict):
        return answer
    body = {key: [{**item, **extra} if isinstance(item, dict) else item for item in value]
            if isinstance(value, list) else value for key, value in answer.body.items()}
    return Answer(answer.status, {**body, **extra}, answer.headers)


def _fault_answer(rule: Rule) -> Answer:
    status = rule.spec["status"]
    body = rule.spec.get("body", {"errors": [{"code": f"sandbox_fault_{status}", "message": "a fault rule struck"}]})
    headers = {}
    if "retry_after" in rule.spec:
        headers["Retry-After"] = str(rule.spec["retry_after"])
    if "reset_ms" in rule.spec:
        headers["X-RateLimit-Reset"] = str(rule.spec["reset_ms"])
    return Answer(status, body, headers)


def _strike_after(rule: Rule | None, answer: Answer) -> Answer:
    if rule and rule.kind == "status":
        return _fault_answer(rule)
    return answer


async def _send(rule: Rule | None, answer: Answer | None, scope: Scope, receive: Receive, send: Send) -> int | None:
    """Sends the answer, or does to the connection what the fault says; answers the status that was sent."""
    if answer is None or (rule and rule.kind == "drop_after"):
        await wire.drop(scope, receive)
        return None
    text = None if answer.body is None else json.dumps(answer.body, separators=(",", ":")).encode("utf-8")
    if rule and rule.kind == "cut_body":
        await wire.cut(scope, receive, send, answer, text or b"{}")
    elif rule and rule.kind == "wrong_type":
        await wire.send_bytes(send, Answer(200), b"<html><body>Service page</body></html>", "text/html")
        return 200
    else:
        await wire.send_bytes(send, answer, text)
    return answer.status
