"""What the runtime library offers to Python: the exercise harness and the watch."""
