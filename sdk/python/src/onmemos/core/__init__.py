"""What both clients share, without any I/O: requests, retries, errors, output and frames."""
