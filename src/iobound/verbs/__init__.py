"""The verbs: each goes from nouns to nouns through one front door; none knows another, only the pipeline their order.

They have a room of their own because `iobound.observe`, `iobound.advise` and `iobound.predict` are functions for users.
"""
