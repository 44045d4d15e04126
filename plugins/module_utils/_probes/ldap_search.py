# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""Searches in a directory: one entry, or a whole tree by pages, of which nothing is kept."""

from __future__ import annotations

from typing import List, Optional, Tuple

from ansible_collections.mimecast.connect.plugins.module_utils._probes.ldap_coverage import ATTRIBUTES, Coverage
from ansible_collections.mimecast.connect.plugins.module_utils._probes.ldap_dialogue import Conversation, decoding
from ansible_collections.mimecast.connect.plugins.module_utils._probes.ldap_messages import ENTRY, REFERENCE, Answer, Result, search
from ansible_collections.mimecast.connect.plugins.module_utils._probes.ldap_refusals import NO_PAGES, SUCCESS

ANY, WITH_ADDRESS = "(objectClass=*)", "(|(mail=*)(proxyAddresses=*))"
# What Active Directory gives at most, and less for a server that would rather refuse than give less.
PAGE_SIZES = (1000, 100)
MAX_VALUES = 100  # of the one entry


def look(conversation: Conversation, phase: str, base: str, attributes: List[str]) -> Tuple[Result, List[List[bytes]]]:
    """How the search for this one entry ended, and the values of the attributes if it was found."""
    entries: List[List[bytes]] = []
    for answer in conversation.ask(phase, search, base, "BASE", ANY, attributes):
        if answer.operation == ENTRY and not entries:
            with decoding():
                entries.append(_values(answer))
    with decoding():
        return answer.result, entries


def _values(entry: Answer) -> List[bytes]:
    values = (value for _name, some in entry.attributes for value in some)
    return [value for _number, value in zip(range(MAX_VALUES), values)]


class Pages:
    """The entries with addresses below a base. Simple paged results (RFC 2696) get past the limit of a single search."""

    def __init__(self, conversation: Conversation, base: str) -> None:
        self.count = self.referrals = 0
        self.refusal: Optional[Result] = None  # what was answered to the wish for pages, if they were refused
        self._conversation = conversation
        self._base = base

    def read(self, coverage: Coverage) -> Result:
        """How it ended; without pages where the server refuses them."""
        for size in PAGE_SIZES:
            result = self._read(coverage, size)
            if result.code not in NO_PAGES or coverage.entries:
                return result
        self.refusal = result
        return self._read(coverage, 0)

    def _read(self, coverage: Coverage, size: int) -> Result:
        result, cookie = self._page(coverage, size, b"")
        while result.code == SUCCESS and cookie:
            result, cookie = self._page(coverage, size, cookie)
        return result

    def _page(self, coverage: Coverage, size: int, cookie: bytes) -> Tuple[Result, bytes]:
        self.count += 1
        for answer in self._conversation.ask("the search", search, self._base, "SUBTREE", WITH_ADDRESS, ATTRIBUTES, (size, cookie)):
            if answer.operation == ENTRY:
                with decoding():
                    coverage.add(answer.attributes)
            elif answer.operation == REFERENCE:
                self.referrals += 1
        with decoding():
            return answer.result, answer.cookie
