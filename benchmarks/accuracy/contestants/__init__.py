"""Who takes part: ours in this process, a checkout over HTTP, and other methods in an environment of their own."""
