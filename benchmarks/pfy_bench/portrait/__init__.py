"""Portrait: what the videos of the embedded default show and sound like, measured on the decoded files."""
