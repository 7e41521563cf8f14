"""What an account shows: metrics, calendar periods, drawdowns, the July window."""
