"""The soak: many clients ask a server for long, some of its processes are killed, and nothing may grow or be lost."""
