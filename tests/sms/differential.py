"""Compare ``measure`` with two independent programs on random texts, and account for every disagreement.

Run in development, from the root of the repository (the results are in docs/proofs/sms-parts.md)::

    npm install --prefix DIR split-sms@0.1.7 sms-segments-calculator@1.3.0
    python -m tests.sms.differential --node-modules DIR/node_modules

An explanation is an experiment, not a look: the oracle is asked again about a text of the same code units without the
feature said to be the cause, and must then agree. The exit status is 1 when a disagreement stays unexplained, and 2
when Node.js or an oracle is missing.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from airflow_provider_robosms.sms.segments import Segments, measure
from tests.sms.samples import random_text

ORACLES = {"split-sms": "0.1.7", "sms-segments-calculator": "1.3.0"}

# One JSON string a line in; one line out: for each oracle [encoding, units, parts].
ASK = r"""
const [split, calculator] = process.argv.slice(1).map(require);
require("readline").createInterface({input: process.stdin}).on("line", line => {
  const text = JSON.parse(line), a = split.split(text), b = new calculator.SegmentedMessage(text);
  const gsm = a.characterSet === "GSM", bits = b.encodingName === "GSM-7" ? 7 : 16;
  console.log(JSON.stringify([
    [gsm ? "GSM-7" : "UCS-2", gsm ? a.bytes : a.bytes / 2, a.parts.length],
    [b.encodingName, b.messageSize / bits, b.segmentsCount],
  ]));
});
"""

_LONE_HIGH = re.compile("[\ud800-\udbff](?![\udc00-\udfff])")


def ask(node: str, modules: Path, texts: list[str]) -> list[dict[str, Segments]]:
    """Return what each oracle measures, one dict for each of *texts*."""
    lines = "".join(json.dumps(text) + "\n" for text in texts)  # ASCII: lone surrogates travel as escapes
    paths = [str(modules / name) for name in ORACLES]
    done = subprocess.run([node, "-e", ASK, *paths], input=lines, capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if len(answers) != len(texts):
        raise RuntimeError(f"{len(answers)} answers to {len(texts)} texts")
    return [{name: Segments(*one) for name, one in zip(ORACLES, answer, strict=True)} for answer in answers]


def flattened(text: str) -> str:
    """Return a text of as many UTF-16 code units and the same pairs, without lone surrogates and without clusters."""
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return "".join("😀" if character > "\uffff" else "ب" for character in joined)


def cause(oracle: str, text: str, ours: Segments, theirs: Segments, theirs_flattened: Segments) -> str | None:
    """Return why an oracle disagrees, or None when no known cause fits."""
    if ours.encoding != "UCS-2" or theirs.encoding != "UCS-2" or theirs_flattened != ours:
        return None
    if oracle == "split-sms" and _LONE_HIGH.search(text):
        return "takes a lone high surrogate and what follows for a pair"
    if oracle == "sms-segments-calculator" and theirs.units == ours.units and theirs.parts > ours.parts:
        return "moves a whole cluster (emoji sequence, letter with marks) to the next part"
    return None


def disagreements(node: str, modules: Path, texts: list[str]) -> Iterator[tuple[str, str | None, str]]:
    """Yield (oracle, cause or None, the text in ASCII with what was measured) for every disagreement."""
    measured = [measure(text) for text in texts]
    answers = ask(node, modules, texts)
    doubtful = [index for index, ours in enumerate(measured) if {*answers[index].values()} != {ours}]
    again = ask(node, modules, [flattened(texts[index]) for index in doubtful])
    for index, flat in zip(doubtful, again, strict=True):
        text, ours = texts[index], measured[index]
        for oracle, theirs in answers[index].items():
            if theirs != ours:
                yield oracle, cause(oracle, text, ours, theirs, flat[oracle]), f"{text!a} {ours} {theirs}"


def missing(node: str | None, modules: Path) -> str | None:
    """Return what the comparison lacks, or None."""
    if node is None:
        return "Node.js is not on the PATH: install it"
    for name, version in ORACLES.items():
        manifest = modules / name / "package.json"
        found = json.loads(manifest.read_text(encoding="utf-8"))["version"] if manifest.is_file() else "nothing"
        if found != version:
            return f"{modules / name} should hold version {version} and holds {found}: npm install {name}@{version}"
    return None


def main() -> int:
    """Run the comparison and print a table of disagreements by oracle and cause."""
    parser = argparse.ArgumentParser(description="Compare measure() with two npm packages on random texts.")
    parser.add_argument("--node-modules", type=Path, required=True, help="folder that holds both packages")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    node, modules = shutil.which("node"), options.node_modules.resolve()
    lack = missing(node, modules)
    if node is None or lack:
        print(lack, file=sys.stderr)
        return 2
    generator = random.Random(options.seed)
    texts = [random_text(generator) for _ in range(options.count)]
    sizes = [measure(text) for text in texts]
    encodings = Counter(size.encoding for size in sizes)
    print(
        f"{len(texts):,} texts, seed {options.seed}: {dict(encodings)}, 1 to {max(size.parts for size in sizes)} parts"
    )
    table: Counter[tuple[str, str]] = Counter()
    unexplained = 0
    for oracle, why, details in disagreements(node, modules, texts):
        table[oracle, why or "UNEXPLAINED"] += 1
        if why is None:
            unexplained += 1
            print(f"UNEXPLAINED {oracle} {details}")
    for (oracle, why), count in sorted(table.items()):
        print(f"{oracle:<24} {count:>6,} {why}")
    for oracle in ORACLES:
        agreed = len(texts) - sum(count for (name, _), count in table.items() if name == oracle)
        print(f"{oracle:<24} {agreed:>6,} agree")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
