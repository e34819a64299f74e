"""What becomes of poor recordings: those whose voice is to be come near to, and those that are spoken."""
