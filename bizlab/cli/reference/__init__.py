"""Pages of docs/ made from what the code itself declares; ``python -m bizlab.cli.reference`` writes them anew."""
