"""The program that renders with helm's own library, for `chartgate.rendering.in_process`: requests in, answers out.

It is a process of its own, since what can end or hang helm's library (a template that calls itself, say) would end or
hang whoever loads it, and what helm has to say beside the manifests goes to standard error. It is not a process for
each rendering, which is what costs. Nothing but the standard library and `helm_python` is imported here.

A request and its answer are lines of JSON. What the library does not do as `helm template` does, it leaves to helm:
then the answer is `{}`, or the words in which the library refuses.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import tempfile
import threading
from typing import Any

import helm_python
from helm_python import _native


def main() -> None:
    """Answer until nobody asks any longer."""
    # What the library writes to standard error is read again; standard output is for answers alone.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        questions: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=_listen, args=(questions,), daemon=True).start()
        while True:
            line = questions.get()
            said.truncate(0)
            try:
                answer = rendered(json.loads(line))
            except helm_python.HelmError as error:
                answer = {"refused": str(error)}
            if os.fstat(said.fileno()).st_size:
                answer = {}
            print(json.dumps(answer), file=answers, flush=True)


def _listen(questions: queue.SimpleQueue[str]) -> None:
    """Take questions in, and end with whoever asks, even while the library is at one that never ends."""
    for line in sys.stdin:
        questions.put(line)
    os._exit(0)


def rendered(request: dict[str, Any]) -> dict[str, Any]:
    """Give what the templates print, by their names, and the files of crds/ in their order.

    Raises:
        HelmError: helm refuses it, or the library does.
    """
    helm_python.validate_release_name(request["release"])
    options = {"name": request["release"], "namespace": request["namespace"]}
    options |= {key: request[key] for key in ("kube_version", "api_versions") if request[key]}
    # Rendering changes what is loaded.
    with helm_python.Chart.load(request["chart"]) as chart:
        metadata = chart.metadata
        wanted = {entry["name"] for entry in metadata.get("dependencies") or ()}
        there = {entry["name"] for entry in chart.dependencies}
        if metadata.get("type") not in (None, "", "application") or metadata.get("deprecated") or wanted - there:
            return {}
        values = _native.call_string("helm_values_from_yaml", request["values"])
        printed = json.loads(_native.call_string("helm_render", chart._raw(), values, json.dumps(options)))
        crds = [[crd["filename"], crd["data"]] for crd in chart.crds]
    # Notes, which may be of any length, are no manifests.
    return {"printed": {name: text for name, text in printed.items() if not name.endswith("NOTES.txt")}, "crds": crds}


if __name__ == "__main__":
    main()
