# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""The job of mail_server_rendering: what a mail server has to do for the service, as a script or as settings, and as a handover."""

from __future__ import annotations

import os
from typing import Any

from ansible_collections.mimecast.connect.plugins.module_utils._api.errors import InputError
from ansible_collections.mimecast.connect.plugins.module_utils._handover import Handover
from ansible_collections.mimecast.connect.plugins.module_utils._jobs.rendered_file import diff_of, existing, replace
from ansible_collections.mimecast.connect.plugins.module_utils._mail_servers.table import PRODUCTS, product_of, read, rendered, warnings_of, wish_of
from ansible_collections.mimecast.connect.plugins.module_utils._mail_servers.wish import SCOPES, TLS_MODES, MailServerError, Wish
from ansible_collections.mimecast.connect.plugins.module_utils._runner import Context, Job

TITLES = {"outbound": "send mail out through Mimecast", "journaling": "send copies of mail to the archive"}
WHY = "This collection does not log in to {0}."
APPLIED = " Where a Windows host can run it, ansible.windows.win_powershell does with the data of this result."
SHOWS = {"outbound": "Message tracking shows mail from it to the outside", "journaling": "the journal service has received a copy from it"}


def work(context: Context) -> dict[str, Any]:
    """Render, and write the file if a folder is named and it differs; in check mode only say that it would."""
    params = context.params
    try:
        return _work(params, context.dry)
    except MailServerError as error:
        raise InputError("Cannot render {0} for {1}: {2}".format(params["name"], params["product"], error)) from None


def _work(params: dict[str, Any], dry: bool) -> dict[str, Any]:
    wish = wish_of(params)
    product = product_of(wish)
    text = rendered(wish)
    path = _path(params["dest"], "{0}-{1}.{2}".format(wish.product, "-".join(wish.parts), product.suffix)) if params["dest"] else ""
    handover = _handover(wish, path or "the text of this result").as_dict()
    result = {
        "changed": False, "text": text, "data": {"win_powershell": {"script": text}} if product.scripted else {}, "steps": handover["steps"],
        "handover": handover, "warnings": warnings_of(wish),
    }
    if path:
        result.update(_write(wish, path, text, dry))
    return result


def _path(dest: str, name: str) -> str:
    if not os.path.isdir(dest):
        parent = os.path.dirname(os.path.abspath(dest))
        wrong = "and this is a file; name a folder, such as {0!r}".format(parent) if os.path.exists(dest) else "which is not there; make it first"
        raise InputError("Cannot write {0} to {1!r}: dest is the folder for this file, {2}".format(name, dest, wrong))
    return os.path.join(dest, name)


def _handover(wish: Wish, where: str) -> Handover:
    product = product_of(wish)
    return Handover(
        "Let {0} {1}".format(product.title, " and ".join(TITLES[part] for part in wish.parts)), "Administrator of {0}".format(product.title),
        product.steps(wish, where), WHY.format(product.title) + (APPLIED if product.scripted else ""),
        ", and ".join(SHOWS[part] for part in wish.parts) + ".")


def _write(wish: Wish, path: str, text: str, dry: bool) -> dict[str, Any]:
    """Bring the file to this text; what is no rendering for the same product is not overwritten."""
    before = existing(path)
    if before.strip():
        try:
            read(wish, before)
        except MailServerError as error:
            raise InputError("Cannot write {0!r}: {1}; move it, or name another folder".format(path, error)) from None
    if before != text and not dry:
        replace(path, text)
    return {"changed": before != text, "file": path, "diff": diff_of(path, before, text)}


_TLS = {"type": "str", "choices": list(TLS_MODES), "default": TLS_MODES[0]}
JOB = Job(
    {
        "product": {"type": "str", "required": True, "choices": list(PRODUCTS)},
        "version": {"type": "str"},
        "name": {"type": "str", "default": Wish.name},
        "outbound": {"type": "dict", "options": {
            "smart_hosts": {"type": "list", "elements": "str", "required": True},
            "port": {"type": "int", "default": 25},
            "tls": _TLS,
            "authentication": {"type": "bool", "default": False},
        }},
        "journaling": {"type": "dict", "options": {
            "address": {"type": "str", "required": True},
            "domain": {"type": "str"},
            "hosts": {"type": "list", "elements": "str", "required": True},
            "port": {"type": "int", "default": 25},
            "tls": _TLS,
            "scope": {"type": "str", "choices": list(SCOPES), "default": SCOPES[0]},
            "undeliverable": {"type": "str"},
        }},
        "dest": {"type": "path"},
    },
    work,
    {"required_one_of": [["outbound", "journaling"]]},
)
