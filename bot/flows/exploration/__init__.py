"""Exploration: every way in which a flow can go, before anybody goes it."""
