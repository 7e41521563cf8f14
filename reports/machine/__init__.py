"""What machines read: summary.json, JUnit XML, Markdown."""
