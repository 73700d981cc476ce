"""The form of matrix.yaml, as its schema gives it: nearly every matrix that is read has it, which is told quickly."""

from __future__ import annotations

import datetime
import functools
import json
from importlib import resources
from typing import Any

from chartgate.documents.json_documents.go_patterns import is_found, is_readable
from chartgate.documents.json_documents.plain_schemas import Fit, PlainSchemas


def is_of_the_form(document: Any) -> bool:
    """Tell whether a document is sure to have the form of a matrix; `form_errors` says of others what is wrong."""
    return _fit()(document)


def schema() -> dict[str, Any]:
    """Give the schema."""
    found: dict[str, Any] = json.loads(resources.files(__package__).joinpath("schema.json").read_text("utf-8"))
    return found


@functools.cache
def _fit() -> Fit:
    form = schema()
    return PlainSchemas({"": form, **form["$defs"]}, _FORMATS, is_found).of("")


def _is_date(value: Any) -> bool:
    try:
        return not isinstance(value, str) or bool(datetime.date.fromisoformat(value))
    except ValueError:
        return False


_FORMATS = {"date": _is_date, "regex": is_readable}
"""All that the schema names."""
