"""Question 07: was anything sent without protection that holds?"""
