"""All tests. BLAS runs on one thread, as in the service: more would only spin where the processors are shared."""

from app.settings import use_one_blas_thread

use_one_blas_thread()  # before NumPy is imported
