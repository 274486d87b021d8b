"""Other servers' own clients, as their users run them: in environments of their own, against a real server."""
