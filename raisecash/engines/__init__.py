"""Two engines that turn the same plan into the same account, so that each can check the other."""
