"""What channels, interpreters and processes raise. Raised by the compiled part, too, which finds them here."""


class ChannelError(Exception):
    """Something a channel cannot do any more."""


class Closed(ChannelError):
    """The channel is closed: nothing can be sent, and all that it held was received."""


class Poisoned(ChannelError):
    """The channel was poisoned: who uses it is to end."""


class WouldBlock(TimeoutError):
    """With timeout=0: it could not be done at once."""


class Interrupted(ChannelError):
    """The interpreter of the thread that waited is ending."""


class Deadlock(ChannelError):
    """All processes of a network wait for each other. The text says who waits for what."""


class InterpreterError(RuntimeError):
    """An interpreter could not be made, or has ended, or cannot end."""


class RemoteError(RuntimeError):
    """An exception of another interpreter whose type cannot be had here.

    type_name: its type as module:qualified name; args: its arguments, or their reprs; remote_traceback: text."""

    type_name = ""
    remote_traceback = ""


class RemoteTraceback(Exception):
    """The last cause of an exception that came from another interpreter: shows its traceback there."""

    def __str__(self):
        return "\n\n" + self.args[0].rstrip()
