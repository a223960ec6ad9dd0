"""python -m ringfence exercise MODULE ...; every other command is the analyser's, which is a program of its own."""
import os
import shutil
import sys

OWN = ("exercise", "-h", "--help")
MISSING = "ringfence: the analyser, which has the command {!r}, is not on PATH: build it from the project's top folder"


def main(arguments):
    if not arguments or arguments[0] in OWN:
        from ringfence import exercise
        return exercise.main(arguments)
    analyser = shutil.which("ringfence")
    if analyser is None:
        print(MISSING.format(arguments[0]), file=sys.stderr)
        return 2
    os.execv(analyser, ["ringfence", *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
