"""Provenance: what a video says of its own making, who signs that, and how it is checked.

identity     a certificate chain and its key: the user's, or this installation's own
credentials  content credentials (C2PA) written into a file and verified
consent      a statement of consent that belongs to a narration
seal         the three together, around one narration
inspection   everything that a file says of itself, verified
"""
