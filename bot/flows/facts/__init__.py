"""The facts of a flow: who may read what and when, what others can notice, and what is kept."""
