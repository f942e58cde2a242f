"""Learning: training, calibration, and checks of the training sentences."""
