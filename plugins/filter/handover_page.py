# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: handover_page
short_description: The account of a customer's journey as a page for people
version_added: 0.1.0
description:
  - Says what is done and proved by what, who is waited for and what exactly they do, what failed, and what is next.
  - Handovers that somebody acknowledges are shown as such until their day, and as open again afterwards.
  - Everything is shown as text, never as markup. There is no clock in it, so the same account gives the same page.
positional: format
author:
  - Contributors to the mimecast.connect collection (@mimecast-connect)
options:
  _input:
    description:
      - The account, as the role connect makes it, with C(customer), C(account_code), C(region), C(service), C(infrastructure), C(day), C(next), and
        C(steps), each with C(step), C(state), C(why), C(proof) (verdicts), C(changes), C(handovers), and C(soak) (C(since), C(until)).
    type: dict
    required: true
  format:
    description: V(markdown), or V(html), one file without scripts or anything from elsewhere, for screens by day and night and for paper.
    type: str
    choices: [markdown, html]
    default: markdown
"""

EXAMPLES = r"""
- name: The page of a customer
  ansible.builtin.copy:
    content: "{{ account | mimecast.connect.handover_page('html') }}"
    dest: handover.html
    mode: "0600"
  vars:
    account:
      customer: acme
      account_code: CUK12A34
      region: eu
      service: both
      infrastructure: postfix
      day: "2026-11-22"
      next: Change the MX records.
      steps:
        - step: rfi
          state: done
          why: The account is made.
          proof: []
          changes: []
          handovers: []
"""

RETURN = r"""
_value:
  description: The page.
  type: str
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.mimecast.connect.plugins.module_utils._pages import handover, html, markdown

FORMATS = {"markdown": markdown.markdown, "html": html.document}


def handover_page(value: Any, format: str = "markdown") -> str:
    """The page in this format."""
    if format not in FORMATS:
        raise AnsibleFilterError("Cannot make the handover page: format is {0!r}; it is one of {1}".format(format, ", ".join(FORMATS)))
    try:
        return FORMATS[format](handover.page(value))
    except ValueError as error:
        raise AnsibleFilterError("Cannot make the handover page: {0}".format(error)) from error


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"handover_page": handover_page}
