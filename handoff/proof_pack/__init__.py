"""Proof packs: what happened in a case, as files that anybody can check without the desk."""
