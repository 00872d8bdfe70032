"""The field's knowledge of the answers room, usable without Django."""

import os

# OpenBLAS reads this when numpy is first imported. Our matrices are small: its threads only wait for each other, and
# on a busy machine one question took 30 to 300 ms in USE instead of 3. An operator's own value wins.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
