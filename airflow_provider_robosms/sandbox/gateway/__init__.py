"""The stand-in for the RoboSMS gateway: what it accepts, what it answers, what it charges and how it fails."""
