"""Question 04: does the policy declare what was seen to be sent?"""
