"""Both trees' measurements to what differs, and to the outcome.

    proved      nothing is worse on any Python; with a GIL per interpreter, what failed before passes after
    not-proved  nothing is worse, and something was not shown: the reasons say what
    worse       something is worse after
    failed      it could not be carried out
"""
NEW_FAILURES = 20  # that are named
REFERENCES = 500  # per 1,000 instances, from which on they count
GETS_MODULE = "instances get a module"


def renamed(before, after):
    """What was measured before, by the names of after: a heap type's name has the module that a static one's may lack."""
    new = {name.rpartition(".")[2]: name for name in set(after) - set(before)}
    return {name if name in after or not name.startswith("builtins.") else new.get(name.rpartition(".")[2], name): shown
            for name, shown in before.items()}


def is_same(what, old, new):
    """Of what cannot be pickled or copied, the words may differ; and protocol 1 asks the first base that is static for a copy,
    where there is one."""
    if what == "pickled, protocol 1" and str(old.get(what)).endswith("takes no arguments"):
        return True
    return what.startswith(("pickled", "copied")) and "works" not in (old.get(what), new.get(what))


def type_differences(before, after):
    """[{"type", "what", "before", "after"}]."""
    rows, before = [], renamed(before, after)
    for name in sorted(set(before) | set(after)):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            rows.append({"type": name, "what": "exists", "before": old is not None, "after": new is not None})
            continue
        rows += [{"type": name, "what": what, "before": old.get(what), "after": new.get(what)}
                 for what in sorted(set(old) | set(new)) if old.get(what) != new.get(what) and not is_same(what, old, new)]
    return rows


def without(shown, names):
    if isinstance(shown, dict):
        return {name: value for name, value in shown.items() if name not in names}
    return [name for name in shown or [] if name not in names]


def answered(rows):
    """The types whose tp_getattro answers for their instances' module, where a descriptor of their dictionary did."""
    return {row["type"] for row in rows if row["what"] == GETS_MODULE and row["before"] and not row["after"]}


def is_expected(row, version, answers=False):
    """Whether no heap type can be otherwise: its name has a module, which stands in its dictionary, where instances find it,
    too; and before Python 3.10 no flag keeps its attributes from being set, which code may do. `answers`: the type is one
    of answered()."""
    if row["what"] == "module":
        return row["before"] == "builtins" and row["after"] == row["type"].rpartition(".")[0]
    if row["what"] == "module of instances":
        return str(row["before"]).startswith("AttributeError") and str(row["after"]) == row["type"].rpartition(".")[0]
    if row["what"] == "doc":  # an empty one
        return row["before"] is None and row["after"] == ""
    if row["what"] == GETS_MODULE:
        return answers
    if row["what"] in ("attributes", "signatures of methods"):  # a tp_new that is a base's is in a static type's dictionary
        added = ("__getattribute__", "__setattr__", "__delattr__") if answers else ()
        old, new = without(row["before"], ("__new__", *added)), without(row["after"], added)
        return old == (new if version >= (3, 10) else without(new, set(new) - set(old)))
    return row["what"] == "attributes can be set" and row["after"] and version < (3, 10)


def newly_failing(before, after):
    """Names of the tests that passed before; where only counts are known, a sentence."""
    if before["cases"] is not None and after["cases"] is not None:
        return [name for name, word in before["cases"].items() if word == "passed" and after["cases"].get(name) not in ("passed",)]
    if after["failed"] > before["failed"] or after["passed"] < before["passed"]:
        return [f"{before['passed']} passed and {before['failed']} failed before, {after['passed']} and {after['failed']} after"]
    return [] if after["exit"] == 0 or before["exit"] != 0 else [f"exit code {after['exit']}, 0 before"]


def worse_on(row):
    """Sentences: what is worse on one Python."""
    where = f"Python {row['python']}"
    if row["failed"]["after"] and not row["failed"]["before"]:
        yield f"{where}: {row['failed']['after']}"
    for warning in row["new_warnings"]:
        yield f"{where}: new warning: {warning}"
    for name in row["newly_failing"][:NEW_FAILURES]:
        yield f"{where}: fails now: {name}"
    for difference in row["type_differences"]:
        if not difference["expected"]:
            yield f"{where}: {difference['type']}: {difference['what']} was {difference['before']}, is {difference['after']}"
    old = {one["type"]: abs(one["per_thousand"]) for one in row["references"]["before"]}
    for one in row["references"]["after"]:
        if abs(one["per_thousand"]) >= REFERENCES > old.get(one["type"], 0):
            yield f"{where}: {one['how']} leaves {one['per_thousand']} references to {one['type']} per 1,000"
    for one in row["exercise"]:
        if one["before"]["status"] == "passed" and one["after"]["status"] != "passed":
            yield f"{where}: {one['module']} in many interpreters: {one['after']['status']}, passed before"


def not_shown(proof):
    """Sentences: what a proof wants and this one lacks."""
    rows = proof["pythons"]
    for row in rows:
        for which in ("before", "after"):
            if row["failed"][which]:
                yield f"Python {row['python']}, {which}: {row['failed'][which]}"
    own = [one for row in rows for one in row["exercise"] if one["after"]["gil"] == "own"]
    if not own:
        yield "no Python 3.12 or later ran it with a GIL per interpreter"
    elif not all(one["after"]["status"] == "passed" for one in own):
        yield "with a GIL per interpreter it does not pass after"
    elif all(one["before"]["status"] == "passed" for one in own):
        yield "with a GIL per interpreter it passes before, too (forced): what is exercised shows nothing, --exercise CODE may"
    if not proof["commands"]["test"]:
        yield "no tests were run"
    elif not any(row["tests"] and row["tests"]["after"]["passed"] for row in rows):
        yield "no test passes"
    if proof["migration"]["refused"]:
        yield f"{proof['migration']['refused']} objects stay"
    for module in proof["scan"]["after"]:
        if module["verdict"] != "holds" or not module["claims"]:
            yield f"scan: {module['module']} {'claims' if module['claims'] else 'does not claim'} a GIL per interpreter: {module['verdict']}"
    if proof["migration"]["second_run"] != "nothing":
        yield "a second run edits once more"


def judge(proof):
    """Sets `outcome` and `reasons`."""
    worse = [sentence for row in proof["pythons"] for sentence in worse_on(row)]
    lacking = list(not_shown(proof))
    proof["outcome"] = "worse" if worse else "not-proved" if lacking else "proved"
    proof["reasons"] = worse + lacking
