"""Question 06: which values of device and account reached whom, in which form, and do they last?"""
