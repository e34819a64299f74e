"""What makes pfy-train a plugin of pfy: its command, and the losses that recipes name."""
