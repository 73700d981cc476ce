"""What can be wrong with the input; `plugin` turns these into pytest's usage error, `cli` into exit code 2."""


class InputError(Exception):
    """Something the user gave cannot be used: the message says what, where, and what to do."""


class ToolError(InputError):
    """A tool (helm, kubectl, pip) is missing, cannot be started, fails or takes too long."""
