"""A simulated chatbot app, the vendors it reports to, and the answer key: real TLS through a real mitmdump.

Every company, app, country and host in here is invented, and whatever it records carries a mark that says so. It
shares no code with `decode` and `trace`: an encoder that grades its own decoder proves nothing.
"""
