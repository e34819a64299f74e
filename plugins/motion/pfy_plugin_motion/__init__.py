"""The motion plugin: a recording, its words and a face to face motion, by what was learnt of a corpus."""
