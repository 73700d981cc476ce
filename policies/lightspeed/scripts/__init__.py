"""Reading scripts and command lines without running them: shell statements, and calls of `oc`."""
