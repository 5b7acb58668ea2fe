"""Question 11: who can change what the app does, and how much does it send when?"""
