"""PayDesk, the practice payment back-end."""
