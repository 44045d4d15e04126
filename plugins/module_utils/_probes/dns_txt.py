# Copyright: Contributors to the mimecast.connect collection
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt)
# SPDX-License-Identifier: BSD-2-Clause

"""TXT records with one purpose each: the verification token, the DKIM key (RFC 6376 3.6.1) and DMARC (RFC 7489 6.3)."""

from __future__ import annotations

import base64
import binascii
import os
import re
from typing import Dict, List, Optional

from ansible_collections.mimecast.connect.plugins.module_utils._dns.lookup import Answer, Resolver
from ansible_collections.mimecast.connect.plugins.module_utils._probes.dns_findings import Finding, finding, unanswered

VERIFICATION_HOST = "validate-domain.mimecast.com"
DMARC_CHOICES = {"p": ("none", "quarantine", "reject"), "sp": ("none", "quarantine", "reject"), "adkim": ("r", "s"), "aspf": ("r", "s")}


def judge_verification(answer: Answer, domain: str, token: str, resolver: Resolver) -> List[Finding]:
    """The token alone in a TXT record of the domain, or the alias <token>.<domain> of the service's host."""
    if any(text.strip() == token for text in answer.records):
        return [finding("ok", "ok_verification", where="TXT")]
    alias = resolver.ask("{0}.{1}".format(token, domain), "CNAME")
    if alias.status == "found" and VERIFICATION_HOST in alias.records:
        return [finding("ok", "ok_verification", where="CNAME")]
    if answer.status == "nxdomain":
        return [finding("failed", "domain_not_found")]
    longer = next((text for text in answer.records if token in text), None)
    if longer:
        return [finding("failed", "verification_differs", found=longer)]
    return unanswered(answer, domain, "TXT") or [finding("failed", "verification_missing", token=token)]


def judge_dkim(answer: Answer, name: str, wanted: Optional[str]) -> List[Finding]:
    """The key at the selector's name, compared with the service's if that is given."""
    problems = unanswered(answer, name, "TXT")
    if problems:
        return problems
    texts = [text for text in answer.records if looks_like_dkim(text)]
    if not texts:
        return [finding("failed", "dkim_missing", name=name)]
    if len(texts) > 1:
        return [finding("failed", "dkim_multiple", name=name, count=len(texts))]
    try:
        tags = read_key(texts[0])
    except ValueError as problem:
        return [finding("failed", "dkim_invalid", name=name, reason=str(problem))]
    if not tags["p"]:
        return [finding("failed", "dkim_revoked", name=name)]
    difference = _difference(tags, read_key(wanted)) if wanted else ""
    if difference:
        return [finding("failed", "dkim_key_differs", name=name, reason=difference)]
    if "y" in re.split(r"\s*:\s*", tags.get("t", "")):
        return [finding("degraded", "dkim_testing", name=name)]
    return [finding("ok", "ok_dkim", name=name, what="key that the service signs with" if wanted else "valid DKIM key")]


def judge_dmarc(answer: Answer, domain: str, resolver: Resolver) -> List[Finding]:
    """A sane DMARC record of the domain, or, as receivers look there next, of a domain above it."""
    name = "_dmarc." + domain
    texts = [text for text in answer.records if looks_like_dmarc(text)]
    above = domain.partition(".")[2]
    while not texts and answer.status in ("found", "nodata", "nxdomain") and "." in above:
        name = "_dmarc." + above
        answer, above = resolver.ask(name, "TXT"), above.partition(".")[2]
        texts = [text for text in answer.records if looks_like_dmarc(text)]
    problems = unanswered(answer, name, "TXT")
    if problems:
        return problems
    if not texts:
        return [finding("failed", "dmarc_missing", name="_dmarc." + domain)]
    if len(texts) > 1:
        return [finding("failed", "dmarc_multiple", name=name, count=len(texts))]
    try:
        tags = _dmarc_tags(texts[0])
    except ValueError as problem:
        return [finding("failed", "dmarc_invalid", name=name, reason=str(problem))]
    inherited = name != "_dmarc." + domain
    return [finding("ok", "ok_dmarc", name=name, policy=tags.get("sp", tags["p"]) if inherited else tags["p"])]


def looks_like_dkim(text: str) -> bool:
    """Whether a receiver would try this text as a key record; v= may be left out."""
    return bool(re.match(r"\s*v\s*=\s*DKIM1", text) or re.search(r"(^|;)\s*p\s*=", text))


def looks_like_dmarc(text: str) -> bool:
    return bool(re.match(r"\s*v\s*=\s*DMARC1\s*(;|$)", text))


def read_key(text: str) -> Dict[str, str]:
    """The tags of a key record, p without white space; a bare key is one as well, and so are the quoted strings of a zone file.

    ValueError says what is wrong.
    """
    if text.lstrip().startswith('"'):
        text = "".join(re.findall(r'"([^"]*)"', text))
    tags = _tags(text) if re.search(r"(^|;)\s*p\s*=", text) else {"p": text}
    if tags.get("v", "DKIM1") != "DKIM1":
        raise ValueError("v is {0!r} instead of DKIM1".format(tags["v"][:40]))
    if "v" in tags and next(iter(tags)) != "v":
        raise ValueError("v= is not its first tag")
    tags["p"] = re.sub(r"\s", "", tags["p"])
    try:
        base64.b64decode(tags["p"], validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("p= is not base64; a quote, a space or a cut may have got into the key") from None
    return tags


def _difference(found: Dict[str, str], wanted: Dict[str, str]) -> str:
    """How the published key differs from the wanted one; empty if it does not."""
    kinds = [tags.get("k", "rsa").lower() for tags in (found, wanted)]
    if kinds[0] != kinds[1]:
        return "its type is {0} instead of {1}".format(*kinds)
    if found["p"] == wanted["p"]:
        return ""
    if wanted["p"].startswith(found["p"]):
        return "it is cut after {0} of {1} characters".format(len(found["p"]), len(wanted["p"]))
    same = len(os.path.commonprefix([found["p"], wanted["p"]]))
    return "from character {0} on it is {1} instead of {2}".format(same + 1, found["p"][same:same + 12] or "nothing", wanted["p"][same:same + 12] or "nothing")


def _tags(text: str) -> Dict[str, str]:
    tags: Dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        name = name.strip()
        if not part.strip():
            continue
        if not equals or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
            hint = ", and it holds a backslash, which belongs into no TXT record" if "\\" in text else ""
            raise ValueError("{0!r} is no tag{1}".format(part.strip()[:40], hint))
        if name in tags:
            raise ValueError("the tag {0} is there twice".format(name))
        tags[name] = value.strip()
    return tags


def _dmarc_tags(text: str) -> Dict[str, str]:
    tags = _tags(text)
    if "p" not in tags:
        raise ValueError("the policy p= is missing")
    for name, choices in DMARC_CHOICES.items():
        if name in tags and tags[name].lower() not in choices:
            raise ValueError("{0} is {1!r} and not one of {2}".format(name, tags[name][:40], ", ".join(choices)))
    if not re.fullmatch(r"\d{1,2}|100", tags.get("pct", "100")):
        raise ValueError("pct is {0!r} and not 0 to 100".format(tags["pct"][:40]))
    for name in ("rua", "ruf"):
        wrong = [uri.strip() for uri in tags.get(name, "").split(",") if uri.strip() and ":" not in uri]
        if wrong:
            raise ValueError("{0} has {1!r}, which lacks mailto:".format(name, wrong[0][:60]))
    return tags
