"""ringfence migrate --prove: what a migration changes in a project, shown by its own build and tests.

    project.py    how the project is built and tested
    pythons.py    the Pythons, and an environment of each for the tree before and the tree after
    trees.py      copies of the project, and the migration of one of them
    commands.py   a command with a time limit, whose processes all end
    measure.py    what one tree does on one Python: warnings, tests, exercise, types, time
    inside.py     the part of it that runs inside of the environment
    judge.py      both trees' measurements to the outcome
    document.py   the outcome as JSON, Markdown, HTML

THE PROJECT'S OWN CODE RUNS HERE, and nowhere else in ringfence: in copies, with the user's rights.
"""
