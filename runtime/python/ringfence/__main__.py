"""python -m ringfence exercise MODULE ..."""
import sys

from ringfence import exercise

if __name__ == "__main__":
    sys.exit(exercise.main(sys.argv[1:]))
