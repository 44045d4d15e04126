# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What editors and readers are told of customer files is what the collection checks."""

from __future__ import annotations

import json
from importlib.util import module_from_spec, spec_from_file_location

import pytest
import yaml
from playbooks import ROOT

from ansible_collections.mimecast.connect.plugins.module_utils._customers.customer import judge
from ansible_collections.mimecast.connect.plugins.module_utils._customers.source import COLUMNS, from_yaml
from ansible_collections.mimecast.connect.plugins.module_utils._customers.spec import CUSTOMER_SPEC, DESCRIPTIONS

EXAMPLES = sorted((ROOT / "playbooks" / "examples" / "customers").glob("*.yml"))
HEAD = "service: both\naccount_code: CUK1\ninfrastructure: {type: exchange}\n"
SCHEMA = (ROOT / "docs" / "customer.schema.json").read_text(encoding="utf-8")


def test_each_key_and_column_is_explained() -> None:
    text = (ROOT / "docs" / "customers.md").read_text(encoding="utf-8")
    words = [*(key.split(".")[-1] for key in DESCRIPTIONS), *(column for column in COLUMNS if not column.startswith("done_"))]
    assert [word for word in words if f"`{word}`" not in text] == []


def test_the_customer_file_of_the_documentation_is_right() -> None:
    text = (ROOT / "docs" / "customers.md").read_text(encoding="utf-8")
    blocks = [block.partition("```")[0] for block in text.split("```yaml\n")[1:]]
    assert [list(yaml.safe_load(block))[0] for block in blocks] == ["service", "plugin"]
    assert judge(from_yaml(blocks[0])).problems == []


def test_the_schema_is_that_of_today() -> None:
    spec = spec_from_file_location("customer_schema", ROOT / "tools" / "customer_schema.py")
    tool = module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.text() == SCHEMA, "run tools/customer_schema.py"
    assert set(json.loads(SCHEMA)["properties"]) == set(CUSTOMER_SPEC)


def test_the_schema_takes_the_examples_and_refuses_what_the_check_refuses() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft7Validator(json.loads(SCHEMA))
    for path in EXAMPLES:
        assert [error.message for error in validator.iter_errors(from_yaml(path.read_text(encoding="utf-8")).data)] == []
    for more in ("delivery_routs: []", "domains: example.com", "contacts: [{name: Grace}]", "outbound_addresses: {addresses: {set: [], add: []}}",
                 "done: {tls_policies: x}", "active_directory_connectors: [{name: A, port: ldaps}]"):
        assert list(validator.iter_errors(yaml.safe_load(HEAD + more))), more
    assert list(validator.iter_errors({"service": "both", "infrastructure": {"type": "hybrid"}}))
