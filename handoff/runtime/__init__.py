"""Runtime: what a desk process needs: settings, database, wake-ups, limits, metrics, logs, errors and the web server."""
