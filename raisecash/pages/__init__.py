"""What every report shares: words, numbers, templates."""
