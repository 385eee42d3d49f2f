"""The web page: one person plays everybody, in live panes side by side, on this computer only."""
