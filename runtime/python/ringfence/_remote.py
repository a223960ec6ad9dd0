"""Exceptions on their way between interpreters: as values, never as pickles."""
import builtins
import types

from ringfence import _names, _runtime
from ringfence._errors import RemoteError, RemoteTraceback

DEPTH = 20  # of causes and groups
GROUP = getattr(builtins, "BaseExceptionGroup", ())


def describe(error, depth=0):
    """A value that `rebuild` makes the exception of again: type, what its constructor gets (None where that cannot be passed),
    arguments (or their reprs), attributes, text, notes, cause, traceback's text, an earlier one's, exceptions of a group."""
    kind = type(error)
    group = error.exceptions if depth < DEPTH and isinstance(error, GROUP) else ()
    try:
        made_with, attributes = ((error.message,), {}) if group else ingredients(error)
        arguments = made_with if group else error.args
        passable = _runtime.passable((made_with, arguments))
        shown = arguments if passable else tuple(map(repr, arguments))
        text = str(error)
    except MemoryError:
        raise
    except Exception as problem:  # a __str__ or __repr__ of theirs
        made_with, attributes, passable, shown, text = (), {}, False, (), f"({type(problem).__name__} while it was shown)"
    notes = tuple(map(str, getattr(error, "__notes__", ()) or ()))
    cause = error.__cause__
    lines = ()
    if depth == 0:
        import traceback  # late: interpreters start faster without it
        lines = traceback.format_exception(kind, error, error.__traceback__)
    return (f"{kind.__module__}:{kind.__qualname__}", made_with if passable else None, shown,
            tuple(item for item in attributes.items() if _runtime.passable(item)), text, notes,
            describe(cause, depth + 1) if cause is not None and depth < DEPTH else None, "".join(lines),
            getattr(error, "remote_traceback", None), tuple(describe(each, depth + 1) for each in group))


def ingredients(error):
    """What its constructor and its attributes get, as pickle would ask for them, and members of its types, such as __slots__
    makes: arguments alone do not make every exception."""
    try:
        kind, arguments, *state = error.__reduce__()
        if kind is type(error) and isinstance(arguments, tuple):
            members = {name: getattr(error, name) for base in kind.__mro__ for name, member in vars(base).items()
                       if isinstance(member, types.MemberDescriptorType) and not name.startswith("__") and hasattr(error, name)}
            return arguments, {**members, **(state[0] if state and isinstance(state[0], dict) else {})}
    except MemoryError:
        raise
    except Exception:
        pass
    return error.args, {}


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
    name, made_with, arguments, attributes, text, notes, cause, shown, earlier, group = described
    if group:
        made_with = arguments = (*arguments, [rebuild(each) for each in group])
    error = made_again(name, made_with, arguments, attributes) if made_with is not None else None
    if error is None:
        error = RemoteError(f"{name.replace(':', '.').replace('builtins.', '')}: {text}")
        error.type_name = name
        error.remote_args = arguments
    if notes:
        error.__notes__ = list(notes)
    error.remote_traceback = (earlier + "\n" if earlier else "") + shown
    if cause is not None:
        error.__cause__ = rebuild(cause)
    if shown:
        last = error
        while last.__cause__ is not None:
            last = last.__cause__
        last.__cause__ = RemoteTraceback(shown)  # where Python prints it
    return error


def made_again(name, made_with, arguments, attributes):
    """None where its type is not here."""
    kind = find_type(name)
    if kind is None:
        return None
    try:
        error = made_as_there(kind, made_with, arguments)
        for attribute, value in attributes:
            if getattr(error, attribute, None) != value:
                setattr(error, attribute, value)
        return error
    except MemoryError:
        raise
    except Exception:
        return None


def made_as_there(kind, made_with, arguments):
    """Without its own constructor where that wants, or makes, something else."""
    try:
        error = kind(*made_with)
        if error.args == arguments:
            return error
    except MemoryError:
        raise
    except Exception:
        pass
    error = kind.__new__(kind, *arguments)
    error.args = arguments
    return error
