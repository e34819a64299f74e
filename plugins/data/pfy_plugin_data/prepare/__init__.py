"""``pfy data prepare``: films of people who talk to a corpus, their motion measured."""
