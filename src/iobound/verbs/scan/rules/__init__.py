"""Rules of `iobound scan`: a module for each family, with a text for each rule beside it."""
