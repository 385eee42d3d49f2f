"""Text that can be stored: JSON can carry halves of signs, and nothing else takes them."""


def well_formed(text: str) -> str:
    """Return the text with a mark in place of halves of signs."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
