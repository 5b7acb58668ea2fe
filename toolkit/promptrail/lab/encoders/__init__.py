"""The lab's own encoders: a text or bytes in, the same written in one way out; one family of formats a file.

Written from the standards, or taken from another library than the one that `decode` uses, so that recall does not
grade itself. Each has a published vector in tests/lab/test_encoders.py.
"""
