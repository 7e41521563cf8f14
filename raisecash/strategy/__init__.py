"""What a strategy is, how strategies are laid over each other, and how they are found."""
