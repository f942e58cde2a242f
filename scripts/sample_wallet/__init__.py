"""A sample of the wallet's own systems, for trials and tests: `python -m scripts.sample_wallet` (docs/wallet.md)."""
