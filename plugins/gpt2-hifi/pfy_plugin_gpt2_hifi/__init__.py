"""The GPT-2 and HiFi-GAN decoder plugin: ``decoder/gpt2-hifi``."""
