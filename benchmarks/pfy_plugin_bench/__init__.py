"""What makes pfy-bench a plugin of pfy: its command. It has no components."""
