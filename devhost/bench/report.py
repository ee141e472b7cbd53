"""The tables of a comparison, from the lines that ``compare.py`` kept."""

from __future__ import annotations

from statistics import median
from typing import Any, NamedTuple

from peers import PEERS

OURS = "devhost"
NOTHING = "-"  # was measured


class Row(NamedTuple):
    """One line of the tables.

    Attributes:
        figure: its name in the results.
        title: for the reader.
        form: how it is written.
        more_is_better: which way round the ratio goes; None for a figure that has none.
    """

    figure: str
    title: str
    form: str
    more_is_better: bool | None


ROWS = (
    Row("alone_per_s", "approvals/s, 1 client", "{:.1f}", more_is_better=True),
    Row("many_per_s", "approvals/s, 32 clients", "{:.1f}", more_is_better=True),
    Row("open_per_s", "approvals/s, 32 clients, many open", "{:.1f}", more_is_better=True),
    Row("decision_ms_p50", "raise to Completed, many open, p50 ms", "{:.1f}", more_is_better=False),
    Row("decision_ms_p99", "raise to Completed, many open, p99 ms", "{:.1f}", more_is_better=False),
    Row("many_cpu_ms", "host CPU per approval, 32 clients, ms", "{:.2f}", more_is_better=False),
    Row("open_cpu_ms", "host CPU per approval, many open, ms", "{:.2f}", more_is_better=False),
    Row("starts_per_s", "starts/s, 32 clients", "{:.0f}", more_is_better=True),
    Row("idle_mb", "memory idle, MB", "{:.0f}", more_is_better=False),
    Row("kb_each", "memory per open approval, KB", "{:.1f}", more_is_better=False),
    Row("open_mb", "memory with many open, MB", "{:.0f}", more_is_better=False),
    Row("first_answer_s", "start to first answer, s", "{:.2f}", more_is_better=False),
    Row("idle_cores", "idle CPU, cores", "{:.3f}", more_is_better=None),
    Row("open_idle_cores", "idle CPU, many open, cores", "{:.3f}", more_is_better=None),
    Row("killed_answer_s", "after kill -9: first answer, s", "{:.2f}", more_is_better=False),
    Row("killed_decision_s", "after kill -9: first decision, s", "{:.2f}", more_is_better=False),
)


def tables(lines: list[dict[str, Any]]) -> str:
    """Figures, ratios and how noisy it was, as Markdown."""
    about = lines[0]["about"]
    peers = about["peers"]
    samples = {peer: _samples(lines, peer) for peer in peers}
    opened = ", ".join(f"{PEERS[peer].title} {min(PEERS[peer].open, about['open']):,}" for peer in peers)
    parts = [
        f"Session {about['name']}: medians of up to {about['runs']} runs, {about['seconds']:g} s each. Open: {opened}.",
        _table("figure", peers, [(row.title, [_value(row, samples[peer]) for peer in peers]) for row in ROWS] + [
            ("after kill -9: lost, of those decided", [_lost(samples[peer]) for peer in peers]),
        ]),
    ]  # fmt: skip
    if OURS in peers and len(peers) > 1:
        others = [peer for peer in peers if peer != OURS]
        ratios = [
            (row.title, [_ratio(row, samples[OURS], samples[peer]) for peer in others])
            for row in ROWS
            if row.more_is_better is not None
        ]
        parts += ["How many times better devhost is (below 1: worse):", _table("figure", others, ratios)]
    noise = [(row.title, [_noise(row, samples[peer]) for peer in peers]) for row in ROWS]
    parts += [
        "Cores that others used while the figures were taken: median, and the highest of the runs:",
        _table("figure", peers, [one for one in noise if set(one[1]) != {NOTHING}]),
    ]
    failed = [f"- {one['what']} {one['run']} {one['peer']}: {one['error']}" for one in lines if "error" in one]
    if failed:
        parts += ["Visits that failed:", "\n".join(failed)]
    return "\n\n".join(parts)


def _samples(lines: list[dict[str, Any]], peer: str) -> dict[str, list[dict[str, float]]]:
    """All samples of each figure of this engine."""
    found: dict[str, list[dict[str, float]]] = {}
    for line in lines:
        if line.get("peer") == peer:
            for name, figure in line.get("figures", {}).items():
                found.setdefault(name, []).append(figure)
    return found


def _middle(row: Row, samples: dict[str, list[dict[str, float]]]) -> float | None:
    values = [one["value"] for one in samples.get(row.figure, [])]
    return median(values) if values else None


def _value(row: Row, samples: dict[str, list[dict[str, float]]]) -> str:
    middle = _middle(row, samples)
    return NOTHING if middle is None else row.form.format(middle)


def _ratio(row: Row, ours: dict[str, list[dict[str, float]]], theirs: dict[str, list[dict[str, float]]]) -> str:
    mine, other = _middle(row, ours), _middle(row, theirs)
    if not mine or not other:
        return NOTHING
    return f"{mine / other if row.more_is_better else other / mine:.2f}"


def _noise(row: Row, samples: dict[str, list[dict[str, float]]]) -> str:
    others = [one["others"] for one in samples.get(row.figure, []) if "others" in one]
    return f"{median(others):.2f} / {max(others):.2f}" if others else NOTHING


def _lost(samples: dict[str, list[dict[str, float]]]) -> str:
    lost, tried = (sum(one["value"] for one in samples.get(name, [])) for name in ("killed_lost", "killed_tried"))
    return f"{lost:,.0f} of {tried:,.0f}" if tried else NOTHING


def _table(first: str, peers: list[str], rows: list[tuple[str, list[str]]]) -> str:
    head = [first, *(PEERS[peer].title for peer in peers)]
    lines = [head, ["---"] + ["---:"] * len(peers), *([title, *cells] for title, cells in rows)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
