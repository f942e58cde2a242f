"""Publications: a check of the draft, one person who proposes, a second who agrees, and the way back."""
