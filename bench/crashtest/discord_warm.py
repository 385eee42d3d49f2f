"""Preloaded beside the rest: the client and the adapter."""

from bench.crashtest.discord_side import discord_side

__all__ = ["discord_side"]
