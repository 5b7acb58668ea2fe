"""A simulated app that follows a plan while vendors are sent what nobody can read: the lab's opaque case.

Every company and host is invented, and whatever is recorded carries the lab's mark. What each vendor does is data
(vendors.py) and lies beside each recording as its answer key; nothing of `infer`, which must find it out, is used here.
"""
