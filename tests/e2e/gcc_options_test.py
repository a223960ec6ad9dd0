"""Options that change what is read are followed, or named: as gcc's own -E has it. More: scripts/gcc-options."""

import pathlib
import shutil
import tempfile
import unittest

import gcc_options
import support

OBEYED = """
-D ONE=1 | -DF(x)=x | -U __linux__ | -U__linux__ | -I inc | -Iinc | -isysteminc | -iquote inc2 | -idirafterinc3 | -includeforced.h
-imacrosmacros.h | --define-macro ONE=1 | --define-macro=ONE=1 | --undefine-macro __linux__ | --include-directory inc
--include-directory=inc | --include forced.h | --include=forced.h | --imacros macros.h
-B prefix | -Bprefix/ | --prefix=prefix | -isysroot sys | --sysroot sys | --sysroot=sys | -iprefix pre- -iwithprefix with
--include-prefix=pre- --include-with-prefix-before=with | -Wp,-D,ONE=1 | -Wp,-Iinc,-MD,x.d | -Wp,-include,forced.h | -Wp,-U,__linux__
-Xpreprocessor -DONE=1 | -Xpreprocessor -D -Xpreprocessor ONE=1 | -Xpreprocessor -D -Wp,ONE=1 | -Wp,-DONE=1 -DONE=2
-Wp,-Iinc -Iinc2 | -imacros macros.h -DFROM_MACROS=6 | @one.rsp | @quoted.rsp | @nested.rsp | @escaped.rsp | --optimize=2
-fPIC | -fno-pie | -fsanitize=address,undefined
"""
NAMED = "-specs=own.specs | -specs own.specs | --specs=own.specs | -undef | -iwithprefixbefore ../../../../../../inc"


class GccOptionsTest(unittest.TestCase):
    def judged(self, lines):
        if not shutil.which("gcc"):
            self.skipTest("needs gcc")
        with tempfile.TemporaryDirectory() as folder:
            commands = [each.split() for each in lines.strip().replace("\n", "|").split("|")]
            return {" ".join(command): (what, why) for command, what, why in gcc_options.compare(pathlib.Path(folder).resolve() / "t", commands)}

    def test_what_changes_what_is_read_is_followed(self):
        self.assertEqual({command: found for command, found in self.judged(OBEYED).items() if found[0] != "obeyed"}, {})

    def test_the_table_in_the_documentation(self):
        self.assertIn(gcc_options.table(), (support.PROJECT / "docs/compiler-options.md").read_text(), "run scripts/gcc-options --table")

    def test_what_is_not_followed_is_named(self):
        self.assertEqual({command: found for command, found in self.judged(NAMED).items() if not found[0].startswith("named")}, {})


if __name__ == "__main__":
    unittest.main()
