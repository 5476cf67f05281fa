"""The listener, the pages and the API."""
