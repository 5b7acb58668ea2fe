"""Question 01: which content that was typed reached which host?"""
