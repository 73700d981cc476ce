"""Git as it is started on repositories of strangers: what it would run or fetch for them is turned off."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from chartgate.errors import InputError
from chartgate.system.processes import Output, start

_KEPT = (
    *("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"),
    *("GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM"),
)
"""Where the user's own settings are (`safe.directory` among them), and how far a repository is looked for. Any other
variable names another repository, configures, or writes somewhere."""

_SETTINGS = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "core.sshCommand": "false",
    "core.askPass": "",
    "credential.helper": "",
    "diff.external": "",
    "protocol.allow": "never",
    "safe.bareRepository": "explicit",
    "submodule.recurse": "false",
}
"""What a repository's own configuration may name to be run, and bare repositories that lie in another's files: see
https://git-scm.com/docs/git#_security and https://git-scm.com/docs/git-config."""

_VARIABLES = {
    # Objects that a partial clone lacks are not fetched: the first since 2.44 and 2.39.4, the second in any version.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "",
    # What a commit holds is what its name is the hash of, and its parents are its own.
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    # Its messages are read here.
    "LC_ALL": "C",
}


def run_git(folder: Path, *arguments: str, stdin: bytes = b"") -> Output:
    """Run a command of git in a folder, whatever repository the caller's environment points at (as in a commit hook).

    The commands that are used here read objects and names only, and one `.gitignore`; none looks at the index.

    Raises:
        InputError: there is no git.
        ToolError: it takes too long.
    """
    git = shutil.which("git")
    if git is None:
        raise InputError(
            "git is not on PATH: without it, no reference can be read; a review takes chart folders and .tgz as well"
        )
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_") or key in _KEPT}
    settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
    return start([git, "-C", folder, "--no-pager", *settings, *arguments], stdin=stdin, environment=kept | _VARIABLES)


def git_complaint(output: Output) -> str:
    """Give what git complains about, on one line, and what to do where git refuses a repository of somebody else."""
    text = output.errors
    if "detected dubious ownership" in text:
        command = next((line.strip() for line in text.splitlines() if "safe.directory" in line), "")
        return f"git refuses the repository, since it belongs to another user; if you trust it: `{command}`"
    lines = text.splitlines()
    first = next((number for number, line in enumerate(lines) if line.startswith(("fatal:", "error:"))), 0)
    return " ".join(" ".join(lines[first:]).split()) or f"git ended with exit code {output.exit_code}"
