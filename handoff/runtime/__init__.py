"""Runtime of a desk process: settings, database, wake-ups, limits, metrics, logs, errors and the web server."""
