"""Packets of a capture into connections and what they carried; `ingest/pcap.py` is the reader that uses all of it.

The way: records and blocks of the file are found (found, file, records, blocks), frames taken apart (frames), put in
order by connection (index, sequence, spool), decrypted by tshark, and made into rows (tcp, udp, quic, rows).
"""
