"""A manifest of what `nm` shows of a shared object, for tests of the watch that must not need the analyzer."""
import json
import os
import subprocess


def write(library, symbols, out):
    """`symbols`: name -> (kind, offsets of the words that hold objects)."""
    found = [(name, address, size, *symbols[name]) for name, address, size in listed(library) if name in symbols]
    assert len(found) == len(symbols), f"missing in {library}: {set(symbols) - {name for name, *_ in found}}"
    write_objects(library, found, out)


def write_words(library, symbol, out):
    """Each word of one object as an object of its own, as the analyzer lists the members of a struct."""
    (address, size), = [(address, size) for name, address, size in listed(library) if name == symbol]
    write_objects(library, [(f"{symbol}[{i}]", address + 8 * i, 8, "object-cache", [0]) for i in range(size // 8)], out)


def listed(library):
    """[(name, address, size)]"""
    listing = subprocess.check_output(["nm", "-S", "--defined-only", library], text=True)
    fields = [line.split() for line in listing.splitlines()]
    return [(each[3], int(each[0], 16), int(each[1], 16)) for each in fields if len(each) == 4]


def write_objects(library, found, out):
    """`found`: [(name, address, size, kind, offsets)]."""
    sections = subprocess.check_output(["readelf", "-n", library], text=True)
    build_id = sections.split("Build ID:")[1].split()[0]
    objects = [{"id": f"tally.c:{name}", "symbol": name, "kind": kind, "verdict": "unsafe", "source": "tally.c:1",
                "advice": "move it into per-interpreter state", "address": address, "size": size, "object_words": words}
               for name, address, size, kind, words in found]
    with open(out, "w") as file:
        json.dump({"schema": "ringfence-manifest/1", "files": [
            {"file": os.path.basename(library), "build_id": build_id, "objects": objects}]}, file)


TALLY = {"word_counts": ("object-cache", [0]), "TallyError": ("exception", [0]), "total": ("counter", []),
         "MarkerType": ("static-type", [])}
