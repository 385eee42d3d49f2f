"""The conversation: routing, the turn, delivery, people, pairs and rooms. Platforms and databases stay outside."""
