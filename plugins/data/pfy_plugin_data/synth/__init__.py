"""``pfy data synth``: a corpus made of nothing but what is installed, its motion known exactly."""
