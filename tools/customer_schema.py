# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes docs/customer.schema.json from the argument specs and the modules' documentation. A test tells when it has to be run.

Run it with ansible-core on the path, from a checkout below ansible_collections/mimecast/connect.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from ansible_collections.mimecast.connect.plugins.doc_fragments.tenant import ModuleDocFragment
from ansible_collections.mimecast.connect.plugins.module_utils._customers.schema import json_schema
from ansible_collections.mimecast.connect.plugins.module_utils._customers.spec import DESCRIPTIONS

TARGET = Path(__file__).resolve().parents[1] / "docs" / "customer.schema.json"


def described(options: dict[str, Any], at: str = "") -> dict[str, str]:
    """place -> the first sentence of its documentation, without markup."""
    found = {}
    for name, option in options.items():
        place = f"{at}.{name}".lstrip(".")
        text = option["description"] if isinstance(option["description"], str) else option["description"][0]
        found[place] = re.sub(r"\b[A-Z]\(([^)]*)\)", r"\1", text)
        found.update(described(option.get("suboptions") or {}, place))
    return found


def text() -> str:
    """The schema as the file holds it."""
    documented = described(json.loads(ModuleDocFragment.DOCUMENTATION)["options"])
    return json.dumps(json_schema({**documented, **DESCRIPTIONS}), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
