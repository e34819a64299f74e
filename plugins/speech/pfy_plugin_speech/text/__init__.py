"""The text front end: characters, sentences, spoken forms, phonemes."""
