"""Articles for agents: searched by meaning and by words, suggested for a customer's last message."""
