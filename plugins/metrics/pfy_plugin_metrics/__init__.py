"""The metrics plugin: what was made beside what was filmed, and whether lips and sound go together."""
