"""`ringfence audit` on files that are made to mislead, to exhaust or to crash their reader: each gives modules or an error in
words, in seconds and in little memory."""

import itertools
import json
import os
import pathlib
import random
import resource
import shutil
import struct
import subprocess
import tempfile
import unittest
import zipfile

from support import FOREIGN_MODULE, ringfence

SECONDS, KIBIBYTES = 30, 1 << 20  # for one run, however many files it reads


def elf(*sections, machine=62):
    """A shared library of (name, type, flags, link, entry size, bytes) and no code."""
    names, body, headers = b"\0", b"", [bytes(64)]
    for name, kind, flags, link, entry, data in [*sections, (".shstrtab", 3, 0, 0, 0, None)]:
        at, names = len(names), names + name.encode() + b"\0"
        data = names if data is None else data
        headers.append(struct.pack("<IIQQQQIIQQ", at, kind, flags, 64 + len(body), 64 + len(body), len(data), link, 0, 8, entry))
        body += data + bytes(-len(data) % 8)
    return (b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 3, machine, 1, 0, 0, 64 + len(body), 0, 64, 0, 0, 64,
                                                       len(headers), len(headers) - 1) + body + b"".join(headers))


def mach_o(commands, tail=b""):
    return struct.pack("<IIIIIIII", 0xfeedfacf, 0x0100000c, 0, 8, len(commands), sum(map(len, commands)), 0, 0) + b"".join(commands) + tail


def segment(size):
    return struct.pack("<II16sQQQQIIII", 0x19, 72, b"__DATA", 0, size, 0, 4096, 7, 7, 0, 0)


def dyld_info(rebase=(0, 0), exports=(0, 0)):
    return struct.pack("<IIIIIIIIIIII", 0x80000022, 48, *rebase, 0, 0, 0, 0, 0, 0, *exports)


def uleb(number):
    encoded = bytearray()
    while True:
        number, low = number >> 7, number & 0x7f
        encoded.append(low | (0x80 if number else 0))
        if not number:
            return bytes(encoded)


class Hostile(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def audit(self, *paths, codes=(0, 3)):
        """The report, within the limits."""
        def limit():
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        done = subprocess.run([ringfence(), "audit", "--format", "json", *(paths or [self.folder])], capture_output=True,
                              preexec_fn=limit, check=False)
        self.assertIn(done.returncode, codes, done.stderr[-500:])
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        self.assertLess(peak, max(before + 1, KIBIBYTES))
        report = json.loads(done.stdout)
        for library in report["libraries"]:  # the fence around the reader is for what nobody thought of
            self.assertNotIn("ended the process", library["error"] or "", library["file"])
        return report

    def write(self, name, content):
        (self.folder / name).write_bytes(content)
        return self.folder / name

    def refused(self, name, content, words):
        (library, *others) = self.audit(self.write(name, content), codes=(3,))["libraries"]
        self.assertEqual(others, [])
        self.assertIn(words, library["error"])

    def libraries(self):
        """A small module of each platform that can be made here."""
        source = self.folder / "foreign.c"
        source.write_text(FOREIGN_MODULE)
        subprocess.run(["cc", "-shared", "-fPIC", source, "-o", self.folder / "foreign.so"], check=True)
        yield (self.folder / "foreign.so").read_bytes()
        if not (shutil.which("clang-19") and shutil.which("lld-link-19")):
            return
        compile_for = ["clang-19", "-O1", "-c", source, "-target"]
        subprocess.run([*compile_for, "arm64-apple-macos11", "-o", self.folder / "m.o"], check=True)
        for flags in ([], ["-no_fixup_chains"]):
            subprocess.run(["ld64.lld-19", "-dylib", "-undefined", "dynamic_lookup", "-arch", "arm64", "-platform_version", "macos", "11.0",
                            "11.0", *flags, self.folder / "m.o", "-o", self.folder / "m.dylib"], check=True, capture_output=True)
            yield (self.folder / "m.dylib").read_bytes()
        (self.folder / "python.def").write_text("LIBRARY python314.dll\nEXPORTS\nPyModuleDef_Init\n")
        subprocess.run([*compile_for, "x86_64-pc-windows-msvc", "-DEXPORT=__declspec(dllexport)", "-o", self.folder / "w.obj"], check=True)
        subprocess.run(["lld-link-19", f"/def:{self.folder}/python.def", "/machine:x64", f"/out:{self.folder}/python.lib"], check=True)
        subprocess.run(["lld-link-19", "/dll", "/noentry", self.folder / "w.obj", self.folder / "python.lib",
                        f"/out:{self.folder}/w.dll"], check=True)
        yield (self.folder / "w.dll").read_bytes()

    def test_cut_off_and_changed_at_random(self):
        draw = random.Random(20)
        for number, whole in enumerate(self.libraries()):
            files = self.folder / f"files{number}"
            files.mkdir()
            for size in range(0, min(len(whole), 16384), 64):
                (files / f"cut{size}.so").write_bytes(whole[:size])
            for seed in range(60):
                changed = bytearray(whole)
                for _ in range(draw.choice((1, 4, 32, 256))):
                    changed[draw.randrange(len(changed) if seed % 2 else 1024)] = draw.choice((0, 1, 0x7f, 0x80, 0xff, draw.randrange(256)))
                (files / f"changed{seed}.so").write_bytes(changed)
            for seed in range(24):
                (files / f"random{seed}.so").write_bytes(whole[:16 * (seed % 8)] + draw.randbytes(4096))
            libraries = self.audit(files)["libraries"]
            self.assertEqual(len(libraries), len(list(files.iterdir())))
            for library in libraries:
                self.assertTrue(library["error"] is None or len(library["error"]) > 10, library)

    def test_sections_of_any_size(self):
        whole = bytearray(next(self.libraries()))
        table, count = struct.unpack_from("<Q", whole, 40)[0], struct.unpack_from("<H", whole, 60)[0]
        files = self.folder / "sections"
        files.mkdir()
        for section, (field, value) in itertools.product(range(count), [
                (16, (1 << 64) - 8), (24, 1 << 40), (32, 1 << 63), (32, (1 << 64) - 1), (40, 0xffff), (56, 7)]):
            changed = bytearray(whole)
            changed[table + 64 * section + field:table + 64 * section + field + (4 if field == 40 else 8)] = \
                struct.pack("<I" if field == 40 else "<Q", value)
            (files / f"s{section}-{field}-{value:x}.so").write_bytes(changed)
        self.audit(files)

    def test_tables_of_relocations_that_are_none(self):
        words = "its relocations or its dynamic entries are not in it, or are of another size"
        for entry, data in ((0, bytes(48)), (7, bytes(48)), (24, bytes(50))):
            self.refused(f"rela{entry}.so", elf((".rela.dyn", 4, 2, 0, entry, data)), words)
        beyond = bytearray(elf((".rela.dyn", 4, 2, 0, 24, bytes(48))))
        table = struct.unpack_from("<Q", beyond, 40)[0]
        struct.pack_into("<Q", beyond, table + 64 + 24, len(beyond))
        self.refused("beyond.so", bytes(beyond), words)
        self.audit(self.write("symbols.so", elf((".rela.dyn", 4, 2, 2, 24, struct.pack("<QQq", 0, 9999 << 32 | 1, 0)),
                                                (".dynsym", 11, 2, 0, 24, bytes(24)))))

    def test_packed_relocations_that_unpack_without_end(self):
        self.refused("relr.so", elf((".relr.dyn", 19, 2, 0, 8, struct.pack("<Q", 0x1000) + b"\xff" * (24 << 20))), "more work than those of any")

    def test_many_symbols_of_one_long_name(self):
        symbols = struct.pack("<IBBHQQ", 1, 0x12, 0, 1, 0, 0) * (1 << 16)
        strings = b"\0PyInit_" + b"a" * (4 << 20) + b"\0"
        self.refused("names.so", elf((".dynsym", 11, 2, 2, 24, bytes(24) + symbols), (".dynstr", 3, 2, 0, 0, strings)), "more work than those of any")

    def test_an_export_trie_that_doubles(self):
        # Each node has two children, which are one: 2^40 names.
        nodes, size = b"", 10
        for depth in range(40):
            child = uleb((depth + 1) * size)
            node = b"\0\2a\0" + child + b"b\0" + child
            nodes += node.ljust(size, b"\0")
        nodes += b"\2\0\0\0"
        commands = [segment(1 << 20)]
        at = 32 + 72 + 48
        commands.append(dyld_info(exports=(at, len(nodes))))
        self.audit(self.write("trie.so", mach_o(commands, nodes + bytes(4096))))

    def test_rebases_without_end(self):
        for opcodes in (b"\x11\x20\x00\x60" + uleb(1 << 62), b"\x11\x20\x00\x80" + uleb(1 << 62) + uleb((1 << 64) - 8),
                        b"\x11\x20\x00\x80" + uleb(1 << 40) + uleb(0)):
            commands = [segment(1 << 62), dyld_info(rebase=(32 + 72 + 48, len(opcodes)))]
            self.audit(self.write("rebase.so", mach_o(commands, opcodes + bytes(8192))))

    def test_archives_that_unpack_without_end(self):
        bomb = self.folder / "bomb.whl"
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
            with archive.open("a.so", "w") as member:
                for _ in range(600):
                    member.write(bytes(1 << 20))
        (library,) = self.audit(bomb, codes=(3,))["libraries"]
        self.assertIn("would unpack to 600 MiB", library["error"])
        many = self.folder / "many.whl"
        with zipfile.ZipFile(many, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(200):
                archive.writestr(f"{number}.so", bytes(8 << 20))
        (*_, last) = self.audit(many, codes=(3,))["libraries"]
        self.assertIn("no wheel of this size", last["error"])

    def test_archives_that_lie(self):
        for name, change in {"size": (b"PK\x01\x02", 24, struct.pack("<I", 5)), "compressed": (b"PK\x01\x02", 20, struct.pack("<I", 1 << 30)),
                             "method": (b"PK\x01\x02", 10, b"\x63\0"), "offset": (b"PK\x01\x02", 42, b"\xff\xff\xff\x7f"),
                             "encrypted": (b"PK\x01\x02", 8, b"\1\0"), "entries": (b"PK\x05\x06", 8, b"\xff\xff\xff\xff")}.items():
            wheel = self.folder / f"{name}.whl"
            with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("x.so", b"\x7fELF" + bytes(4096))
            content = bytearray(wheel.read_bytes())
            at = content.rindex(change[0]) + change[1]
            content[at:at + len(change[2])] = change[2]
            wheel.write_bytes(content)
            (library,) = self.audit(wheel, codes=(3,))["libraries"]
            self.assertTrue(library["error"], name)

    def test_names_in_archives_are_names_alone(self):
        wheel = self.folder / "names.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            for name in ("../../etc/evil.so", "/abs.so", "a\x1b[2J.so", "b\nc.so", "\u202egnp.so"):
                archive.writestr(name, b"\x7fELF")
        before = sorted(os.listdir(self.folder))
        self.assertEqual(len(self.audit(wheel, codes=(3,))["libraries"]), 5)
        self.assertEqual(sorted(os.listdir(self.folder)), before)
        text = subprocess.run([ringfence(), "audit", "--allow-incomplete", wheel], capture_output=True, text=True, check=True).stdout
        self.assertNotIn("\x1b", text)
        self.assertNotIn("\u202e", text)

    def test_folders_that_lead_to_themselves(self):
        (self.folder / "loop").mkdir()
        (self.folder / "loop/again").symlink_to("..", target_is_directory=True)
        os.mkfifo(self.folder / "pipe.so")
        (self.folder / "dangling.so").symlink_to("nowhere")
        (self.folder / "secret.whl").symlink_to("/etc/passwd")
        report = self.audit(codes=(0,))
        self.assertEqual(report["libraries"], [])
        self.assertEqual([note.rpartition("/")[2] for note in report["notes"]], ["pipe.so is no regular file: passed over"])

    def test_a_record_that_claims_the_world(self):
        info = self.folder / "x-1.dist-info"
        info.mkdir()
        (info / "RECORD").write_bytes(b'../' * 5000 + b'etc/passwd,,\n"' + b"\xff\x00" * 10000 + b"\n" + b"a,\n" * 200000)
        self.assertEqual(self.audit(codes=(0,))["libraries"], [])


if __name__ == "__main__":
    unittest.main()
