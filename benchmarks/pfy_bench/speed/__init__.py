"""Speed: what a narration, a node and a cold start cost."""
