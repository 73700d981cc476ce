"""An empty API key says that the LLM asks for none, and must not stop llama-stack from starting."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.addresses import ABSENT
from chartgate.kubernetes.pods.workloads import Container, container
from chartgate.model import Check, Rendering
from chartgate.policy.checks import states
from chartgate.policy.policy import policy

from .scripts.shell import NotUnderstood, environment_of
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
    llama_stack = container(rendering.after_hooks.one("Deployment", "backstage-backend"), "llama-stack")
    folder = llama_stack.at("workingDir")
    yield states(
        llama_stack.resource,
        f"{llama_stack.address}.workingDir",
        folder in (ABSENT, WORKING_FOLDER),
        expected=f"{WORKING_FOLDER}, where {ENTRYPOINT} lies",
        actual=folder,
    )
    for given in (None, "", "sk-x"):
        try:
            seen = _key_at_the_entrypoint(llama_stack, given)
        except NotUnderstood as error:
            passed, actual = False, f"a command that cannot be played: {error}"
        else:
            passed, actual = seen == given if given else bool(seen), f"it sees {_words(seen)}"
        yield states(
            llama_stack.resource,
            f"{llama_stack.address}.command",
            passed,
            expected=f"where {KEY} is {_words(given)}, {ENTRYPOINT} sees {_words(given) if given else 'some key'}",
            actual=actual,
        )


@empty_api_key_never_reaches_llama_stack.counterexample("all_on")
def the_image_starts_by_itself(rendering: Rendering) -> Rendering:
    del _llama_stack(rendering).manifest["command"]
    return rendering


@empty_api_key_never_reaches_llama_stack.counterexample("all_on")
def an_empty_key_counts_as_set(rendering: Rendering) -> Rendering:
    return _with_script(rendering, 'export VLLM_API_KEY="${VLLM_API_KEY-fake}"; exec ./entrypoint.sh')


@empty_api_key_never_reaches_llama_stack.counterexample("all_on")
def a_key_that_was_not_set_is_not_exported(rendering: Rendering) -> Rendering:
    return _with_script(rendering, 'VLLM_API_KEY="${VLLM_API_KEY:-fake}"; exec ./entrypoint.sh')


@empty_api_key_never_reaches_llama_stack.counterexample("all_on")
def the_guard_comes_too_late(rendering: Rendering) -> Rendering:
    return _with_script(rendering, './entrypoint.sh; export VLLM_API_KEY="${VLLM_API_KEY:-fake}"')


@empty_api_key_never_reaches_llama_stack.counterexample("all_on")
def a_real_key_is_replaced_too(rendering: Rendering) -> Rendering:
    return _with_script(rendering, "export VLLM_API_KEY=fake; exec ./entrypoint.sh")


@empty_api_key_never_reaches_llama_stack.counterexample("all_on")
def single_quotes_keep_the_expression(rendering: Rendering) -> Rendering:
    return _with_script(rendering, "export VLLM_API_KEY='${VLLM_API_KEY:-fake}'; exec ./entrypoint.sh")


@empty_api_key_never_reaches_llama_stack.counterexample("all_on")
def another_variable_is_guarded(rendering: Rendering) -> Rendering:
    return _with_script(rendering, 'export VLLM_API_TOKEN="${VLLM_API_KEY:-fake}"; exec ./entrypoint.sh')


@empty_api_key_never_reaches_llama_stack.counterexample("all_on")
def only_helm_looks_at_the_key(rendering: Rendering) -> Rendering:
    return _with_script(rendering, "[ -n '<path:np-hub-secret-4#vllmApiKey>' ] && exec ./entrypoint.sh")


@empty_api_key_never_reaches_llama_stack.counterexample("all_on")
def the_entrypoint_is_not_there(rendering: Rendering) -> Rendering:
    _llama_stack(rendering).manifest["workingDir"] = "/tmp"  # noqa: S108 - a wrong folder of a container
    return rendering


def _llama_stack(rendering: Rendering) -> Container:
    return container(rendering.after_hooks.one("Deployment", "backstage-backend"), "llama-stack")


def _with_script(rendering: Rendering, script: str) -> Rendering:
    _llama_stack(rendering).manifest["command"] = ["/bin/bash", "-c", script]
    return rendering


def _key_at_the_entrypoint(llama_stack: Container, given: str | None) -> str | None:
    """Play the container's command.

    Raises:
        NotUnderstood: it is no script of a shell, does not start the entrypoint, or does more than can be played.
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
