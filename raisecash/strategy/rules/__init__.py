"""Rules that several strategies share: events, re-entry, readings of a signal, model curves."""
