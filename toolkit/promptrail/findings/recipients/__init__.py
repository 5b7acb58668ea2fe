"""Question 02: which organisations stand behind the hosts, and what did others claim about them?"""
