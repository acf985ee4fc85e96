"""The spreadsheet of a campaign: reading it, claiming rows, and writing results back to where the recipients are now."""
