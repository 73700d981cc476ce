"""An empty API key says that the LLM asks for none, and must not stop llama-stack from starting."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.addresses import ABSENT
from chartgate.kubernetes.pods.workloads import Container
from chartgate.model import Check, Rendering
from chartgate.policy.checks import states
from chartgate.policy.edits import Edit, gone, put
from chartgate.policy.policy import policy

from .scripts.shell import NotUnderstood, environment_of
from .spec.backstage import HUB, LLAMA_STACK, hub_container
from .spec.switches import sidecars_on

KEY = "VLLM_API_KEY"
ENTRYPOINT = "./entrypoint.sh"
WORKING_FOLDER = "/app-root"  # of the image; the entrypoint lies there


@policy(
    where=sidecars_on,
    severity="error",
    remediation='Start the container by `export VLLM_API_KEY="${VLLM_API_KEY:-fake}"; exec ./entrypoint.sh`.',
    spec="values.yaml Structure",
)
def empty_api_key_never_reaches_llama_stack(rendering: Rendering) -> Iterator[Check]:
    """An API key that is empty or not set is replaced in front of llama-stack's entrypoint; any other stays as it is.

    llama-stack 0.1.0 raises on an empty `VLLM_API_KEY`. Helm cannot tell whether it is empty: a placeholder is
    replaced after helm. So the container's command is played for each case, up to the image's entrypoint.
    """
    llama_stack = hub_container(rendering, "llama-stack")
    folder = llama_stack / "workingDir"
    expected = f"{WORKING_FOLDER}, where {ENTRYPOINT} lies"
    yield states(folder, folder.value in (ABSENT, WORKING_FOLDER), expected=expected)
    for given in (None, "", "sk-x"):
        try:
            seen = _key_at_the_entrypoint(llama_stack, given)
        except NotUnderstood as error:
            passed, actual = False, f"a command that cannot be played: {error}"
        else:
            passed, actual = seen == given if given else bool(seen), f"it sees {_words(seen)}"
        yield states(
            llama_stack / "command",
            passed,
            expected=f"where {KEY} is {_words(given)}, {ENTRYPOINT} sees {_words(given) if given else 'some key'}",
            actual=actual,
        )


def _started_by(script: str) -> Edit:
    return put(HUB, f"{LLAMA_STACK}.command", ["/bin/bash", "-c", script])


empty_api_key_never_reaches_llama_stack.breaks(
    "all_on",
    the_image_starts_by_itself=gone(HUB, f"{LLAMA_STACK}.command"),
    an_empty_key_counts_as_set=_started_by('export VLLM_API_KEY="${VLLM_API_KEY-fake}"; exec ./entrypoint.sh'),
    a_key_that_was_not_set_is_not_exported=_started_by('VLLM_API_KEY="${VLLM_API_KEY:-fake}"; exec ./entrypoint.sh'),
    the_guard_comes_too_late=_started_by('./entrypoint.sh; export VLLM_API_KEY="${VLLM_API_KEY:-fake}"'),
    a_real_key_is_replaced_too=_started_by("export VLLM_API_KEY=fake; exec ./entrypoint.sh"),
    single_quotes_keep_the_expression=_started_by("export VLLM_API_KEY='${VLLM_API_KEY:-fake}'; exec ./entrypoint.sh"),
    another_variable_is_guarded=_started_by('export VLLM_API_TOKEN="${VLLM_API_KEY:-fake}"; exec ./entrypoint.sh'),
    only_helm_looks_at_the_key=_started_by("[ -n '<path:np-hub-secret-4#vllmApiKey>' ] && exec ./entrypoint.sh"),
    the_entrypoint_is_not_there=put(HUB, f"{LLAMA_STACK}.workingDir", "/tmp"),  # noqa: S108 - in a container
)


def _key_at_the_entrypoint(llama_stack: Container, given: str | None) -> str | None:
    """Play the container's command.

    Raises:
        NotUnderstood: it is not a script of a shell, does not start the entrypoint, or does more than can be played.
    """
    environment = {} if given is None else {KEY: given}
    match [*(llama_stack.at("command") or []), *(llama_stack.at("args") or [])]:
        case [] | ["./entrypoint.sh"]:
            return given
        case [shell, option, script, *_] if re.fullmatch(r"(/\S*/)?(ba)?sh -e?c", f"{shell} {option}"):
            started = environment_of(ENTRYPOINT, str(script), environment)
            if started is None:
                raise NotUnderstood(f"it does not start {ENTRYPOINT}")
            return started.get(KEY)
        case other:
            raise NotUnderstood(" ".join(map(str, other)))


def _words(key: str | None) -> str:
    return {None: "not set", "": "empty"}.get(key, str(key))
