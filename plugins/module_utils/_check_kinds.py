# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The kinds of checks that connectivity_check knows: which options each takes, and which probe it becomes.

An option of a check has no default in the argument spec: what is not given is left to the probe, and what is given but does
not belong to the kind is an error instead of being ignored.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._engine.values import port
from ansible_collections.mimecast.connect.plugins.module_utils._probes.smtp import SmtpCheck
from ansible_collections.mimecast.connect.plugins.module_utils._probes.tcp import TcpCheck

# Options that say what a check is and where its values come from; the others are those of the probes.
FROM_DOCUMENT = {"smtp": ("route", "of delivery_routes that has a hostname")}


@dataclass(frozen=True)
class Kind:
    """check: the probe's dataclass, whose fields are options; needs: options without which it cannot start."""

    check: type
    needs: tuple[str, ...] = ("host",)
    defaults: dict[str, Any] = field(default_factory=dict)

    @property
    def options(self) -> set[str]:
        return {one.name for one in fields(self.check)}


KINDS = {
    "smtp": Kind(SmtpCheck),
    "tcp": Kind(TcpCheck, ("host", "port")),
}

_TEXTS = ("name", "route", "host", "address", "recipient", "sender", "helo")
_NAMING = ("name", "type", *(option for option, _where in FROM_DOCUMENT.values()))
_NUMBERS = ("port", "timeout", "warn_days")
_FLAGS = ("implicit_tls",)

CHECK_SPEC: dict[str, Any] = {
    "type": {"type": "str", "choices": list(KINDS), "default": "smtp"},
    **{option: {"type": "str"} for option in _TEXTS},
    **{option: {"type": "int"} for option in _NUMBERS},
    **{option: {"type": "bool"} for option in _FLAGS},
    "tls": {"type": "str", "choices": ["strict", "relaxed", "none"]},
    "ca_path": {"type": "path"},
    "expect": {"type": "str", "choices": ["open", "closed"]},
}


def label_of(check: dict[str, Any], position: int) -> str:
    """The name of a check in results and errors."""
    return next((check[option] for option in ("name", "route", "host") if check.get(option)), "number {0}".format(position))


def probe_of(label: str, check: dict[str, Any], known: dict[str, Any]) -> Any:
    """The probe's check from what was given; ``known`` holds what the document says of its object, which what is given outweighs."""
    kind = KINDS[check["type"]]
    given = {option: value for option, value in check.items() if value is not None and option not in _NAMING}
    for option in given:
        if option not in kind.options:
            raise InputError("Check {0!r}: {1} does not go with type {2}; that takes {3}".format(
                label, option, check["type"], ", ".join(sorted(kind.options))))
    settings = {**kind.defaults, **known, **given}
    missing = [option for option in kind.needs if not settings.get(option)]
    if missing:
        source = FROM_DOCUMENT.get(check["type"])
        raise InputError("Check {0!r}: give {1}{2}".format(label, " and ".join(missing), ", or a {0} {1}".format(*source) if source else ""))
    if "port" in given:
        try:
            settings["port"] = port(given["port"])
        except ValueError as error:
            raise InputError("Check {0!r}: port is {1!r}: {2}".format(label, given["port"], error)) from None
    return kind.check(**settings)
