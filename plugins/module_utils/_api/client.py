# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The one way to the service: token, retries by kind of operation, rate limits, paging and the write gate."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

from ansible_collections.mimecast.connect.plugins.module_utils._api import envelope
from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ApiError, InputError, OutcomeUnknown, WriteRefused
from ansible_collections.mimecast.connect.plugins.module_utils._api.identity import confirm
from ansible_collections.mimecast.connect.plugins.module_utils._api.operation import LEGACY, READ, WRITE, Operation
from ansible_collections.mimecast.connect.plugins.module_utils._api.settings import Settings
from ansible_collections.mimecast.connect.plugins.module_utils._api.token import Token, TokenSource
from ansible_collections.mimecast.connect.plugins.module_utils._api.transport import Answer, Broken, NotSent, Transport

USER_AGENT = "mimecast.connect (Ansible collection)"
PAGE_SIZE = 100  # the documented maximum of v1
TRIES = 5
FIRST_PAUSE = 0.3  # seconds; doubles with each try
MAX_PAGES = 10000

TOKEN = Operation("POST", "/oauth/token", READ)


class Client:
    """Calls operations for one credential. ``may_write`` is the only switch that lets a write through."""

    def __init__(self, settings: Settings, may_write: bool, run_folder: str | None = None) -> None:
        self._settings = settings
        self._may_write = may_write
        self._transport = Transport(
            settings.base_url, settings.ca_path, settings.validate_certs, settings.timeout, settings.use_proxy
        )
        identity = json.dumps([settings.base_url, settings.client_id, settings.client_secret])
        self._tokens = TokenSource(self._new_token, identity, run_folder if settings.token_cache else None)
        self._waited_for_quota = 0.0
        self._account_confirmed = settings.account_code is None
        self.secrets = {settings.client_secret}
        self.progress: Callable[[str], None] = _silent  # told often; whoever shows it decides how often
        self.stats = {"requests": 0, "retries": 0, "waited_s": 0.0, "writes": 0}

    def read(
        self, operation: Operation, what: str, object_id: str | None = None,
        query: dict[str, Any] | None = None, body: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """One read. ``what`` completes "Cannot ..." in errors, such as ``read delivery routes``."""
        return self._call(operation, what, _path(operation, object_id, query), body)

    def write(
        self, operation: Operation, what: str, object_id: str | None = None, body: Any = None,
        content: bytes | None = None, headers: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """One write. Raises OutcomeUnknown when it may have been carried out without proof.

        ``content`` is sent as it is, instead of a JSON ``body``; its type then stands in ``headers``.
        """
        if content is None and operation.envelope == LEGACY:  # the id goes into the one item of the body
            body, object_id = {"data": [{**(body or {}), **({"id": object_id} if object_id else {})}]}, None
        return self._call(operation, what, _path(operation, object_id, None), body, content, headers)

    def call(self, operation: Operation, what: str, query: dict[str, Any] | None = None, body: Any = None) -> dict[str, Any]:
        """One call with the body as it is given; the gate looks at the kind of the operation."""
        return self._call(operation, what, _path(operation, None, query), body)

    def rows(
        self, operation: Operation, what: str, object_id: str | None = None,
        query: dict[str, Any] | None = None, body: Any = None,
    ) -> list[dict[str, Any]]:
        """Every object of a paged list, of the whole tenant or of one object. A legacy ``body`` is the list of items in ``data``."""
        found: list[dict[str, Any]] = []
        for page in self._pages(operation, what, object_id, query or {}, body):
            found += page
            self.progress("{0}: {1} so far".format(what, len(found)))
        return found

    def _pages(self, operation: Operation, what: str, object_id: str | None, query: dict[str, Any], body: Any) -> Iterator[list[dict[str, Any]]]:
        seen: set[str] = set()
        token = None
        while len(seen) < MAX_PAGES:
            if operation.envelope == LEGACY:
                paging = {"pageSize": PAGE_SIZE, **({"pageToken": token} if token else {})}
                answer = self.read(operation, what, body={"meta": {"pagination": paging}, "data": body or []})
            else:
                paging = {"pageSize": PAGE_SIZE, **query, **({"pageToken": token} if token else {})}
                answer = self.read(operation, what, object_id, paging, body)
            try:
                yield envelope.rows(operation, answer)
            except envelope.BadAnswer as error:
                raise ApiError("Cannot {0}: {1}".format(what, error)) from None
            token = envelope.next_token(operation, answer)
            if not token:
                return
            if token in seen:
                break
            seen.add(token)
        raise ApiError("Cannot {0}: the service handed out the same page twice, so the list would never end; run again, "
                       "and report it if this stays".format(what))

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def _call(
        self, operation: Operation, what: str, path: str, body: Any, content: bytes | None = None, more: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """The gate, before anything is sent, a token request included; then the call, with a new token if need be."""
        if operation.kind != READ:
            if not self._may_write:
                raise WriteRefused("Cannot {0}: this run must not write (check mode)".format(what))
            self._confirm_account()
        data = json.dumps(body).encode() if body is not None else content
        token = self._tokens.get()
        renewed = False
        while True:
            headers = {**self._headers(token), **(more or {})}
            answer, found = self._exchange(operation, what, path, headers, data)
            if answer.status != 401:
                return self._result(operation, what, answer, found)
            if renewed:
                raise self._refused(operation, what, answer)
            token, renewed = self._tokens.renew(token), True
            self.secrets.add(token)

    def _confirm_account(self) -> None:
        if not self._account_confirmed:
            confirm(self, str(self._settings.account_code))
            self._account_confirmed = True

    def _headers(self, token: str) -> dict[str, str]:
        self.secrets.add(token)
        headers = {
            "Authorization": "Bearer " + token,
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
        }
        if self._settings.account_code:
            # Seen on whoami only; that it selects the tenant of other calls is inferred, not documented.
            headers["x-mc-accountcode"] = self._settings.account_code
        return headers

    def _exchange(self, operation: Operation, what: str, path: str, headers: dict[str, str], data: bytes | None) -> tuple[Answer, dict[str, Any]]:
        """One request, repeated as far as its kind allows. The answer, and what it holds if it is a success."""
        for attempt in range(1, TRIES + 1):
            last = attempt == TRIES
            self.stats["requests"] += 1
            self.stats["writes"] += operation.kind == WRITE
            try:
                answer = self._transport.exchange(operation.method, path, headers, data)
                if answer.status == 429:
                    if not last:
                        self._await_quota(what, answer, attempt)
                    continue
                if answer.status == 408 or answer.status >= 500:
                    raise Broken("it answered {0}: {1}".format(answer.status, envelope.refusal(answer)))
                return answer, envelope.decode(answer, operation.bare_list) if 200 <= answer.status < 300 else {}
            except NotSent as error:
                problem, final = str(error), error.final
                failed = ApiError
            except (Broken, envelope.BadAnswer) as error:
                problem, final = str(error), operation.kind == WRITE
                failed = OutcomeUnknown if operation.kind == WRITE else ApiError
            if last or final:
                tried = "" if final else ". Tried {0} times; check base_url and the network, or run again later".format(TRIES)
                raise failed("Cannot {0}: {1}: {2}{3}".format(what, self._settings.base_url, problem, tried))
            self.stats["retries"] += 1
            self._pause(FIRST_PAUSE * 2 ** (attempt - 1))
        raise ApiError("Cannot {0}: the service still refuses for its rate limit after {1} tries; run again later".format(what, TRIES), 429)

    def _await_quota(self, what: str, answer: Answer, attempt: int) -> None:
        """429: nothing was done, so any call may be repeated. X-RateLimit-Reset is in milliseconds."""
        seconds = _number(answer.headers.get("x-ratelimit-reset"), 0.001)
        if seconds is None:
            seconds = _number(answer.headers.get("retry-after"), 1.0)
        if seconds is None:
            seconds = 2.0 ** (attempt - 1)
        if self._waited_for_quota + seconds > self._settings.rate_limit_max_wait:
            raise ApiError(
                "Cannot {0}: the service's rate limit asks to wait {1:.0f} s more, which exceeds rate_limit_max_wait ({2} s); "
                "raise it or run again later".format(what, seconds, self._settings.rate_limit_max_wait), 429,
            )
        self._waited_for_quota += seconds
        self.stats["retries"] += 1
        self._transport.close()  # the server would drop it while we wait
        self._pause(seconds)

    def _pause(self, seconds: float) -> None:
        seconds *= 1 + random.random() / 10  # many workers must not come back at the same moment
        self.stats["waited_s"] = round(self.stats["waited_s"] + seconds, 3)
        time.sleep(seconds)

    def _result(self, operation: Operation, what: str, answer: Answer, body: dict[str, Any]) -> dict[str, Any]:
        if not 200 <= answer.status < 300:
            raise self._refused(operation, what, answer)
        failed = envelope.failures(operation, body)
        if failed:
            raise ApiError("Cannot {0}: {1}".format(what, "; ".join(map(str, failed))), answer.status, failed[0].code)
        return body

    def _refused(self, operation: Operation, what: str, answer: Answer) -> ApiError:
        reason = envelope.refusal(answer)
        advice = ""
        if answer.status == 401:
            advice = ". The service does not accept the token; check client_id and client_secret"
        elif answer.status == 403:
            advice = ". The API application needs the product {0} and its role the permission {1!r}".format(
                " or ".join(operation.products) or "of this call", operation.permission or "of this call"
            )
            if self._settings.account_code:
                advice += "; or the credential may not act for account {0}".format(self._settings.account_code)
        elif answer.status == 407:
            advice = ". That is a proxy; check the user name and password in the address of it that the environment holds"
        elif answer.status in (400, 409, 422):
            advice = ". Correct what it names, or run again if somebody else changed the tenant meanwhile"
        elif 300 <= answer.status < 400:
            advice = ". It redirects to {0}; set base_url to where the API is".format(answer.headers.get("location", "nowhere"))
        text = "Cannot {0}: the service answered {1}: {2}{3}".format(what, answer.status, reason, advice)
        return ApiError(text, answer.status, reason.code)

    def _new_token(self) -> Token:
        what = "log on to the service with client id {0!r}".format(self._settings.client_id)
        form = {
            "grant_type": "client_credentials",
            "client_id": self._settings.client_id,
            "client_secret": self._settings.client_secret,
        }
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": USER_AGENT,
        }
        answer, body = self._exchange(TOKEN, what, TOKEN.path, headers, urlencode(form).encode())
        if answer.status in (400, 401, 403):
            raise InputError("Cannot {0}: it was refused ({1}); check client_id and client_secret".format(what, envelope.refusal(answer)))
        body = self._result(TOKEN, what, answer, body)
        seconds = body.get("expires_in", 1799)  # the documented 30 minutes less one second, as seen
        token = body.get("access_token")
        # Only what fits into a header: an error about the header would show the token.
        usable = isinstance(token, str) and token.isascii() and token.isprintable() and token
        if not usable or not isinstance(seconds, (int, float)):
            raise ApiError("Cannot {0}: the answer holds no access_token; check base_url".format(what))
        return Token.lasting(token, seconds)


def _silent(text: str) -> None:
    """Nobody wants to know."""


def _path(operation: Operation, object_id: str | None, query: dict[str, Any] | None) -> str:
    # Ids hold / + = and must be percent-encoded (docs/service.md).
    path = operation.path if object_id is None else operation.path.replace("{id}", quote(object_id, safe=""))
    return path + ("?" + urlencode(query, doseq=True) if query else "")


def _number(text: str | None, factor: float) -> float | None:
    try:
        return max(0.0, float(text) * factor) if text is not None else None
    except ValueError:
        return None
