"""A training script: it wants to know for how long."""

import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, required=True)
parser.add_argument("--batch-size", type=int, default=16)
asked = parser.parse_args()
for epoch in range(1, asked.epochs + 1):
    print(f"epoch {epoch} of {asked.epochs}, batches of {asked.batch_size}")
