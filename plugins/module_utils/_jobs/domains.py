# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The job of mimecast_domain: a domain on its way from absent over pending to internal."""

from __future__ import annotations

import time
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import ConnectError, InputError
from ansible_collections.mimecast.connect.plugins.module_utils._api.settings import API_SPEC
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.domain_state import ABSENT, INTERNAL, PENDING, RENEWED, Domain
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.domain_texts import mx_check, publish
from ansible_collections.mimecast.connect.plugins.module_utils._engine import values
from ansible_collections.mimecast.connect.plugins.module_utils._engine.manage import Interrupted, manage, object_after, outcome
from ansible_collections.mimecast.connect.plugins.module_utils._resources.catalogue import CATALOGUE
from ansible_collections.mimecast.connect.plugins.module_utils._resources.domains import CHECK_MX, DOMAINS, INBOUND_TYPES
from ansible_collections.mimecast.connect.plugins.module_utils._runner import Context, Job

PAUSE = 10.0  # seconds between two requests to look for the record
CODE_DAYS = 30  # how long a code lives


class _Run:
    """One run for one domain: what was done so far, and what the result says."""

    def __init__(self, context: Context, name: str) -> None:
        self._given = context.params
        self._dry = context.dry
        self._client = context.client
        self.domain = Domain(context.client, name)
        self.changes: list[dict[str, Any]] = []
        self._before: dict[str, Any] = {}
        self._after: dict[str, Any] = {}
        self._more: dict[str, Any] = {}

    def result(self) -> dict[str, Any]:
        """Everything up to the declared state."""
        self.domain.look()
        shown = {"present": self._present, "absent": self._absent, "exists": self._exists}[self._given["state"]]()
        diff = {"before": self._titled(self._before), "after": self._titled(self._after)}
        found = {"changed": bool(self.changes), "changes": self.changes, "diff": diff, "domain": shown, "record": self.domain.record, **self._more}
        if self._given["check_mx"]:
            found["mx"] = self._mx(shown["state"])
        return found

    def _titled(self, side: dict[str, Any]) -> dict[str, Any]:
        return {str(self.domain): side} if side else {}

    def _note(self, action: str, before: dict[str, Any], after: dict[str, Any]) -> None:
        options = {"options": sorted(after)} if action == "update" else {}
        self._add({"action": action, "kind": DOMAINS.kind, "name": self.domain.name, **options}, before, after)

    def _add(self, change: dict[str, Any], before: dict[str, Any], after: dict[str, Any]) -> None:
        """A change for the result; of several the first before and the last after count."""
        self.changes.append(change)
        if self.changes[0]["action"] != "create":
            self._before = {**before, **self._before}
        self._after = {**self._after, **after}

    def _absent(self) -> dict[str, Any]:
        if self.domain.state == INTERNAL:
            raise ConnectError("Cannot remove {0}: it is internal, and no call of the API removes an internal domain. Nothing was changed. "
                               "Remove it in the console, or ask the support of the service to".format(self.domain))
        if self.domain.state == PENDING:
            before = self.domain.shown()
            if not self._dry:
                self.domain.unregister()
            self._note("delete", before, {})
            self.domain.forget()
        return {}

    def _exists(self) -> dict[str, Any]:
        if self.domain.state == PENDING:
            raise ConnectError("Cannot confirm {0}: it is pending and not internal yet; state=exists changes nothing. {1}".format(
                self.domain, publish(self.domain.record)))
        return self._internal()

    def _present(self) -> dict[str, Any]:
        if self.domain.state == ABSENT:
            self._register()
            if self._dry:
                return self._predicted()
        if self.domain.state == PENDING:
            self._renew()
            if self._given["verify"]:
                self._more["verification"] = self._verification()
        elif self._given["verify"]:
            self._more["verification"] = {"verified": True, "message": "It is internal"}
        return self._internal() if self.domain.state == INTERNAL else self.domain.shown()

    def _predicted(self) -> dict[str, Any]:
        if self._given["verify"]:
            verified = self._after["state"] == INTERNAL
            self._more["verification"] = {"verified": verified, "message": "Check mode registers nothing, so there is no record to look for"}
        return {"name": self.domain.name, "inbound_type": None, **self._after}

    def _register(self) -> None:
        state = INTERNAL if self.domain.has_internal_parent() else PENDING
        wanted = self._given["inbound_type"]
        after = {"state": state, **({"inbound_type": wanted} if wanted else {})}
        if self._dry or self.domain.register(wanted):
            self._note("create", {}, after)

    def _renew(self) -> None:
        if not self._given["renew_token"]:
            return
        if self.domain.expires is None and self.domain.record:
            self._more["warnings"] = ["The service does not tell in a known form when the code of {0} expires, so it was not renewed".format(
                self.domain)]
            return
        days = self._given["renew_days"]
        if self.domain.lives(days):
            return
        expires = self.domain.record.get("expires")
        if not self._dry:
            self.domain.renew(days)
        self._note("update", {"expires": expires}, {"expires": RENEWED})

    def _verification(self) -> dict[str, Any]:
        if self._dry:
            return {"verified": False, "message": "Not asked in check mode, because a domain whose record is found becomes internal"}
        before = self.domain.shown()
        reason = self._asked()
        if self.domain.state == INTERNAL:
            self._note("update", {"state": before["state"]}, {"state": INTERNAL})
            return {"verified": True, "message": "The service found the record, and the domain is internal now"}
        advice = publish(self.domain.record) + self.domain.expired_hint()
        if self._given["wait_timeout"]:
            raise ConnectError("Cannot verify {0}: it is still pending after {1} s. {2}. The service's last answer: {3}".format(
                self.domain, self._given["wait_timeout"], advice, reason))
        return {"verified": False, "message": "{0} is pending. {1}".format(self.domain.title, advice), "answer": reason}

    def _asked(self) -> str:
        """Ask until the domain is internal or the time is over. Returns the last refusal."""
        deadline = time.monotonic() + self._given["wait_timeout"]
        while True:
            reason = self.domain.verify(self._given["inbound_type"])
            left = deadline - time.monotonic()
            if self.domain.state == INTERNAL or left <= 0:
                return reason
            time.sleep(min(PAUSE, left))

    def _internal(self) -> dict[str, Any]:
        """The recipient check of an internal domain is a table of the engine, as in the tenant document."""
        name = self.domain.name
        wish = {"name": name, "inbound_type": self._given["inbound_type"], "state": self._given["state"]}
        world, plan = manage(self._client, CATALOGUE, {DOMAINS.kind: [wish]}, self._dry, world=self.domain.world)
        found = outcome(plan)
        for change in found["changes"]:
            self._add(change, found["diff"]["before"][str(self.domain)], found["diff"]["after"][str(self.domain)])
        return {**object_after(world, plan, DOMAINS, name), "state": INTERNAL}

    def _mx(self, state: str) -> dict[str, Any]:
        if self.domain.state != INTERNAL:
            return mx_check({}, self.domain.name, "The service is asked about internal domains only, and this one is {0}".format(state))
        answer = self._client.read(CHECK_MX, "check the MX records of {0}".format(self.domain), body={"domains": [self.domain.name]})
        return mx_check(answer, self.domain.name)


def _checked(given: dict[str, Any]) -> str:
    """The domain's canonical name; InputError for options that make no sense."""
    try:
        name = values.domain(given["name"])
    except ValueError as error:
        raise InputError("Nothing was changed, the input is wrong. Domain {0!r}: {1}".format(given["name"], error)) from None
    wrong = [option for option in ("verify", "renew_token") if given[option] and given["state"] != "present"]
    if given["check_mx"] and given["state"] == "absent":
        wrong.append("check_mx")
    if wrong:
        raise InputError("Domain {0!r}: state {1} does not go with {2}".format(name, given["state"], " and ".join(wrong)))
    if given["wait_timeout"] < 0 or given["wait_timeout"] and not given["verify"]:
        raise InputError("Domain {0!r}: wait_timeout is {1}; it must be a number of seconds, and needs verify".format(name, given["wait_timeout"]))
    if not 1 <= given["renew_days"] < CODE_DAYS:
        raise InputError("Domain {0!r}: renew_days is {1}; a code lives {2} days, so give a number from 1 to {3}".format(
            name, given["renew_days"], CODE_DAYS, CODE_DAYS - 1))
    return name


def work(context: Context) -> dict[str, Any]:
    """Bring the domain to its state. An error after a write tells what was written."""
    run = _Run(context, _checked(context.params))
    try:
        return run.result()
    except ConnectError as error:
        done = [*run.changes, *getattr(error, "done", [])]
        if context.dry or not done:
            raise
        raise Interrupted(error, done) from error


JOB = Job(
    {
        **API_SPEC,
        "name": {"type": "str", "required": True},
        "inbound_type": {"type": "str", "choices": list(INBOUND_TYPES)},
        "verify": {"type": "bool", "default": False},
        "wait_timeout": {"type": "int", "default": 0},
        "renew_token": {"type": "bool", "default": False, "no_log": False},
        "renew_days": {"type": "int", "default": 7},
        "check_mx": {"type": "bool", "default": False},
        "state": {"type": "str", "choices": ["present", "absent", "exists"], "default": "present"},
    },
    work,
)
