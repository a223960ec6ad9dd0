"""What the types of a module show, and what of them a thousand instances leave: python -m ringfence.proof.inside REQUEST, a
JSON object, in the environment of one tree."""
import contextlib
import copy
import gc
import importlib
import json
import pickle
import sys
import weakref

from ringfence import instances

RUNS = 1000
FLAGS = {"immutable": 8, "base type": 10, "garbage collected": 14}  # bits of tp_flags, whose 8th came with Python 3.10
OWN = {"__module__", "__dict__", "__weakref__"}  # that differ by how a type is made


def outcome(action):
    """What it gives, or the kind of error that it ends with."""
    try:
        return action()
    except Exception as error:  # whatever a type says
        return f"{type(error).__name__}: {str(error)[:200]}"


def settable(cls):
    try:
        cls.ringfence_probe = 1
        del cls.ringfence_probe
    except (TypeError, AttributeError):
        return False
    return True


def derived(cls):
    type("Derived", (cls,), {})
    return "can be derived from"


def signatures(cls):
    return {name: getattr(value, "__text_signature__", None) for name, value in sorted(vars(cls).items()) if callable(value)}


def roundtrip(how, instance):
    """Of copies only that they can be made, as what they show may be an address."""
    how(instance)
    return "works"


def gets_module(cls):
    """Whether a descriptor answers for the type's instances, and no string in its dictionary."""
    return any(not isinstance(vars(base).get("__module__", ""), str) for base in cls.__mro__)


def shown(cls):
    shows = {
        "name": cls.__name__, "qualified name": cls.__qualname__, "module": str(cls.__module__),
        "doc": cls.__doc__, "signature": outcome(lambda: cls.__text_signature__),
        "bases": [base.__name__ for base in cls.__bases__], "order": [base.__name__ for base in cls.__mro__],
        "metaclass": type(cls).__name__, "size": cls.__basicsize__, "item size": cls.__itemsize__,
        "dictionary offset": cls.__dictoffset__ != 0, "weak references": cls.__weakrefoffset__ != 0,
        "attributes": sorted(set(vars(cls)) - OWN), "signatures of methods": signatures(cls),
        "attributes can be set": settable(cls), "derived": outcome(lambda: derived(cls)),
        "called without arguments": type_of_call(cls), "instances get a module": gets_module(cls),
    }
    for name, bit in FLAGS.items():
        if name != "immutable":  # which `attributes can be set` shows, on each Python
            shows[name] = bool(cls.__flags__ >> bit & 1)
    shows["attributes"] = [name for name in shows["attributes"] if not name.startswith("__abstract")]
    made = instances.maker(cls)
    if made:
        with contextlib.suppress(Exception):
            instance = made[1]()
            shows["pickled, protocol 1"] = outcome(lambda: roundtrip(lambda it: pickle.dumps(it, 1), instance))
            shows["pickled, protocol 2"] = outcome(lambda: roundtrip(lambda it: pickle.dumps(it, 2), instance))
            shows["copied"] = outcome(lambda: roundtrip(copy.copy, instance))
            shows["weakly referred to"] = outcome(lambda: roundtrip(weakref.ref, instance))
            shows["hashed"] = outcome(lambda: roundtrip(hash, instance))
            shows["module of instances"] = outcome(lambda: str(instance.__module__))
            shows["doc of instances"] = outcome(lambda: instance.__doc__)
    return shows


def type_of_call(cls):
    return outcome(lambda: (cls(), "works")[1])


def all_types(cls=object):
    """The type and all that are derived from it."""
    return {cls}.union(*map(all_types, type.__subclasses__(cls)))


def types_of(packages, others):
    """Each type that is written in C and is theirs, by the name that it is found by."""
    found = {}
    for name, module in sorted(sys.modules.items()):
        if name.partition(".")[0] not in packages or module is None:
            continue
        for attribute, value in sorted(vars(module).items()):
            for cls in (value, type(value)):
                if isinstance(cls, type) and cls not in others and is_theirs(cls, packages):
                    found[id(cls)] = cls
    return {instances.name_of(cls): cls for cls in found.values()}


def is_theirs(cls, packages):
    if instances.is_imported(cls, packages) or not isinstance(cls.__module__, str):  # a property of a metaclass
        return False
    written_in_python = cls.__flags__ >> 9 & 1 and "__dict__" in vars(cls) and not cls.__flags__ >> 8 & 1
    return not written_in_python or instances.has_own_dealloc(cls)


def references(cls, how, make, count):
    """How many references to the type so many calls leave, beyond what the first ones did."""
    for _ in range(instances.WARM):
        make()
    gc.collect()
    before = sys.getrefcount(cls)
    for _ in range(count):
        make()
    gc.collect()
    return {"type": instances.name_of(cls), "how": how, "per_thousand": round((sys.getrefcount(cls) - before) * 1000 / count)}


def made_by(text, namespace):
    code = compile(text, "--make", "eval")
    return lambda: eval(code, namespace)  # pylint: disable=eval-used


def count_references(types, request, namespace):
    counted, rows = set(), []
    makers = [(text, made_by(text, namespace)) for text in request["make"]]
    for name, cls in sorted(types.items()):
        made = instances.maker(cls)
        for how, make, of in [(*made, cls), *instances.viewers(*made)] if made else []:
            makers.append((how, make, of))
    for how, make, *of in makers:
        cls = of[0] if of else type(make())
        if cls not in counted:
            counted.add(cls)
            rows.append(references(cls, how, make, RUNS))
    left = [cls for cls in types.values() if cls not in counted]
    if left and request["snippet"]:
        code, runs = compile(request["snippet"], "--exercise", "exec"), 20
        rows += [dict(row, how="what is exercised, 20 times") for row in
                 (references_of_runs(left, lambda: exec(code, dict(namespace)), runs))]  # pylint: disable=exec-used
    return rows


def references_of_runs(types, run, runs):
    """Of two rounds the one that leaves less: what is kept once, and not each time, is no leak."""
    rounds = []
    run()
    for _ in range(2):
        gc.collect()
        before = [sys.getrefcount(cls) for cls in types]
        for _ in range(runs):
            run()
        gc.collect()
        rounds.append([sys.getrefcount(cls) - old for cls, old in zip(types, before)])
    return [{"type": instances.name_of(cls), "per_thousand": round(min(left, key=abs) * 1000 / runs)}
            for cls, *left in zip(types, *rounds)]


def main():
    request, others = json.loads(sys.argv[1]), all_types()
    namespace = {"__name__": "__main__"}
    for name in request["modules"]:
        importlib.import_module(name)
        exec(f"import {name}", namespace)  # pylint: disable=exec-used
    packages = {name.partition(".")[0] for name in request["modules"]}
    types = types_of(packages, others)
    result = {"types": {name: shown(cls) for name, cls in sorted(types.items())},
              "references": count_references(types, request, namespace)}
    text = json.dumps(result, default=lambda other: f"<{type(other).__name__}>")
    with open(request["output"], "w", encoding="utf-8") as out:
        out.write(text)


if __name__ == "__main__":
    main()
