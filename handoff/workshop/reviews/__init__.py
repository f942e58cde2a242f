"""Reviews: how many emergencies does the bot miss? Two people judge a random sample of what it answered, and do not see how."""
