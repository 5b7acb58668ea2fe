"""What passed through a connection, bytes in two directions, into flows: HTTP/1, HTTP/2, WebSocket, else raw messages.

A packet capture with keys and a hook in a TLS library both give such bytes; from here on nothing asks which it was.
"""
