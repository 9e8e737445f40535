"""The one exception that means: the user can fix this."""


class UserError(Exception):
    """A mistake in a flag, a configuration, a file or an environment.

    The message is one clear line that names the flag, field or file and says what was expected. Entry points print it
    as `jaxlm: error: ...` and exit with status 2; any other exception is a bug and keeps its traceback.
    """
