"""What is looked for in figures before they are traded on."""
