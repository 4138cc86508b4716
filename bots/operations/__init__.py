"""What keeps the bots running: set-up, secrets, the doctor, the runner and its schedule."""
