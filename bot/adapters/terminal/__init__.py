"""The terminal: several people and rooms typed as plain lines."""
