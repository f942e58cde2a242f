"""What happened, in numbers? Figures of the log for reports, the command line and the supervisors' board."""
