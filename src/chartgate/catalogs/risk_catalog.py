"""All classes of risk as a Markdown document, from their own metadata."""

from __future__ import annotations

from collections.abc import Iterable

from chartgate.review.review import LEVELS
from chartgate.review.risks.risk_class import RiskClass
from chartgate.review.waived_risks import NEVER_SETTLED


def risk_table(classes: Iterable[RiskClass]) -> str:
    """Give a table for each level, the most dangerous first, with a row for each class."""
    every = list(classes)
    lines = [
        "# Classes of risk",
        "",
        "Made from the classes themselves by `chartgate risks`. A class that demands `none`",
    ]
    lines += ["of the version is about the version itself."]
    for level in reversed(LEVELS):
        lines += ["", f"## {level}", "", "| Class | Version | What it is | Source |", "| --- | --- | --- | --- |"]
        lines += [
            f"| `{found.name}` | {found.bump} | {found.title} | <{found.source}> |"
            for found in every
            if found.level == level
        ]
    return "\n".join([*lines, *_VERSION_RULES]) + "\n"


_VERSION_RULES = """
## What a version promises

SemVer is about what others can hold on to. A class demands the part in its table; some changes say it more exactly:

| What changes | Version | Why |
| --- | --- | --- |
| a Service, an Ingress or a Route is gone or renamed | major | clients, people and runbooks call it by its name |
| a Secret, a ConfigMap, an account or a definition is gone or renamed | major | other objects refer to it by its name |
| another object is gone or renamed | minor | nobody outside of the chart refers to it |
| a port of a Service is gone, or has another name | major | clients and monitors connect to it |
| a port of a container is gone | minor | it is found through a Service |
| a pod or an Ingress asks for another Secret, ConfigMap, key, claim or account that the chart does not make | major | \
somebody else has to make it |
| a host or a path of an Ingress or a Route is gone | major | it is in somebody's bookmarks |
| a key of a Secret or of a ConfigMap is gone | major | a pod that reads it does not start |
| a name that carries a version or a hash | patch | the object is replaced with each version: nobody holds on to it |
| the tag of an image | as far as the tags are apart | what the image does is what the chart does |
| another major version of a database's image | major, danger | it may not read the files of the old one |

A version that is raised by all that the changes demand settles breaks of compatibility: they are told, and no longer
fail `--fail-on`. No version settles `NEVER`: a waiver does.
""".replace("NEVER", "`, `".join(sorted(NEVER_SETTLED))).splitlines()
