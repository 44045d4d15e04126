# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The ldap probe, apart from its check since it needs ldap3: TLS, bind, base, and the addresses below it."""

from __future__ import annotations

import ssl
from typing import Any, Dict, List, Optional

from ansible_collections.mimecast.connect.plugins.module_utils._probes import ldap_messages, ldap_refusals, net
from ansible_collections.mimecast.connect.plugins.module_utils._probes.ldap_coverage import Coverage
from ansible_collections.mimecast.connect.plugins.module_utils._probes.ldap_dialogue import Conversation
from ansible_collections.mimecast.connect.plugins.module_utils._probes.ldap_messages import Result
from ansible_collections.mimecast.connect.plugins.module_utils._probes.ldap_refusals import SUCCESS
from ansible_collections.mimecast.connect.plugins.module_utils._probes.ldap_search import Pages, look
from ansible_collections.mimecast.connect.plugins.module_utils._probes.net import ProbeFailure, timed
from ansible_collections.mimecast.connect.plugins.module_utils._probes.probe import SocketProbe
from ansible_collections.mimecast.connect.plugins.module_utils._probes.text import printable, without

MODES = ("strict", "relaxed", "none")
NO_TLS = "give the server a certificate, use port 636 where it has one, or declare tls none"
SHOWN_CHARACTERS, SHOWN_CONTEXTS = 300, 20
NAMED = 10  # in a sentence; the evidence has more


class LdapProbe(SocketProbe):
    """Nothing that a server says is shown before the password is cut out of it."""

    def __init__(self, check: Any) -> None:
        super().__init__(check)
        self._open: List[Conversation] = []
        self._secrets = (check.password or "",)
        self._base = printable(check.base_dn or "", 260)

    def run(self) -> None:
        check = self._check
        self._expected = self._validate()
        self.locate()
        clear = check.tls == "none" and not check.implicit_tls
        conversation = self._talk(None, self._timings) if clear else self.talk_encrypted(self._talk)
        if not conversation:
            return
        if check.username:
            with timed(self._timings, "bind"):
                self._bind(conversation, clear)
        elif clear or not check.base_dn:
            self._look_at_root(conversation)  # that it answers at all shows that it is a directory
            if clear:
                self.find("ok", "ok_plain_ldap")
        if check.base_dn:
            with timed(self._timings, "search"):
                self._look_at_base(conversation)
                self._cover(conversation)

    def close(self) -> None:
        for conversation in self._open:
            conversation.close()

    def _validate(self) -> List[str]:
        """The declared domains in their ASCII form."""
        check = self._check
        wrong = ""
        if not ldap_messages.HAS_LDAP3:
            wrong = "the Python library ldap3 is not installed here"
        elif check.tls not in MODES:
            wrong = f"tls is one of {', '.join(MODES)}"
        elif bool(check.username) != bool(check.password):
            wrong = "username and password go together"
        elif check.internal_domains and not check.base_dn:
            wrong = "internal_domains need a base_dn below which to look for them"
        if wrong:
            raise ProbeFailure("check_invalid", reason=wrong)
        return [self._domain(one) for one in check.internal_domains]

    @staticmethod
    def _domain(name: str) -> str:
        try:
            return net.to_alabel(name)
        except ProbeFailure as failure:
            raise ProbeFailure("check_invalid", reason=f"'{printable(name, 100)}' of internal_domains is no domain") from failure

    def _talk(self, context: Optional[ssl.SSLContext], timings: Dict[str, int]) -> Conversation:
        """Connect and, with a context, encrypt."""
        conversation = Conversation(self.connect(timings), self._deadline)
        self._open.append(conversation)
        if context:
            with timed(timings, "tls"):
                if not self._check.implicit_tls:
                    self._start_tls(conversation)
                conversation.upgrade(self.encrypt(conversation.sock, context))
        return conversation

    def _start_tls(self, conversation: Conversation) -> None:
        result = conversation.result("STARTTLS", ldap_messages.EXTENDED_ANSWER, ldap_messages.starttls)
        if result.code in ldap_refusals.NO_STARTTLS:
            raise ProbeFailure("tls_not_offered", advice=NO_TLS)
        if result.code != SUCCESS:
            raise ProbeFailure("starttls_refused", reply=self._reply(result))
        if conversation.has_unread_bytes():
            raise ProbeFailure("ldap_injection")

    def _bind(self, conversation: Conversation, clear: bool) -> None:
        check = self._check
        result = conversation.result("the bind", ldap_messages.BIND_ANSWER, ldap_messages.bind, check.username, check.password)
        self._evidence["bind"] = self._shown(result)
        if result.code != SUCCESS:
            raise ProbeFailure(ldap_refusals.bind_code(result), reply=self._reply(result))
        self.find("ok", "ok_bound")
        if clear:
            self.find("degraded", "clear_bind")

    def _look_at_root(self, conversation: Conversation) -> List[str]:
        """The trees that the server says it holds."""
        _result, entries = look(conversation, "the look at its root", "", ["namingContexts"])
        found = [value for values in entries for value in values][:SHOWN_CONTEXTS]
        self._evidence["naming_contexts"] = [self._said(value.decode("utf-8", "replace")) for value in found]
        return self._evidence["naming_contexts"]

    def _look_at_base(self, conversation: Conversation) -> None:
        result, entries = look(conversation, "the look at base_dn", self._check.base_dn, ["1.1"])
        if result.code != SUCCESS:
            raise self._refused(conversation, result)
        if not entries:  # it may be asked for, not seen
            raise ProbeFailure("search_not_allowed", base_dn=self._base, reply="it shows no such entry")

    def _refused(self, conversation: Conversation, result: Result) -> ProbeFailure:
        code = ldap_refusals.search_code(result)
        facts = {"base_dn": self._base, "reply": self._reply(result)}
        if code in ("base_dn_missing", "base_dn_invalid"):
            try:
                contexts = self._look_at_root(conversation)
            except ProbeFailure:
                contexts = []
            facts["contexts"] = "The server has " + "; ".join(contexts[:NAMED]) if contexts else "The server does not say what it has"
        return ProbeFailure(code, **facts)

    def _cover(self, conversation: Conversation) -> None:
        coverage, pages = Coverage(self._expected), Pages(conversation, self._check.base_dn)
        try:
            result = pages.read(coverage)
        except ProbeFailure as failure:
            if failure.code == "reply_timed_out" and coverage.entries:
                raise ProbeFailure("search_unfinished", entries=coverage.entries) from failure
            raise
        finally:
            self._evidence["search"] = {"pages": pages.count, "referrals": pages.referrals}
            self._evidence["coverage"] = self._concealed(coverage.as_dict())
        self._evidence["search"].update(self._shown(result), complete=result.code == SUCCESS)
        if result.code in ldap_refusals.LIMITS:
            code = "size_limit_no_paging" if pages.refusal else "size_limit_exceeded"
            raise ProbeFailure(code, entries=coverage.entries, reply=self._reply(result))
        if result.code != SUCCESS:
            raise self._refused(conversation, result)
        if pages.refusal:
            self.find("degraded", "paging_not_supported", reply=self._reply(pages.refusal))
        self._judge_coverage(coverage)

    def _judge_coverage(self, coverage: Coverage) -> None:
        if not coverage.found:
            raise ProbeFailure("no_addresses", base_dn=self._base)
        if coverage.uncovered:
            self.find("failed", "domains_uncovered", domains=_some(coverage.uncovered))
        if coverage.unknown:
            self.find("ok", "domains_unknown", domains=self._said(_some(coverage.unknown)))
        self.find("ok", "ok_directory", entries=coverage.found, addresses=coverage.addresses, domains=len(coverage.domains))

    def _concealed(self, counts: Dict[str, Any]) -> Dict[str, Any]:
        domains = [{**one, "domain": self._said(one["domain"])} for one in counts["domains"]]
        return {**counts, "domains": domains, "unknown": [self._said(one) for one in counts["unknown"]]}

    def _shown(self, result: Result) -> Dict[str, Any]:
        return {"code": result.code, "name": result.name, "text": self._said(result.text)}

    def _reply(self, result: Result) -> str:
        text = self._said(result.text)
        return f"{result.name} ({result.code})" + (f": {text}" if text else "")

    def _said(self, text: str) -> str:
        return printable(without(text.strip(" \0\r\n"), self._secrets), SHOWN_CHARACTERS)


def _some(names: List[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
