"""The HiFi-GAN encoder plugin: ``encoder/hifigan``."""
