"""The command line: one module a command, by its name.

Results go to stdout, problems to stderr; exit 0 all held, 1 problems found, 2 wrong usage.
"""
