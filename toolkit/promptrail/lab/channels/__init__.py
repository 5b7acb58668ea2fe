"""The ways in which a build of the lab's app reports to others, one a file. A build lists its own (see `builds.py`)."""
