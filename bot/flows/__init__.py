"""Flows as authors write them: YAML with marks, the model they compile to, the checks, the transcripts."""
