"""How many requests a client may send in a time, and what is left of that: counted in memory that all processes of a server share."""

from app.rates.buckets import SharedBuckets, make_buckets_memory
from app.rates.errors import TooManyRequests
from app.rates.rate import Rate, RateLimit, Standing, limit_rate

__all__ = ["Rate", "RateLimit", "SharedBuckets", "Standing", "TooManyRequests", "limit_rate", "make_buckets_memory"]
