"""A manifest of what `nm` shows of a shared object, for tests of the watch that must not need the analyzer."""
import json
import os
import subprocess


def write(library, symbols, out):
    """`symbols`: name -> (kind, offsets of the words that hold objects)."""
    listing = subprocess.check_output(["nm", "-S", "--defined-only", library], text=True)
    sections = subprocess.check_output(["readelf", "-n", library], text=True)
    build_id = sections.split("Build ID:")[1].split()[0]
    objects = []
    for line in listing.splitlines():
        fields = line.split()
        if len(fields) == 4 and fields[3] in symbols:
            kind, words = symbols[fields[3]]
            objects.append({"id": f"tally.c:{fields[3]}", "symbol": fields[3], "kind": kind, "verdict": "unsafe",
                            "source": "tally.c:1", "advice": "move it into per-interpreter state",
                            "address": int(fields[0], 16), "size": int(fields[1], 16), "object_words": words})
    assert len(objects) == len(symbols), f"missing in {library}: {set(symbols) - {o['symbol'] for o in objects}}"
    with open(out, "w") as file:
        json.dump({"schema": "ringfence-manifest/1", "files": [
            {"file": os.path.basename(library), "build_id": build_id, "objects": objects}]}, file)


TALLY = {"word_counts": ("object-cache", [0]), "TallyError": ("exception", [0]), "total": ("counter", []),
         "MarkerType": ("static-type", [])}
