"""Adapters: one folder a platform, each thin and blind to the others."""
