"""Speech engines: neural voices that turn phonemes into a wave and tell how long each one lasts."""
