"""The nouns: frozen data that every step of iobound hands to the next, and the laws they obey."""
