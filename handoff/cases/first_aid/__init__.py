"""First aid: offers of what a customer can do at once, orders to the wallet, and the truth about what became of them."""
