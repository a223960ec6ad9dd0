"""ringfence, and python -m ringfence: `exercise` and `audit --exercise` run here, every other command is the analyser's. That
is a program of its own, which lies in this package where it came as a wheel."""
import os
import shutil
import sys

MISSING = "ringfence: the analyser, which has the command {!r}, is neither in this package nor on PATH: pip install ringfence, or build it"
NOT_COMPILED = "ringfence: exercise needs the compiled part of the runtime library: pip install 'ringfence[runtime]'"


def analyser():
    """The analyser's program, or None."""
    own = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bin", "ringfence")
    return own if os.access(own, os.X_OK) else shutil.which("ringfence")


def exercise(arguments):
    try:
        from ringfence import _runtime  # noqa: F401
    except ImportError:
        print(NOT_COMPILED, file=sys.stderr)
        return 2
    from ringfence import exercise
    return exercise.main(arguments)


def exercise_audited(program, arguments):
    try:
        from ringfence import _runtime  # noqa: F401
    except ImportError:
        print(NOT_COMPILED, file=sys.stderr)
        return 2
    from ringfence import audited
    return audited.main(program, [each for each in arguments[1:] if each != "--exercise"])


def main(arguments=None):
    arguments = sys.argv[1:] if arguments is None else arguments
    program = analyser()
    if arguments[:1] == ["exercise"] or program is None and (not arguments or arguments[0] in ("-h", "--help")):
        return exercise(arguments)
    if program is not None and arguments[:1] == ["audit"] and "--exercise" in arguments:
        return exercise_audited(program, arguments)
    if program is None:
        print(MISSING.format(arguments[0]), file=sys.stderr)
        return 2
    os.execv(program, ["ringfence", *arguments])


if __name__ == "__main__":
    sys.exit(main())
