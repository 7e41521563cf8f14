"""Tables of text and where they come from: files, downloads, the network."""
