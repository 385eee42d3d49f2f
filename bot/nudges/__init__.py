"""What comes by itself: when it is due, when it may be shown, and what becomes of it. Pure, but for the runner."""
