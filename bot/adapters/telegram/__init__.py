"""Telegram, on python-telegram-bot: updates become events, messages become calls of the Bot API."""
