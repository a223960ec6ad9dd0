"""Exceptions on their way between interpreters: as values, never as pickles."""
from ringfence import _names, _runtime
from ringfence._errors import RemoteError, RemoteTraceback

DEPTH = 20  # of causes


def describe(error, depth=0):
    """A value that `rebuild` makes the exception of again: type, arguments (or None and their reprs), text, notes, cause,
    traceback's text."""
    kind = type(error)
    try:
        arguments = error.args if _runtime.passable(error.args) else None
        reprs = () if arguments is not None else tuple(map(repr, error.args))
        text = str(error)
    except MemoryError:
        raise
    except Exception as problem:  # a __str__ or __repr__ of theirs
        arguments, reprs, text = None, (), f"({type(problem).__name__} while it was shown)"
    notes = tuple(map(str, getattr(error, "__notes__", ()) or ()))
    cause = error.__cause__
    lines = ()
    if depth == 0:
        import traceback  # late: interpreters start faster without it
        lines = traceback.format_exception(kind, error, error.__traceback__)
    return (f"{kind.__module__}:{kind.__qualname__}", arguments, reprs, text, notes,
            describe(cause, depth + 1) if cause is not None and depth < DEPTH else None, "".join(lines),
            getattr(error, "remote_traceback", None))


def find_type(name):
    """The exception's type here, None where it cannot be imported or is none."""
    try:
        found = _names.resolve(name)
    except MemoryError:
        raise
    except Exception:  # the import of a module is somebody else's code
        return None
    return found if isinstance(found, type) and issubclass(found, BaseException) else None


def rebuild(described):
    name, arguments, reprs, text, notes, cause, shown, earlier = described
    kind = find_type(name) if arguments is not None else None
    error = None
    if kind is not None:
        try:
            error = kind(*arguments)
            if error.args != arguments:
                error = None
        except MemoryError:
            raise
        except Exception:
            error = None
    if error is None:
        error = RemoteError(f"{name.replace(':', '.').replace('builtins.', '')}: {text}")
        error.type_name = name
        error.remote_args = arguments if arguments is not None else reprs
    if notes:
        error.__notes__ = list(notes)
    error.remote_traceback = (earlier + "\n" if earlier else "") + shown
    if cause is not None:
        error.__cause__ = rebuild(cause)
    elif shown:
        error.__cause__ = RemoteTraceback(shown)
    return error
