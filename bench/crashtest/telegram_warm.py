"""Preloaded beside the rest: the client, the adapter, and what certificates are trusted."""

from bench.crashtest.telegram_side import trust

trust()
