"""The wire protocol of RoboSMS: requests and answers, codes, and what an error proves."""
