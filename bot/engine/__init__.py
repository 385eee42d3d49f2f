"""The engine: what a conversation between several people may do next, as pure functions over frozen values."""
