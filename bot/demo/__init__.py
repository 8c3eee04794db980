"""`runcite demo`: five people train, post, are corrected and accepted, against a local stand-in for Slack."""
