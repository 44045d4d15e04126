# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""A planned change of a Postfix, carried out and proved, or taken back."""

from __future__ import annotations

import json
import os
from typing import Any, Optional

from ansible_collections.mimecast.connect.plugins.module_utils._postfix import plan
from ansible_collections.mimecast.connect.plugins.module_utils._postfix.model import MODES, Found, PostfixError, Target
from ansible_collections.mimecast.connect.plugins.module_utils._postfix.read import UNFINISHED, read
from ansible_collections.mimecast.connect.plugins.module_utils._postfix.run import Programs, brief, write_file


def carry_out(found: Found, target: Target, before: dict[str, Any], programs: Programs) -> list[str]:
    """Write what differs, check it, reload, and read it all back. Returns warnings; raises PostfixError, and then it is as it was."""
    _write(found, UNFINISHED, json.dumps(before, indent=1) + "\n", 0o600)
    try:
        _bring_about(found, target, programs)
        _check(programs)
        told = _reload(programs)
        _prove(found, target, programs)
    except PostfixError as error:
        _take_back(found, programs, error)
        raise PostfixError("Nothing was changed, since Postfix is as it was again: {0}".format(error)) from None
    _write(found, UNFINISHED, None, 0)
    return told


def _bring_about(found: Found, target: Target, programs: Programs) -> None:
    """Tables before the parameters that name them, and away after those."""
    parameters, files = plan.differences(found, target)
    for name, text in files.items():
        if text is not None:
            _write(found, name, text, MODES[name])
    _set(parameters, programs)
    for name, text in files.items():
        if text is None:
            _write(found, name, None, 0)


def _set(parameters: dict[str, Optional[str]], programs: Programs) -> None:
    given = ["{0}={1}".format(name, value) for name, value in parameters.items() if value is not None]
    gone = [name for name, value in parameters.items() if value is None]
    if given:
        programs.output("postconf", "-e", *given)
    if gone:
        programs.output("postconf", "-X", *gone)


def _check(programs: Programs) -> None:
    status, _printed, errors = programs.call("postfix", "check")
    if status:
        raise PostfixError("postfix check failed: {0}".format(brief(errors)))


def _reload(programs: Programs) -> list[str]:
    if programs.call("postfix", "status")[0]:
        return ["Postfix does not run on this machine now; it goes by the new configuration once it is started"]
    status, _printed, errors = programs.call("postfix", "reload")
    if status:
        raise PostfixError("postfix reload failed: {0}".format(brief(errors)))
    return []


def _prove(found: Found, target: Target, programs: Programs) -> None:
    """Everything that was written is read back."""
    parameters, files = plan.differences(read(found.folder, programs), target)
    if parameters or files:
        raise PostfixError("{0} read back otherwise than written".format(", ".join([*parameters, *files])))


def _take_back(found: Found, programs: Programs, reason: PostfixError) -> None:
    """Bring everything back to what was found, including the password, which is known within this run."""
    try:
        as_it_was = Target(found.parameters(), found.files)
        _bring_about(read(found.folder, programs), as_it_was, programs)
        _reload(programs)
        _prove(found, as_it_was, programs)
        if found.unfinished is None:
            _write(found, UNFINISHED, None, 0)
    except PostfixError as error:
        raise PostfixError("{0}. Taking it back failed as well: {1}. The same task again finishes it, or takes it back".format(reason, error)) from None


def _write(found: Found, name: str, text: Optional[str], mode: int) -> None:
    write_file(os.path.join(found.folder, name), text, mode)
