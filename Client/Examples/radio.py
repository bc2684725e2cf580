#!/usr/bin/env python3
"""The news for a presenter: what is new since the last bulletin, what was corrected, what must not be quoted any more.

    radio.py gao.db bulletin.txt [--key KEY --from SOURCE] [--section nord-actu] [--budget 200000]

It syncs as far as the line and the budget allow, and writes a bulletin in any case: a station goes on air with what it
has. What was in a bulletin is remembered beside the replica, so that nothing is read out twice.
"""

import argparse
import json
import pathlib
import sys

import fil


def sync(replica, arguments):
    """A line for the presenter on how fresh the news is."""
    try:
        replica.sync(arguments.source, budget=arguments.budget)
    except fil.BudgetSpentError:
        return "Le budget du jour est épuisé : la suite viendra demain."
    except (fil.OfflineError, fil.BehindError):
        return "Pas de connexion : ce bulletin est fait de ce qui était déjà ici."
    except fil.UntrustedError as error:
        return f"ATTENTION, la source ne donne pas ce que la rédaction a signé ({error.code}) : prévenez la rédaction."
    return "Tout est à jour."


def entry(article):
    mark = "URGENT : " if article.urgent else ""
    return f"{mark}{article.title} ({article.published:%d/%m})\n  {article.summary}"


def bulletin(replica, arguments, freshness):
    """Writes the bulletin, then remembers what is in it: the time of the text that was told, None once it was taken back."""
    memory = pathlib.Path(f"{arguments.replica}-bulletin.json")
    told = json.loads(memory.read_text()) if memory.exists() else {}
    new, corrected, withdrawn = [], [], []
    for article in replica.articles(limit=1000):
        number, time = str(article.number), str(article.updated or article.published)
        if article.retracted:
            # Only what was read out has to be taken back.
            if told.get(number):
                withdrawn.append(article)
                told[number] = None
        elif told.get(number, time) != time:
            corrected.append(article)
            told[number] = time
    for article in replica.articles(section=arguments.section, retracted=False, limit=1000):
        if str(article.number) not in told:
            new.append(article)
    new.sort(key=lambda article: (not article.urgent, not article.une, -article.number))
    del new[arguments.most :]
    told.update((str(article.number), str(article.updated or article.published)) for article in new)
    lines = [f"{replica.masthead.name}. {freshness}"]
    for title, entries in (
        ("NE PLUS CITER", [f"N° {article.number}, retiré : {article.reason}" for article in withdrawn]),
        ("CORRIGÉ", [f"{entry(article)}\n  Correction : {article.note}" for article in corrected]),
        ("NOUVEAU", [entry(article) for article in new]),
    ):
        lines += ["", title, *entries] if entries else []
    pathlib.Path(arguments.bulletin).write_text("\n".join(lines) + "\n", encoding="utf-8")
    memory.write_text(json.dumps(told))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("replica")
    parser.add_argument("bulletin")
    parser.add_argument("--key")
    parser.add_argument("--from", dest="source")
    parser.add_argument("--section")
    parser.add_argument("--budget", type=int)
    parser.add_argument("--most", type=int, default=20, help="articles in one bulletin")
    arguments = parser.parse_args()
    try:
        with fil.Replica(arguments.replica, arguments.key) as replica:
            bulletin(replica, arguments, sync(replica, arguments))
    except fil.FilError as error:
        sys.exit(f"radio.py: {error}")


if __name__ == "__main__":
    main()
