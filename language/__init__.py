"""Languages and scripts of texts: recognition, normalisation, traditional Chinese. Bot and desk import it."""
