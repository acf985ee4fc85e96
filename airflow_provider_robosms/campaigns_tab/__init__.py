"""The tab Campaigns: a line for each campaign, live, with a tick box that stops it."""
