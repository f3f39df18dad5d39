"""What the target finds on its PYTHONPATH; a package only so that the supervisor can import the protocol."""
