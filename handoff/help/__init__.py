"""What can a customer read and do without a chat? The help centre: pages that are made by the desk and work without scripts."""
