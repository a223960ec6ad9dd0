"""What a worker of a pool runs in its interpreter."""
from ringfence import _calls, _remote, _runtime


def serve(jobs, results, prepare, initializer, arguments, limit, with_pickle):
    """Takes jobs until there are no more, or `limit` were done. What it raises breaks the pool."""
    do_prepare(*prepare)
    if initializer is not None:
        _calls.find(initializer)(*unwrap(arguments))
    done = 0
    for number, function, packed in jobs:
        results.send(outcome(number, function, packed, with_pickle))
        done += 1
        if done == limit:
            return


def do_prepare(imports, private):
    for names in private:
        from ringfence.private import load_private
        load_private(*names)
    for name in imports:
        __import__(name)


def outcome(number, function, packed, with_pickle):
    try:
        args, kwargs = unwrap(packed)
        value = _calls.find(function)(*args, **dict(kwargs))
        if not _runtime.passable(value):
            if with_pickle:
                import pickle
                return (number, "pickle", pickle.dumps(value, -1))
            _runtime.Channel(1).send(value)  # raises what says which part cannot be passed
        return (number, "value", value)
    except BaseException as error:
        error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
        return (number, "error", _remote.describe(error))


def wrap(value, with_pickle):
    """Arguments for a job; a pickle, made here and read where its failure is the job's, only where a pool was asked to."""
    if with_pickle and not _runtime.passable(value):
        import pickle
        return ("pickle", pickle.dumps(value, -1))
    return ("value", value)


def unwrap(packed):
    kind, value = packed
    if kind == "pickle":
        import pickle
        return pickle.loads(value)
    return value


def run_chunk(function, chunk):
    """Several calls as one job; their results, or the first exception."""
    function = _calls.find(function)
    return tuple(function(*args) for args in chunk)
