"""Reading, checking, orienting, estimating, pricing and comparing parts: numpy and field libraries, usable without Django."""
