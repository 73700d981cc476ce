"""Files of scripts: what is run is mounted and may be executed, and what is written lies where one may write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from chartgate.documents.shapes import is_whole, map_of
from chartgate.documents.words import listed, near
from chartgate.kubernetes.pods.mounted_files import MountedFile, path_in_mount
from chartgate.kubernetes.pods.volume_mounts import mount_at, mounts
from chartgate.kubernetes.pods.workloads import Container, variable_values, words_of
from chartgate.kubernetes.programs.carried_scripts import FileUse, Runs, runs_in, text_of_key
from chartgate.kubernetes.programs.starts import shell_call, starts
from chartgate.kubernetes.programs.written_paths import commands_of, refusal, written_paths
from chartgate.model import Check, Rendering, Resources
from chartgate.policy.checks import WHAT_IS_THERE, states
from chartgate.policy.edits import gone, put, reworded
from chartgate.policy.policy import policy

from ..healthy.scripted import HEALTHY, MIGRATE, POD, REPORT, SCRIPTS

_JOB, _WEB = "Job migrate", "Deployment web"
_MIGRATE_MOUNTS = f"{POD}.containers[migrate].volumeMounts"
_BLANK = re.compile(r"\s")
_RUN_BY_A_PATH = ("started", "executed")


@policy(severity="error", remediation="Name the file by its key, or by its `path` in `items`, below the mountPath.")
def files_that_are_named_are_mounted(rendering: Rendering) -> Iterator[Check]:
    """A file that a command or a script names in a mounted ConfigMap or Secret is one of its keys.

    Only where all keys are known, and where the script does not ask first whether the file is there. A program that is
    sought where nothing is mounted, and mounted elsewhere, is one as well. What is no program and stands in the
    container's own arguments is judged by `named_files_are_mounted`.
    https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/#add-configmap-data-to-a-volume
    """
    for resources in rendering.stages:
        for container, runs in resources.indexed(runs_in):
            for use in runs.uses:
                if use.found is not None and (use.is_run or use.line):
                    is_there = use.found.file is not None or (use.found.is_folder and not use.is_run)
                    names = near(PurePosixPath(use.path).name, use.found.names) or list(use.found.names)
                    where = f"{use.found.mount.path} has {listed(sorted(names), 5)}"
                    yield _states(use, is_there, f"{use.path} is mounted: {where}", "is" if is_there else "not there")
                elif (
                    use.found is None and use.is_run and (other := _mounted_elsewhere(container, use, runs, resources))
                ):
                    yield _states(use, False, f"{use.path} is mounted", f"it is mounted as {other}")


files_that_are_named_are_mounted.breaks(
    manifests=HEALTHY,
    the_key_has_another_name=put(_JOB, f"{POD}.containers[migrate].command", ["/scripts/migrates.sh"]),
    the_script_calls_another_file=reworded(SCRIPTS, MIGRATE, "/scripts/tables.sql", "/scripts/table.sql"),
    it_is_mounted_elsewhere=put(_JOB, f"{_MIGRATE_MOUNTS}[scripts].mountPath", "/script"),
    the_items_have_other_paths=put(
        _JOB, f"{POD}.volumes[scripts].configMap.items", [{"key": "migrate.sh", "path": "run.sh"}]
    ),
    the_configuration_has_another_name=reworded(_WEB, f"{POD}.containers[web].command[2]", "web.yaml", "web.yml"),
    a_sourced_file_is_gone=gone(SCRIPTS, "data[lib.sh]"),
)


@policy(
    severity="error",
    remediation="Give the volume `defaultMode: 0555`, or run the file by its shell: `command: [sh, /path/to/file]`.",
)
def files_that_are_run_are_executable(rendering: Rendering) -> Iterator[Check]:
    """What is run by its path is a path, and a key that is has a mode that allows it and names its interpreter.

    Without a mode of its own, a key is mounted as 0644: "permission denied". Without `#!`, the kubelet says "exec
    format error"; a carriage return at the end of that line belongs to the interpreter's name, and to each word of a
    script. https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume/ (defaultMode)
    """
    for resources in rendering.stages:
        for container, runs in resources.indexed(runs_in):
            for start in starts(container):
                word = start.words[0]
                if start.is_whole and not shell_call([word.text]):
                    one, actual = "the path of a program alone, each argument in a word of its own", WHAT_IS_THERE
                    yield states(word.place, not _BLANK.search(word.text.strip()), expected=one, actual=actual)
            for use in runs.uses:
                file = use.found.file if use.found is not None and use.is_run else None
                if file is not None:
                    expected = f"{use.path} can be run as it is mounted"
                    mode, form = _wrong_mode(use, file, container), _wrong_form(use, file)
                    yield _states(use, not mode, expected, mode or "it can")
                    yield states(file.place, not form, expected=expected, actual=form or "it can")


files_that_are_run_are_executable.breaks(
    manifests=HEALTHY,
    the_mode_is_the_usual_one=gone(_JOB, f"{POD}.volumes[scripts].configMap.defaultMode"),
    the_item_has_another_mode=put(
        _WEB,
        f"{POD}.volumes[config].projected.sources[0].configMap.items",
        [{"key": "web.yaml", "path": "web.yaml"}, {"key": "alive.sh", "path": "alive.sh", "mode": 0o444}],
    ),
    nobody_is_named_to_run_it=reworded(SCRIPTS, MIGRATE, "#!/bin/sh\n", ""),
    a_blank_line_comes_first=reworded("ConfigMap web", "data[alive.sh]", "#!/bin/sh", "\n#!/bin/sh"),
    its_arguments_are_in_one_word_with_it=put(_JOB, f"{POD}.containers[report].command", ["bash /scripts/report.sh"]),
    its_lines_end_as_on_windows=reworded(SCRIPTS, REPORT, "pipefail\n", "pipefail\r\n"),
)


@policy(
    severity="error",
    remediation="Write into an emptyDir that is mounted there, or copy what is to be changed into one first.",
)
def scripts_write_where_they_may(rendering: Rendering) -> Iterator[Check]:
    """What a script writes lies in a volume that its container may write to, or in the image's own files.

    Mounts of ConfigMaps, Secrets and projected volumes are read-only, `chmod` in them fails too, and with
    `readOnlyRootFilesystem` all that no volume is mounted over. What an init container writes where a later one has a
    volume, and it has none, is lost.
    https://kubernetes.io/docs/concepts/storage/volumes/#configmap
    """
    for resources in rendering.stages:
        for container, runs in resources.indexed(runs_in):
            for script in (*runs.scripts, *commands_of(container)):
                for written in written_paths(script):
                    why = refusal(container, written)
                    expected = f"{container.name} may write to {written.path}"
                    actual = f"line {written.line}: {why}" if why else "it may"
                    yield states(script.place, not why, expected=expected, actual=actual)


scripts_write_where_they_may.breaks(
    manifests=HEALTHY,
    it_writes_beside_itself=reworded(SCRIPTS, MIGRATE, "/tmp/migrate.log", "/scripts/migrate.log"),  # noqa: S108
    it_makes_itself_executable=reworded(SCRIPTS, REPORT, "printf", "chmod +x /scripts/migrate.sh\nprintf"),
    it_gives_what_it_shows_another_owner=put(
        _JOB, f"{POD}.containers[report].command", ["chown", "-R", "1000", "/scripts"]
    ),
    nothing_is_mounted_there=gone(_JOB, f"{POD}.initContainers[wait].volumeMounts"),
    the_mount_is_read_only=put(_JOB, f"{POD}.initContainers[wait].volumeMounts[scratch].readOnly", True),
    the_next_container_has_a_volume_there=(
        put(_JOB, f"{POD}.initContainers[wait].command[2]", "date > /data/waited"),
        put(_JOB, f"{POD}.containers[migrate].volumeMounts[scratch].mountPath", "/data"),
    ),
)


def _states(use: FileUse, passed: bool, expected: str, actual: str) -> Check:
    line = f"line {use.line}: " if use.line and not passed else ""
    return states(use.place, passed, expected=expected, actual=f"{line}{actual}")


def _mounted_elsewhere(container: Container, use: FileUse, runs: Runs, resources: Resources) -> str:
    """Say where a program is mounted that is sought where nothing is, and that nobody runs where it is."""
    name, folder = PurePosixPath(use.path).name, str(PurePosixPath(use.path).parent)
    if mount_at(container, use.path) is not None:
        return ""
    for mount in mounts(container):
        # A program of the image may well have a name that is mounted, too; a script that a shell is given hardly.
        if not near(folder, [mount.path]) and not (use.how == "interpreted" and PurePosixPath(name).suffix):
            continue
        path = str(PurePosixPath(mount.path) / name)
        found = path_in_mount(container, path, resources)
        if found is not None and found.file is not None and path not in {other.path for other in runs.uses}:
            is_named = any(path in text for text in _texts(container, runs))
            return "" if is_named else path
    return ""


def _texts(container: Container, runs: Runs) -> Iterator[str]:
    yield from (script.text for script in runs.scripts)
    yield from (place.text for place in [*words_of(container), *variable_values(container)])


def _wrong_mode(use: FileUse, file: MountedFile, container: Container) -> str:
    """Say why the mode of a file keeps it from being run; empty where it does not."""
    if use.how not in _RUN_BY_A_PATH:
        return ""
    if not file.mode & 0o111:
        return f"permission denied: its mode is {file.mode:04o}, in which nobody may execute it"
    if not file.mode & 0o011 and _is_not_root(container):
        return f"permission denied: its mode is {file.mode:04o}, in which only root may execute it"
    return ""


def _wrong_form(use: FileUse, file: MountedFile) -> str:
    """Say why the text of a file keeps it from being run; empty where it does not."""
    text = text_of_key(file.place)
    if text is None:
        return ""
    if use.how == "started" and not text.startswith(("#!", "\x7f")):
        return "exec format error: its first line is not `#!` and the path of an interpreter"
    if "\r\n" in text:
        line = text.partition("\r\n")[0].count("\n") + 1
        return f"line {line} ends with a carriage return, which belongs to its last word"
    return ""


def _is_not_root(container: Container) -> bool:
    """Tell whether a container runs as another user than root, who owns the files of ConfigMaps."""
    pod = map_of(container.pod.at("securityContext"))
    own = map_of(container.at("securityContext"))
    user = own.get("runAsUser", pod.get("runAsUser"))
    if is_whole(user):
        return user != 0
    return own.get("runAsNonRoot", pod.get("runAsNonRoot")) is True
