"""Two engines that make the same account of the same panel, terms and weights, so that each can check the other."""
