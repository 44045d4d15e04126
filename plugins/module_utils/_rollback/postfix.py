# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The part of a Postfix that one step owns. Two steps share a list of maps and the roots, and what the other one still needs stays."""

from __future__ import annotations

from typing import Any, Mapping

from ansible_collections.mimecast.connect.plugins.module_utils._postfix import model

OWN = {
    "outbound": (model.RELAYHOST, model.FALLBACK, model.SASL, model.SASL_MAPS, model.SASL_OPTIONS),
    "journaling": (model.ALWAYS_BCC, model.TRANSPORT),
}
FILES = {"outbound": (model.SMART_HOSTS_TLS, model.PASSWORD), "journaling": (model.JOURNAL_TLS, model.JOURNAL_TRANSPORT)}
TLS_TABLE = {"outbound": model.SMART_HOSTS_TLS, "journaling": model.JOURNAL_TLS}


def back(record: Mapping[str, Any], now: Mapping[str, Any], step: str) -> dict[str, Any]:
    """What postfix_routing takes as ``restore``. record and now: each ``before`` of a result of it."""
    was, is_now = record["parameters"], now["parameters"]
    parameters = {name: was[name] for name in OWN[step] if name in was}
    other = TLS_TABLE["journaling" if step == "outbound" else "outbound"]
    if other in (is_now.get(model.TLS_POLICY) or "") and other not in (was.get(model.TLS_POLICY) or ""):
        parameters[model.TLS_POLICY] = _without(is_now[model.TLS_POLICY], TLS_TABLE[step])
    else:
        parameters.update({name: was.get(name) for name in (model.TLS_POLICY, model.CA_FILE)})
    return {"parameters": parameters, "files": {name: record["files"].get(name) for name in FILES[step]}}


def _without(maps: str, name: str) -> str:
    return ", ".join(word for word in maps.replace(",", " ").split() if not word.endswith("/" + name))
