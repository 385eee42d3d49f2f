"""Discord, on discord.py: messages and interactions become events, messages become calls of its API."""
