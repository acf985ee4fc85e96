"""What a tab of recipients says: its columns, rows, keys, templates, opt-outs, and what makes it unfit to send from."""
