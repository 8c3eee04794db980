"""The Slack bot: accepts a result post only when it cites a registered run that bears the claim out."""
