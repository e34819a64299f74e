"""Training data: corpora as WebDataset shards, made of nothing or of films, and read at random."""
