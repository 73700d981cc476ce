"""The errors of unusable input: pytest shows them as a usage error, the command line ends with exit code 2."""


class InputError(Exception):
    """Something the user gave cannot be used: the message says what, where, and what to do."""


class ToolError(InputError):
    """A tool (helm, kubectl, pip) is missing, cannot be started, fails or takes too long."""
