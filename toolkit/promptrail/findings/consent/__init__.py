"""Question 03: what was sent before consent, and what after it was refused?"""
