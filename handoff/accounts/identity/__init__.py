"""Identity of customers: what the wallet's app signed, and the keys with which the desk checks it."""
