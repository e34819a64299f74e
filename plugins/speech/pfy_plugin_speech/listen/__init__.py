"""Networks that listen: what is speech, who speaks, how good it sounds, and what is noise."""
