# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for the tasks of every role."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
GROUP = "group/mimecast.connect.mimecast"
WITH_CREDENTIAL = set(yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["action_groups"]["mimecast"])


def _tasks(listed: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for task in listed:
        yield task
        for part in ("block", "rescue", "always"):
            yield from _tasks(task.get(part, []))


FILES = sorted((ROOT / "roles").glob("*/tasks/*.yml"))
TASKS = [(path, task) for path in FILES for task in _tasks(yaml.safe_load(path.read_text(encoding="utf-8")) or [])]


def _modules(task: dict[str, Any]) -> set[str]:
    return {key.rpartition(".")[2] for key in task if key.startswith("mimecast.connect.")}


def test_there_is_something_to_look_at() -> None:
    assert len({path.parent for path in FILES}) > 9 and any(_modules(task) & WITH_CREDENTIAL and "delegate_to" in task for _path, task in TASKS)


@pytest.mark.parametrize(("path", "task"), TASKS, ids=[f"{path.parts[-3]}/{path.stem}: {task.get('name', '?')}" for path, task in TASKS])
def test_no_other_host_gets_the_credential_of_the_tenant(path: Path, task: dict[str, Any]) -> None:
    """Plays give it to all modules of the group; a module that runs elsewhere would take it along."""
    if _modules(task) & WITH_CREDENTIAL and task.get("delegate_to", "localhost") != "localhost":
        assert task.get("module_defaults", {}).get(GROUP) == {}, path
