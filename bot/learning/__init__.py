"""Learning: training, calibration and advice on the training data."""
