"""Where facts come from: one file per origin, each behind the port that its user declares."""
