"""What schemathesis needs to know of the service: its settings, and the forms of bodies that it does not write by itself."""
