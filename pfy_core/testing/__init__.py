"""The conformance kit: whether a component keeps the contract that graphs rely on.

For the author of a plugin one line is enough, in any file of tests::

    from pfy_core.testing import conforms

    test_contract = conforms("encoder/x")

which pytest collects as one test for each check; ``pfy plugins check encoder/x`` runs the same without
pytest, and ``run_checks("encoder/x")`` returns the outcomes to a program. Each failure says what the
component does, what is wanted and how to fix it. ``pfy plugins check --record`` keeps what was run in
``conformance.json``; from then on fewer checks are a failure.

Where the inputs come from
--------------------------
The kit makes them from what the ports declare (``pfy_core.testing.samples``): text, pictures of a drawn
face, its landmarks and matte, motion, tones that resemble speech with their phones and words, and noise for
everything else that has dimensions. ``size`` counts rows of the slowest clock; the kit asks for 24, 40, 13,
1 and 0 rows, and for 250 where a stream is to flow.

What cannot be invented, or needs other values (a photo of a real face, a recording in which somebody
speaks), a plugin says in a module ``conformance.py`` of its package, which only the kit imports::

    def samples(component_id, size, seed):
        "Values by port; what is left out is invented, in sizes that fit."
        return {"face": photo()} if component_id == "encoder/x" else {}

    config = {"encoder/x": {"rate": 16_000}}  # options to build it with
    expected_failed = {"encoder/x": {"stream": "looks at the whole recording at once"}}

All three may be left out. Arguments of ``conforms`` win over them. An expected failure that passes is a
failure, so that the list stays true.

What is asked
-------------
``pfy plugins check --list`` prints all checks with what they ask. Checks that build on others are skipped
where those failed, so that one fault is one failure. Weights are fetched as usual; with ``PFY_OFFLINE=1`` the
checks that need absent ones are skipped, with the reason.
"""

from __future__ import annotations

from pfy_core.testing.certificate import digest_of
from pfy_core.testing.checks import CHECKS
from pfy_core.testing.collect import conforms
from pfy_core.testing.examination import run_checks
from pfy_core.testing.outcomes import Outcome, Report

__all__ = ["CHECKS", "Outcome", "Report", "conforms", "digest_of", "run_checks"]
