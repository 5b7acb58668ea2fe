"""Question 05: whose SDKs are in the app, and which of their vendors did it contact?"""
