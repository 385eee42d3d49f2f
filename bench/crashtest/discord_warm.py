"""Preloaded beside the rest: the client and the adapter."""

import bench.crashtest.discord_side  # noqa: F401  # to have it loaded
