"""When a platform cannot be served, whatever is tried."""


class Stopped(Exception):
    """This bot cannot be served: the text says why, and what to do."""
