"""The errors that poc2prod reports in one line; any other exception is a bug."""


class CommandError(Exception):
    """The command could not be carried out; the message says why and what to do."""

    exit_code = 1


class UsageError(CommandError):
    """The command line or an answer is wrong; the message names it and what is expected."""

    exit_code = 2
