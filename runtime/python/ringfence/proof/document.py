"""A proof as JSON (rules/proof.schema.json), as Markdown for a pull request, and as a page."""
import html
import json

SCHEMA = "ringfence-proof/1"
SHOWN = 15  # of a list


def as_json(proof):
    return json.dumps(proof, indent=1, ensure_ascii=False) + "\n"


def cell(text):
    return str(text).replace("|", "\\|").replace("\n", " ")


def code(text):
    return "`" + cell(text).replace("`", "") + "`"


def table(head, rows):
    """Rows of cells as Markdown, "" where there are none."""
    if not rows:
        return []
    return ["", f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(map(cell, row))} |" for row in rows)]


def tally(tests):
    if not tests:
        return "-"
    failed = f", {tests['failed']} failed" if tests["failed"] else ""
    return f"{tests['passed']} passed{failed}" + (f", {tests['skipped']} skipped" if tests["skipped"] else "")


def statuses(row, which):
    words = sorted({one[which]["status"] for one in row["exercise"]})
    return ", ".join(words) or "-"


def leaks(rows):
    worst = max((abs(one["per_thousand"]) for one in rows), default=None)
    return "-" if worst is None else f"{worst} ({len(rows)} types)"


def scan_words(modules):
    def said(module):
        if module["claims"]:
            return f"{module['module']} claims support: {module['verdict']}"
        return f"{module['module']} does not claim support" + (", and is right" if module["verdict"] == "holds" else "")
    return "; ".join(map(said, modules)) or "-"


def python_rows(proof):
    for row in proof["pythons"]:
        time = row["time"]
        yield [row["python"] + (f" ({row['failed']['before'] or row['failed']['after']})" if any(row["failed"].values()) else ""),
               len(row["new_warnings"]),
               *(tally(row["tests"] and row["tests"][which]) for which in ("before", "after")), len(row["newly_failing"]),
               *(statuses(row, which) for which in ("before", "after")),
               *(leaks(row["references"][which]) for which in ("before", "after")),
               sum(not one["expected"] for one in row["type_differences"]),
               f"{time['ratio']} ({time['low']} to {time['high']})" if time else "-"]


HEAD = ["Python", "new warnings", "tests before", "tests after", "newly failing", "four own GILs, before", "after",
        "references left per 1,000, before", "after", "types differ in", "time after / before"]
WORDS = {"proved": "Proved", "not-proved": "Nothing is worse, and not all is shown", "worse": "Worse than before",
         "failed": "Could not be carried out"}


def as_markdown(proof):
    migration = proof["migration"]
    size = migration["diff"]
    lines = [f"# Migration of {code(proof['project'])}: {WORDS[proof['outcome']].lower()}", "",
             f"`ringfence migrate --to {proof['to']} --prove`, ringfence {proof['ringfence']}. {migration['moved']} of "
             f"{migration['moved'] + migration['refused']} objects moved, +{size['added']} -{size['removed']} lines; a second run edits "
             f"{migration['second_run']}.", "",
             f"Scan, under a GIL per interpreter. Before: {cell(scan_words(proof['scan']['before']))}. "
             f"After: {cell(scan_words(proof['scan']['after']))}."]
    if proof["reasons"]:
        lines += ["", *(f"- {cell(reason)}" for reason in proof["reasons"])]
    lines += table(HEAD, list(python_rows(proof)))
    lines += ["", f"Build: {code(proof['commands']['build'])}. Tests: {code(proof['commands']['test'] or 'none')}. "
              "Exercised: four interpreters, one after another and at once, three times over; before 3.12 they share a GIL. "
              + ("After, nothing was overridden." if proof["claims"]["made"] else "After, Python's check of claims was overridden, as before.")]
    for stage in migration["stages"]:
        if stage["moved"] or stage["refused"]:
            lines += ["", f"## {stage['stage']}", ""]
            lines += [f"- {code(one['object'])} becomes {code(one['becomes'])}" + (f" ({cell(one['note'])})" if one["note"] else "")
                      for one in stage["moved"]]
            lines += [f"- stays: {code(one['object'])}: {cell(one['reason'])}" for one in stage["refused"]]
    for row in proof["pythons"]:
        lines += details(row)
    return "\n".join(lines) + "\n"


def details(row):
    lines = [""] + table(["type", "what", "before", "after"],
                         [[one["type"], one["what"] + (" (known of this Python)" if one["expected"] else ""), one["before"], one["after"]]
                          for one in row["type_differences"]][:SHOWN])
    lines += table(["module", "before", "after"],
                   [[one["module"], *("; ".join([one[which]["status"], *one[which]["findings"][:2]]) for which in ("before", "after"))]
                    for one in row["exercise"]])
    before = {one["type"]: one["per_thousand"] for one in row["references"]["before"]}
    lines += table(["type", "made by", "references per 1,000, before", "after"],
                   [[one["type"], one["how"], before.get(one["type"], "-"), one["per_thousand"]] for one in row["references"]["after"]])
    lines += [""] + [f"- fails now: {code(name)}" for name in row["newly_failing"][:SHOWN]]
    return ["", f"## Python {row['python']}", *lines] if any(lines) else []


PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; color: #1c1e21; background: #fff }}
table {{ border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto }}
th, td {{ border: 1px solid #c9ced6; padding: .3rem .6rem; text-align: left; vertical-align: top }}
th {{ background: #f1f3f6 }}
code, pre {{ font: 13px/1.4 ui-monospace, monospace }}
pre {{ overflow-x: auto; background: #f6f7f9; padding: .8rem }}
.add {{ color: #116329 }} .del {{ color: #a40e26 }}
@media (prefers-color-scheme: dark) {{ body {{ color: #e6e8eb; background: #16181c }} th, pre {{ background: #24272d }}
 th, td {{ border-color: #444 }} .add {{ color: #6fd08c }} .del {{ color: #ff8f9c }} }}
</style>
{body}
</html>
"""


def inline(text):
    """Markdown's `code` and escaped bars, as our own lines have them."""
    parts = text.replace("\\|", "|").split("`")
    return "".join(f"<code>{html.escape(part)}</code>" if i % 2 and i < len(parts) - 1 else html.escape(part) for i, part in enumerate(parts))


def as_html(proof, diff):
    """The same as the Markdown, and the whole change."""
    body, open_tag = [], ""

    def close():
        nonlocal open_tag
        body.append(open_tag and f"</{open_tag}>")
        open_tag = ""

    for line in as_markdown(proof).splitlines():
        wanted = "table" if line.startswith("|") else "ul" if line.startswith("- ") else ""
        if wanted != open_tag:
            close()
            body.append(wanted and f"<{wanted}>")
            head, open_tag = True, wanted
        if wanted == "table" and not line.startswith("|---"):
            cells = line[2:-2].replace("\\|", "\0").split(" | ")
            tag = "th" if head else "td"
            body.append("<tr>" + "".join(f"<{tag}>{inline(part.replace(chr(0), '|'))}</{tag}>" for part in cells) + "</tr>")
            head = False
        elif wanted == "ul":
            body.append(f"<li>{inline(line[2:])}")
        elif line.startswith("#"):
            level = len(line) - len(line.lstrip("#"))
            body.append(f"<h{level}>{inline(line[level:].strip())}</h{level}>")
        elif line and not wanted:
            body.append(f"<p>{inline(line)}")
    close()
    body.append("<h2>The change</h2><pre>" + "\n".join(map(diff_line, diff.splitlines())) + "</pre>")
    return PAGE.format(title=html.escape(f"Migration of {proof['project']}"), body="\n".join(filter(None, body)))


def diff_line(line):
    kind = "add" if line.startswith("+") else "del" if line.startswith("-") else ""
    return f'<span class="{kind}">{html.escape(line)}</span>' if kind else html.escape(line)
