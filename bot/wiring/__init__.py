"""Wiring: the only package that names concrete classes, and the home of the environment and of randomness."""
