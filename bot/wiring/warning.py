"""Warnings, for whoever runs the program."""

import sys


def warn(sentence: str) -> None:
    """Tell a sentence on stderr."""
    sys.stderr.write(f"{sentence}\n")
