"""Question 10: what do sizes say where nothing can be read?"""
