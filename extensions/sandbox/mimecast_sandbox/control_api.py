# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control interface below /_sandbox. For tests and operators; it is no part of the imitated service."""
from __future__ import annotations

import hmac
import json
import os
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from . import __version__, settings, tenants
from .resources import REGISTRY
from .state import State

Plant = Callable[[State], None]


class Control:
    """One method per call of the interface. Answers are JSON; a mistake of the caller is 400 with {"error"}."""

    def __init__(self, state: State, plant: Plant):
        self._state = state
        self._plant = plant

    async def health(self, request: Request) -> Any:
        return {"status": "ok", "version": __version__, "pid": os.getpid(), "tenants": self._state.store.tenant_codes(),
                "epoch": self._state.ids.epoch, "waiting": self._state.faults.waiting(),
                "bugs": self._state.bugs}

    async def add_tenant(self, request: Request) -> Any:
        return tenants.add_tenant(self._state, await _json(request))

    async def drop_tenant(self, request: Request) -> Any:
        code = self._tenant(request)
        self._state.tokens.expire(code)
        self._state.store.drop_tenant(code)

    async def add_credential(self, request: Request) -> Any:
        tenants.add_credential(self._state, self._tenant(request), await _json(request))

    async def objects(self, request: Request) -> Any:
        code, kind = self._place(request)
        return [{"ref": ref, **body} for ref, body in self._state.store.rows(code, kind)]

    async def insert(self, request: Request) -> Any:
        code, kind = self._place(request)
        rows = await _json(request)
        return {"refs": tenants.insert(self._state, code, kind, rows if isinstance(rows, list) else [rows])}

    async def patch(self, request: Request) -> Any:
        code, kind, ref, body = self._object(request)
        change = await _json(request)
        tenants.check_fields(kind, change)
        merged = {name: value for name, value in {**body, **change}.items() if value is not None}
        self._state.store.update(code, kind, ref, merged)
        return {"ref": ref, **merged}

    async def delete(self, request: Request) -> Any:
        code, kind, ref, _body = self._object(request)
        self._state.store.delete(code, kind, ref)

    async def address_book(self, request: Request) -> Any:
        if request.method == "PUT":
            book = await _json(request)
            for address in book.values():
                self._state.target(str(address))
            self._state.address_book = {name.lower(): address for name, address in book.items()}
        return self._state.address_book

    async def settings(self, request: Request) -> Any:
        if request.method == "PUT":
            settings.merge(self._state.settings, await _json(request))
            self._state.limits.clear()
        return self._state.settings

    async def faults(self, request: Request) -> Any:
        if request.method == "POST":
            rules = await _json(request)
            self._state.faults.add(rules if isinstance(rules, list) else [rules])
        elif request.method == "DELETE":
            self._state.faults.clear()
        return self._state.faults.report()

    async def release(self, request: Request) -> Any:
        return {"released": self._state.faults.release(request.path_params["name"])}

    async def requests(self, request: Request) -> Any:
        if request.method == "DELETE":
            self._state.requests.clear()
        return list(self._state.requests)

    async def mail(self, request: Request) -> Any:
        if request.method == "DELETE":
            self._state.mail_log.clear()
        return list(self._state.mail_log)

    async def rotate_ids(self, request: Request) -> Any:
        return {"epoch": self._state.rotate_ids()}

    async def expire_tokens(self, request: Request) -> Any:
        wanted = (json.loads(await request.body() or b"{}") or {}).get("tenant")
        return {"expired": self._state.tokens.expire(wanted)}

    async def reset(self, request: Request) -> Any:
        self._state.reset()
        self._plant(self._state)

    def _tenant(self, request: Request) -> str:
        code = str(request.path_params["code"])
        if self._state.store.tenant(code) is None:
            raise HTTPException(404, f"no tenant {code}")
        return code

    def _place(self, request: Request) -> tuple[str, str]:
        code, kind = self._tenant(request), str(request.path_params["kind"])
        if kind not in REGISTRY:
            raise HTTPException(404, f"no kind {kind}; there are {', '.join(REGISTRY)}")
        return code, kind

    def _object(self, request: Request) -> tuple[str, str, int, dict[str, Any]]:
        code, kind = self._place(request)
        ref = int(request.path_params["ref"])
        body = self._state.store.get(code, kind, ref)
        if body is None:
            raise HTTPException(404, f"no {kind} {ref}")
        return code, kind, ref, body


async def _json(request: Request) -> Any:
    return json.loads(await request.body())


def control_app(state: State, plant: Plant) -> ASGIApp:
    """`plant` fills a fresh state from the seed file."""
    control = Control(state, plant)
    table: list[tuple[str, str, Callable[[Request], Awaitable[Any]]]] = [
        ("GET", "/health", control.health), ("POST", "/tenants", control.add_tenant),
        ("DELETE", "/tenants/{code}", control.drop_tenant),
        ("POST", "/tenants/{code}/credentials", control.add_credential),
        ("GET", "/tenants/{code}/{kind}", control.objects), ("POST", "/tenants/{code}/{kind}", control.insert),
        ("PATCH", "/tenants/{code}/{kind}/{ref:int}", control.patch),
        ("DELETE", "/tenants/{code}/{kind}/{ref:int}", control.delete),
        ("GET PUT", "/address-book", control.address_book), ("GET PUT", "/settings", control.settings),
        ("GET POST DELETE", "/faults", control.faults), ("POST", "/release/{name}", control.release),
        ("GET DELETE", "/requests", control.requests), ("GET DELETE", "/mail", control.mail),
        ("POST", "/rotate-ids", control.rotate_ids),
        ("POST", "/expire-tokens", control.expire_tokens), ("POST", "/reset", control.reset),
    ]
    app = Starlette(routes=[Route(f"/_sandbox{path}", _endpoint(handler), methods=methods.split())
                            for methods, path, handler in table],
                    exception_handlers={HTTPException: _refusal})

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        given = dict(scope["headers"]).get(b"x-sandbox-control", b"")
        if hmac.compare_digest(given, state.control_token.encode("ascii")):
            await app(scope, receive, send)
        else:
            await _error(401, "header X-Sandbox-Control is missing or wrong")(scope, receive, send)

    return guarded


def _endpoint(handler: Callable[[Request], Awaitable[Any]]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            result = await handler(request)
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            return _error(400, str(error))
        return Response(status_code=204) if result is None else JSONResponse(result)
    return endpoint


def _error(status: int, message: str) -> Response:
    return JSONResponse({"error": message}, status_code=status)


async def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _error(error.status_code, str(error.detail))
