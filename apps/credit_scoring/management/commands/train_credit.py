"""Trains the credit models and prints how good they are."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.credit_scoring import operations
from apps.credit_scoring.operations.train import BANK, ROWS, SEED, SYNTHETIC
from apps.credit_scoring.training import pipeline
from apps.credit_scoring.training.synthetic import synthetic_year
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.users.queries import system_user


class Command(BaseCommand):
    """`manage.py train_credit`."""

    help = "Train a scorecard and its challenger; both become candidates, the first ones are used at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """On what, and from which seed."""
        parser.add_argument("--dataset", choices=[SYNTHETIC, BANK], default=SYNTHETIC)
        parser.add_argument("--seed", type=int, default=SEED, help="the same seed makes the same models")
        parser.add_argument("--rows", type=int, default=ROWS, help="invented borrowers (synthetic)")
        parser.add_argument("--write", type=Path, help="write the synthetic card to a file and keep nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Train, keep, print."""
        if options["write"]:
            self._write(options)
            return
        asked = {name: options[name] for name in ("dataset", "seed", "rows")}
        try:
            kept = operations.train_models(by=system_user(), at=now(), **asked)
        except DomainError as no:
            raise CommandError(str(no)) from no
        for row in kept:
            later = row.metrics["out_of_time"]
            self.stdout.write(
                f"{row.name} ({row.status}): out of time AUC {later['auc']:.4f}, KS {later['ks']:.4f}, Brier"
                f" {later['brier']:.4f}; right at one half {later['accuracy']:.4f}, calling everybody good"
                f" {later['base_rate']:.4f}; PSI {row.metrics['psi_out_of_time']:.4f}"
            )
        if any(row.is_synthetic for row in kept):
            self.stdout.write("Learnt from invented customers: these figures say nothing of real ones.")

    def _write(self, options: dict[str, Any]) -> None:
        cases = synthetic_year(options["seed"], options["rows"])
        made = pipeline.train(cases, seed=options["seed"], with_challenger=False)
        options["write"].write_text(json.dumps(asdict(made.scorecard), indent=1, sort_keys=True) + "\n")
        self.stdout.write(f"{made.scorecard.name} {made.scorecard.artefact_hash}")
