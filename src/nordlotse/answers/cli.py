"""`nordlotse answers rank` and `nordlotse knowledge check | import | export | stale | embed`."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any, cast

from nordlotse.foundation.problem import BadInput, NotFound


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def add_commands(commands: Any) -> None:
    """Add this room's commands."""
    answers = commands.add_parser("answers", help="ranking of passages").add_subparsers(
        metavar="COMMAND", required=True
    )
    rank = answers.add_parser("rank", help="rank the passages of a file for the questions of another")
    rank.add_argument("--passages", required=True, metavar="P.jsonl", help='lines {"id","title"?,"text"}')
    rank.add_argument("--queries", required=True, metavar="Q.jsonl", help='lines {"id","q"}')
    rank.add_argument(
        "--out", required=True, metavar="RUN.jsonl", help='lines {"qid","pids","confidence","abstain","ms"}'
    )
    rank.add_argument("--k", type=int, default=10, help="passages per question (10)")
    rank.set_defaults(run=_rank)
    knowledge = commands.add_parser("knowledge", help="articles and records").add_subparsers(
        metavar="COMMAND", required=True
    )
    check = knowledge.add_parser("check", help="check every shipped article and record")
    check.add_argument("--json", action="store_true", help="print findings and figures as JSON")
    check.set_defaults(run=_check)
    bring = knowledge.add_parser("import", help="make drafts from Markdown, HTML, PDF or DOCX")
    bring.add_argument("path", help="a file or a folder")
    bring.add_argument("--topic", default="digitalisation", help="topic of texts that name none (digitalisation)")
    bring.add_argument("--lang", choices=("de", "en"), help="language (found out if not given)")
    bring.add_argument("--json", action="store_true", help="print the report as JSON")
    bring.set_defaults(run=_import, needs="database")
    export = knowledge.add_parser("export", help="write every published text to a folder")
    export.add_argument("folder")
    export.set_defaults(run=_export, needs="database")
    stale = knowledge.add_parser("stale", help="list what is past its review date or does not speak")
    stale.add_argument("--json", action="store_true", help="print as JSON")
    stale.set_defaults(run=_stale, needs="database")
    embed = knowledge.add_parser("embed", help="make missing vectors and train the router (part of `make setup`)")
    embed.set_defaults(run=_embed, needs="django")


def _progress(what: str, done: int, of: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{what}: {done}/{of} " + ("\n" if done >= of else ""))
        sys.stderr.flush()
    elif done >= of or done % 320 == 0:
        _say(f"{what}: {done}/{of}")


def _rank(called: argparse.Namespace) -> int:
    from nordlotse.answers.core.rank_files import rank_files

    count = rank_files(called.passages, called.queries, called.out, called.k, _progress)
    _say(f"{count} questions → {called.out}")
    return 0


def _check(called: argparse.Namespace) -> int:
    from nordlotse.answers.core.knowledge import SHIPPED, record_expander
    from nordlotse.answers.core.lint import check_folder, lines
    from nordlotse.foundation import records

    loaded = records.read_records()
    report = check_folder(
        SHIPPED,
        on=date.today(),
        expand=record_expander(date.today(), loaded.records),
        known_records=frozenset(loaded.records),
    )
    for problem in loaded.problems:
        report.add(problem.where, problem.code, problem.message_en)
    if called.json:
        value = {
            "findings": [{"where": f.where, "code": f.code, "message": f.message} for f in report.findings],
            "articles": len(report.articles),
            "records": len(loaded.records),
            "reading_ease": report.reading_ease,
            "uncertain_share": report.uncertain_share,
        }
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.write("\n".join(lines(report)) + "\n")
    return 3 if report.findings else 0


def _import(called: argparse.Namespace) -> int:
    from nordlotse.answers.importing import import_path

    report = import_path(Path(called.path), topic=called.topic, lang=called.lang, progress=_progress)
    if called.json:
        sys.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False, indent=2) + "\n")
    else:
        for line in report.lines():
            _say(line)
    return 3 if report.refused else 0


def _export(called: argparse.Namespace) -> int:
    from nordlotse.answers.core.knowledge import shipped_texts
    from nordlotse.answers.memory import published_texts

    folder = Path(called.folder)
    if folder.exists() and not folder.is_dir():
        raise BadInput(
            "not_a_folder",
            de="Das ist kein Ordner.",
            en="That is not a folder.",
            where=str(folder),
            remedy_de="Bitte einen Ordner angeben.",
            remedy_en="Give a folder.",
        )
    texts = {**shipped_texts(), **published_texts()}
    folder.mkdir(parents=True, exist_ok=True)
    for (slug, lang), raw in sorted(texts.items()):
        (folder / f"{slug}.{lang}.md").write_text(raw, encoding="utf-8")
    _say(f"{len(texts)} texts → {folder}")
    return 0


def _stale(called: argparse.Namespace) -> int:
    from nordlotse.answers import queries

    late, late_records, silent = queries.stale()
    value = {
        "articles": [{"id": a.id, "lang": a.lang, "review_by": a.review_by.isoformat()} for a in late],
        "records": [{"id": r.id, "review_by": r.review_by.isoformat()} for r in late_records],
        "unverified": [r.id for r in silent],
        "problems": [p.as_dict() for p in queries.problems()],
    }
    if called.json:
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
        return 0
    for name, rows in cast("dict[str, list[Any]]", value).items():
        _say(f"{name}: {len(rows)}")
        for row in rows:
            sys.stdout.write(f"{name} {row if isinstance(row, str) else ' '.join(map(str, row.values()))}\n")
    return 0


def _embed(called: argparse.Namespace) -> int:
    from nordlotse.answers.memory import embed_all, encoders

    for missing in encoders().missing:
        _say(f"not available here: {missing}")
    if encoders().e5 is None and encoders().use is None:
        raise NotFound(
            "no_encoder",
            de="Kein Sprachmodell läuft hier.",
            en="No language model runs here.",
            where="knowledge embed",
            remedy_de="Antworten kommen dann aus der Wortsuche.",
            remedy_en="Answers then come from the word search.",
        )
    made = embed_all(_progress, texts={})
    _say("knowledge ready: " + ", ".join(f"{n} new {name} vectors" for name, n in made.items()))
    return 0
