"""The office's own knowledge, without Django: what a file is, how a mail looks, what a mail says."""
