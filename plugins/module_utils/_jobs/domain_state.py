# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""One domain as the tenant has it, and the calls that move it. Each call is proved by looking again."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.client import Client
from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ApiError, ConnectError, OutcomeUnknown
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.domain_texts import moment
from ansible_collections.mimecast.connect.plugins.module_utils._engine import apply, values
from ansible_collections.mimecast.connect.plugins.module_utils._engine.world import World
from ansible_collections.mimecast.connect.plugins.module_utils._resources import domains as calls
from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import CATALOGUE

ABSENT, PENDING, INTERNAL = "absent", "pending", "internal"
RENEWED = "30 days after this run"
_REFUSED = (400, 404, 409, 422)  # an answer about this domain, not about the call


class Domain:
    """``state`` is where it stands, ``world`` what was read of the tenant. ``look`` reads it again."""

    def __init__(self, client: Client, name: str) -> None:
        self._client = client
        self._row: dict[str, Any] = {}
        self.world = World(client, CATALOGUE)
        self.name = name
        self.state = ABSENT

    def __str__(self) -> str:
        return calls.DOMAINS.describe(self.name)

    @property
    def title(self) -> str:
        """The domain at the beginning of a sentence."""
        return "D" + str(self)[1:]

    @property
    def expires(self) -> datetime.datetime | None:
        """When the code expires, as far as that is told in a known form."""
        return moment(self._row.get("expiryDateTime"))

    @property
    def record(self) -> dict[str, Any]:
        """The TXT record to publish while the domain is pending; {} without a code."""
        code = self._row.get("token")
        if self.state != PENDING or not code:
            return {}
        return {"name": self.name, "type": "TXT", "value": str(code), "expires": self._row.get("expiryDateTime")}

    def shown(self) -> dict[str, Any]:
        """A pending domain in the words of the module."""
        return {"name": self.name, "state": self.state, "inbound_type": self._row.get("inboundType")}

    def lives(self, days: int) -> bool:
        """Whether there is a code, good for so many days."""
        now = datetime.datetime.now(datetime.timezone.utc)
        return bool(self.record) and (self.expires is None or self.expires - now >= datetime.timedelta(days=days))

    def expired_hint(self) -> str:
        """What else to do where the code has expired."""
        return "" if self.lives(0) or not self.record else ". The code has expired: set renew_token, and publish the value that it returns"

    def look(self) -> None:
        """Read where the domain stands. Pending domains are read only when it is not internal."""
        self.forget()
        self.world.forget(calls.DOMAINS.kind)
        if self.world.one(calls.DOMAINS.kind, self.name):
            self.state = INTERNAL
            return
        rows = [row for row in self._client.rows(calls.PENDING, "read pending domains") if _name(row) == self.name]
        if len(rows) > 1:
            raise ConnectError("Cannot tell which {0} is meant: the tenant has {1} pending ones of that name. "
                               "Remove all but one in the console".format(self, len(rows)))
        if rows:
            self.state, self._row = PENDING, rows[0]

    def forget(self) -> None:
        """As if the tenant had no such domain."""
        self.state, self._row = ABSENT, {}

    def has_internal_parent(self) -> bool:
        """Whether it is a subdomain of an own domain, which makes it internal at once (documented for the older call)."""
        return any(self.name.endswith("." + item.name) for item in self.world.objects(calls.DOMAINS.kind))

    def register(self, inbound_type: str | None) -> bool:
        """False when somebody else did it at the same time."""
        what = "register {0}".format(self)
        try:
            self._client.write(calls.REGISTER, what, body=self._body(inbound_type))
        except OutcomeUnknown as error:
            if not self._seen(lambda: self.state != ABSENT):
                raise OutcomeUnknown("{0}. The tenant does not show it, so it was probably not registered; run again".format(error)) from None
            return True
        except ApiError as error:
            if error.status not in _REFUSED:
                raise
            self.look()
            if self.state != ABSENT:
                return False
            raise ApiError(
                "{0}. The service takes no domain that any account has already, and no subdomain of another account's domain. If that is "
                "the reason and it is yours, ask the support of the service to release it".format(error), error.status, error.code) from None
        if not self._seen(lambda: self.state != ABSENT):
            raise ConnectError("Cannot {0}: it was accepted, but the tenant does not show it; run again in a few minutes".format(what))
        return True

    def unregister(self) -> None:
        """Remove it while it is pending."""
        object_id, what = str(self._row["id"]), "remove the pending {0}".format(self)
        try:
            self._repeated(lambda: self._client.write(calls.UNREGISTER, what, object_id), lambda: self.state == ABSENT)
        except ApiError as error:
            if error.status != 404:  # already gone is what was wanted
                raise
        self.look()
        if self.state == INTERNAL:
            raise ConnectError("Cannot {0}: it was verified at the same time and is internal now, which no call of the API undoes".format(what))

    def renew(self, days: int) -> None:
        """A code that lives 30 days from now."""
        what = "renew the code of {0}".format(self)

        def renewed() -> bool:
            return self.state == INTERNAL or self.lives(days)

        def write() -> None:
            answer = self._client.write(calls.RENEW, what, body={"domains": [self.name]})
            own = [row for row in answer.get("results") or () if isinstance(row, dict) and _name(row) == self.name]
            if any(row.get("status") == "failed" for row in own):
                raise ApiError("Cannot {0}: the service says that it failed; remove the domain with state absent, and register it "
                               "anew".format(what))

        self._repeated(write, renewed)
        if not self._seen(renewed):
            raise ConnectError("Cannot {0}: the service accepted it, but still tells the old date; run again".format(what))

    def verify(self, inbound_type: str | None) -> str:
        """Have the service look for the record. Returns why the domain is not internal, or ''."""
        try:
            self._client.write(calls.VERIFY, "verify {0}".format(self), body=self._body(inbound_type or self._row.get("inboundType")))
        except ApiError as error:
            if error.status not in _REFUSED and not isinstance(error, OutcomeUnknown):
                raise
            self.look()
            reason = str(error)
        else:
            self._seen(lambda: self.state == INTERNAL)
            reason = "accepted, but the domain is still pending"
        if self.state == ABSENT:
            raise ConnectError("Cannot verify {0}: it is neither pending nor internal any more; run again".format(self))
        return "" if self.state == INTERNAL else reason

    def _body(self, inbound_type: str | None) -> dict[str, str]:
        # Inferred from the older calls create-domain and verify-domain; what the service makes of inboundType is read back.
        return {"domain": self.name, **({"inboundType": inbound_type} if inbound_type else {})}

    def _repeated(self, write: Callable[[], Any], done: Callable[[], bool]) -> None:
        """Repeat a write that may be repeated, until its outcome is known."""
        for attempt in range(1, apply.REPEATS + 1):
            try:
                write()
                return
            except OutcomeUnknown as error:
                self.look()
                if done():
                    return
                if attempt == apply.REPEATS:
                    raise OutcomeUnknown("{0}. Tried {1} times; run again later".format(error, apply.REPEATS)) from None
                time.sleep(apply.LOOKS[attempt])

    def _seen(self, done: Callable[[], bool]) -> bool:
        """Look until it shows; how long a write may lag is not published."""
        for pause in apply.LOOKS:
            time.sleep(pause)
            self.look()
            if done():
                return True
        return False


def _name(row: dict[str, Any]) -> str:
    try:
        return values.domain(row.get("domain") or "")
    except ValueError:
        return ""
