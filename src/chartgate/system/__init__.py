"""All that is impure: processes, the toolchain, git, files, and what the processes of a run share."""
