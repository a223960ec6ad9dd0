"""Reads a manifest of `ringfence manifest`, and refuses a broken one with a sentence before anything is loaded: what it says
is used as addresses."""
import json
import re

SCHEMA = "ringfence-manifest/2"
OLD_SCHEMA = "ringfence-manifest/1"  # without counts and digest; what people write themselves
TEXTS = ("id", "symbol", "kind", "verdict", "source", "advice")
WORD = 8  # bytes at least that an object word takes
NO_TEXT = re.compile("[\0\ud800-\udfff]")  # what C cannot take, and halves of characters
LARGEST = 1 << 30  # bytes
END = 1 << 47  # no address or size reaches it


class ManifestError(ValueError):
    """The file is no manifest of this version."""


def load(path):
    """[(file, build id or None, [object])], an object as _runtime.watch_open takes it: the TEXTS, address, size, words.
    Thread-locals have no one address; they are left out."""
    try:
        with open(path, "rb") as file:
            text = file.read(LARGEST + 1)
        expect(len(text) <= LARGEST, "it is larger than 1 GB")
        document = json.loads(text.decode("utf-8"), object_pairs_hook=members, parse_constant=refuse_constant)
        expect(isinstance(document, dict) and document.get("schema") in (SCHEMA, OLD_SCHEMA), f"it is no {SCHEMA}")
        if document["schema"] == SCHEMA:
            check_whole(document, text)
        files = [read_file(entry) for entry in a_list(document.get("files"), "files")]
        names = [name for name, _, _ in files]
        expect(len(set(zip(names, (build for _, build, _ in files)))) == len(files), "it lists a file twice")
        return files
    except OSError as error:
        raise ManifestError(f"cannot read the manifest {path}: {error.strerror}") from None
    except RecursionError:
        raise ManifestError(f"the manifest {path} is broken: it is nested too deeply") from None
    except ValueError as error:
        raise ManifestError(f"the manifest {path} is broken: {error}") from None


def expect(holds, sentence):
    if not holds:
        raise ValueError(sentence)


def check_whole(document, text):
    """The digest is that of all text before it, as `git hash-object` has it, and the lists are as long as was written."""
    import hashlib  # where it is needed: what a run is to judge may be its modules
    before, _, digest = text.rpartition(b',\n "digest": "')
    whole = hashlib.sha1(b"blob %d\0%s" % (len(before), before), usedforsecurity=False).hexdigest()
    expect(digest.rstrip() == whole.encode() + b'"\n}',
           "it was cut or changed after it was written (its digest is another): write it again with `ringfence manifest`")
    files, missing = a_list(document.get("files"), "files"), a_list(document.get("missing"), "missing")
    objects = sum(len(a_list(entry.get("objects"), "objects")) for entry in files if isinstance(entry, dict))
    expect(document.get("counts") == {"files": len(files), "objects": objects, "missing": len(missing)},
           "its counts are not those of its lists")


def members(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"it has a key twice: {next(name for name in names if names.count(name) > 1)!r}")
    return found


def refuse_constant(name):
    raise ValueError(f"{name} is no number of a manifest")


def a_list(value, what):
    expect(isinstance(value, list), f"{what} is no list")
    return value


def a_text(entry, key, where):
    value = entry.get(key, "")
    expect(isinstance(value, str) and NO_TEXT.search(value) is None, f"{key} of {where} is no text")
    return value


def a_number(value, what, low=0):
    expect(type(value) is int and low <= value < END, f"{what} is no number from {low} on that fits: {str(value)[:40]}")
    return value


def read_file(entry):
    expect(isinstance(entry, dict), "an entry of files is no object")
    name = a_text(entry, "file", "a file")
    expect(name, "a file has no name")
    build_id = entry.get("build_id")
    expect(build_id is None or isinstance(build_id, str) and re.fullmatch("([0-9a-f]{2})+", build_id),
           f"the build id of {name} is not in hexadecimal")
    listed = [read_object(each, name) for each in a_list(entry.get("objects"), f"objects of {name}")]
    return name.rpartition("/")[2], build_id, [each for each in listed if each]


def read_object(entry, name):
    expect(isinstance(entry, dict), f"an object of {name} is none")
    where = f"{entry.get('symbol', 'an object')!s:.80} in {name}"
    texts = [a_text(entry, key, where) for key in TEXTS]
    expect(texts[1], f"an object of {name} has no symbol")
    thread_local = entry.get("thread_local", False)
    expect(isinstance(thread_local, bool), f"thread_local of {where} is neither true nor false")
    address, size = a_number(entry.get("address"), f"address of {where}"), a_number(entry.get("size"), f"size of {where}", 1)
    expect(address + size < END, f"{where} ends beyond all addresses")
    words = a_list(entry.get("object_words") or [], f"object_words of {where}")
    for word in words:
        a_number(word, f"an object word of {where}")
        expect(word + WORD <= size, f"an object word of {where} lies outside of it: {word}")
    return None if thread_local else (*texts, address, size, words)
