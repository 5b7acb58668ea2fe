"""Question 08: what changed between two groups of runs, and did all of it stop?"""
