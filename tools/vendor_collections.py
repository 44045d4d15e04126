# Copyright: Contributors to the mimecast.connect collection
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other people's collections, against which the tests of firewall vendors run: a few out of the ansible package, without installing it."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import envs
from paths import BUILD

PACKAGE = "ansible==12.3.0"
FOLDER = BUILD / "vendor-collections"
# Whole collections, and single modules of which only the documentation is read.
PARTS = tuple("ansible_collections/" + name for name in (
    "amazon/aws/", "fortinet/fortios/", "ansible/netcommon/", "ansible/utils/",
    "azure/azcollection/plugins/modules/azure_rm_securitygroup.py", "ansible/windows/plugins/modules/win_powershell.py",
))
IDLE = ("docs", "tests", "changelogs")

Run = Callable[[list[str], Path, Mapping[str, str]], None]


def install(run: Run, venv: Path) -> None:
    """Fetch what is missing; raises what ``run`` raises."""
    stamp = FOLDER / "stamp"
    if stamp.exists() and stamp.read_text(encoding="ascii") == PACKAGE:
        return
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", str(FOLDER), PACKAGE]
    run(pip, FOLDER, envs.environment(venv))
    for wheel in FOLDER.glob("*.whl"):
        with zipfile.ZipFile(wheel) as packed:
            packed.extractall(FOLDER, [name for name in packed.namelist() if name.startswith(PARTS) and name.split("/")[3] not in IDLE])
        wheel.unlink()
    stamp.write_text(PACKAGE, encoding="ascii")


if __name__ == "__main__":
    tools = envs.ensure("tools")
    install(lambda command, folder, env: subprocess.run(command, cwd=folder, env=dict(env), check=True) and None, tools)
    print(FOLDER)
