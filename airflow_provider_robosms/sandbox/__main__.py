"""``python -m airflow_provider_robosms.sandbox``: the same as ``robosms-sandbox``."""

import sys

from .cli import main

sys.exit(main())
