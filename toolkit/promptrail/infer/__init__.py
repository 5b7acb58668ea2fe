"""What sizes and repeated runs can prove where a body cannot be read: counts of bytes in, verdicts per host out."""
