"""Where this installation of chartgate came from: what another machine can install the same from."""

from __future__ import annotations

import json
from importlib import metadata


def installed_from() -> str:
    """Give what pip can install the same chartgate from, on any machine; empty where this one cannot tell.

    Only an address that another machine reaches counts: a git repository at its commit, or the address of a wheel.
    The name alone would install whatever a package index has under it.
    Source: https://packaging.python.org/en/latest/specifications/direct-url/
    """
    try:
        text = metadata.distribution("chartgate").read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        return ""
    return address_of(json.loads(text)) if text else ""


def address_of(direct: dict[str, object]) -> str:
    """Give the requirement for what direct_url.json says; empty for a folder or a file of this machine."""
    url, vcs, archive = direct.get("url"), direct.get("vcs_info"), direct.get("archive_info")
    if not isinstance(url, str) or not url.startswith(("https://", "ssh://")):
        return ""
    if isinstance(vcs, dict):
        return f"chartgate @ {vcs.get('vcs')}+{url}@{vcs.get('commit_id')}"
    return f"chartgate @ {url}" if isinstance(archive, dict) else ""
