# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The three listeners, as what aiosmtpd asks about a recipient and about a message.

Assumption: DATA is answered when the next server has answered. The service takes a message first, queues it and tries for days.
"""
from __future__ import annotations

import datetime
import email.utils
from collections.abc import Callable, Sequence
from typing import Any

from aiosmtpd.smtp import AuthResult, LoginPassword

from ..groups_model import now
from ..journaling import SERVICES
from ..resolve import ResolveError
from ..state import State
from ..threads import in_thread
from . import routing, rules, sender
from .record import Message, attempt
from .rules import Client, Refusal

OK = "250 2.1.5 Ok"
_MOST_HOPS = 25
_OLDEST = datetime.timedelta(days=30)
Login = Callable[[State, str, str], "tuple[str, str] | None"]


class Listener:
    """What all three share. `name` is what aiosmtpd greets with, `source` the address from which mail leaves."""

    kind = ""
    log_in: Login | None = None

    def __init__(self, state: State, name: str, source: str):
        self.state, self.name, self.source = state, name, source

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        """aiosmtpd's question whether a log-on is right."""
        found = None
        if self.log_in and isinstance(data, LoginPassword):
            found = type(self).log_in(self.state, data.login.decode("utf-8", "replace"), data.password.decode("utf-8", "replace"))
        return AuthResult(success=found is not None, handled=False, auth_data=found)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        client, mail_from = _client(self.state, session), _sender(envelope)
        try:
            code = await self.accept(client, mail_from, address)
            if getattr(envelope, "tenant", code) != code:
                raise Refusal(rules.OTHER_ACCOUNT, code)
        except Refusal as refusal:
            attempt(self.state, Message(self.kind, client, mail_from, [address]), refusal.reply, refusal.tenant)
            return refusal.reply
        envelope.tenant = code
        envelope.rcpt_tos.append(address)
        return OK

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = Message(self.kind, _client(self.state, session), _sender(envelope), envelope.rcpt_tos, envelope.content)
        try:
            if len(message.parsed().get_all("Received", [])) > _MOST_HOPS:
                raise Refusal(rules.LOOP)
            reply = await self.take(message, envelope.tenant)
        except Refusal as refusal:
            reply = refusal.reply
        attempt(self.state, message, reply, envelope.tenant)
        return reply

    async def accept(self, client: Client, mail_from: str, recipient: str) -> str:
        """The tenant that takes this recipient; raises Refusal."""
        raise NotImplementedError

    async def take(self, message: Message, code: str) -> str:
        """Pass the message on, and the reply to DATA."""
        return await self._deliver(message, code)

    async def _deliver(self, message: Message, code: str) -> str:
        ways: dict[tuple[routing.Hop, ...], list[str]] = {}
        for recipient in message.recipients:
            try:
                ways.setdefault(tuple(await self.hops(message, code, recipient)), []).append(recipient)
            except Refusal as refusal:
                message.outcomes[recipient] = sender.Outcome(int(refusal.reply[:3]), refusal.reply)
        content = self._received(message) + (message.content or b"")
        for hops, recipients in ways.items():
            message.policies.update(dict.fromkeys(recipients, hops[0]))
            message.outcomes.update(await self._send(hops, message.sender, recipients, content))
        return _reply(message.outcomes)

    async def _send(self, hops: Sequence[routing.Hop], mail_from: str, recipients: list[str], content: bytes | None) -> dict[str, sender.Outcome]:
        return await in_thread(lambda: sender.send(hops, mail_from, recipients, content, self.name, self.source))

    async def hops(self, message: Message, code: str, recipient: str) -> list[routing.Hop]:
        source = rules.public_address(self.state.address_book, message.client.address)
        try:
            return await routing.hops(self.state, code, routing.Mail(message.sender, message.header_from(), recipient, source))
        except ResolveError as error:
            raise Refusal(f"451 4.4.3 {error}") from error

    def _received(self, message: Message) -> bytes:
        client = message.client
        how = "ESMTPS" if client.encrypted else "ESMTP"
        return (f"Received: from {client.hello} ([{client.address}])\r\n by {self.name} with {how};\r\n"
                f" {email.utils.formatdate()}\r\n").encode("ascii", "replace")


class SmartHost(Listener):
    kind = "smart_host"
    log_in = rules.user_login

    async def accept(self, client: Client, mail_from: str, recipient: str) -> str:
        return rules.outbound(self.state, client, mail_from, recipient)


class Inbound(Listener):
    kind = "inbound"

    async def accept(self, client: Client, mail_from: str, recipient: str) -> str:
        code, domain = rules.inbound(self.state, recipient)
        if domain["inboundType"] == "smtp":
            await self._call_forward(client, mail_from, recipient, code)
        return code

    async def _call_forward(self, client: Client, mail_from: str, recipient: str, code: str) -> None:
        """The customer's own server says whether there is such a recipient."""
        message = Message(self.kind, client, mail_from, [recipient])
        hops = await self.hops(message, code, recipient)
        outcomes = await self._send(hops, mail_from, [recipient], None)
        if not outcomes[recipient].delivered:
            raise Refusal(rules.NO_RECIPIENT if outcomes[recipient].code >= 500 else outcomes[recipient].text, code)


class Journal(Listener):
    kind = "journal"
    log_in = rules.journal_login

    async def accept(self, client: Client, mail_from: str, recipient: str) -> str:
        return rules.journal(self.state, client, recipient)[0]

    async def take(self, message: Message, code: str) -> str:
        date = message.parsed().get("Date")
        sent = getattr(date, "datetime", None)
        if sent and sent.tzinfo and datetime.datetime.now(datetime.timezone.utc) - sent > _OLDEST:
            raise Refusal(rules.TOO_OLD, code)
        for recipient in message.recipients:
            _code, ref = rules.journal(self.state, message.client, recipient)
            service = self.state.store.get(code, SERVICES.kind, ref) or {}
            service = {**service, "statusInfo": {"status": "ok", "lastReceivedDateTime": now()}}
            self.state.store.update(code, SERVICES.kind, ref, service)
        return "250 2.0.0 Ok: journaled"


LISTENERS: dict[str, type[Listener]] = {listener.kind: listener for listener in (SmartHost, Inbound, Journal)}


def _client(state: State, session: Any) -> Client:
    # The address as the tenant knows it: on loopback a host stands for a public one by way of the address book.
    address = rules.public_address(state.address_book, session.peer[0])
    return Client(address, session.host_name or "", bool(session.ssl), session.auth_data if session.authenticated else None)


def _sender(envelope: Any) -> str:
    """Empty for the null sender, which aiosmtpd hands on with its brackets."""
    return "" if envelope.mail_from in (None, "<>") else str(envelope.mail_from)


def _reply(outcomes: dict[str, sender.Outcome]) -> str:
    """One reply for all recipients: a yes if anybody got it, else to try again if that may help, else the first no."""
    found = list(outcomes.values())
    if any(one.delivered for one in found):
        return "250 2.0.0 Ok: delivered"
    text = next((one for one in found if one.code < 500), found[0]).text
    return text.replace("\n", " ")[:480]
