"""The articles that every contender carries: real news where it is there, the samples otherwise."""

import json
import os
import random
import re

CORPUS = os.environ.get("FIL_CORPUS", "../shared/corpus/actualites.jsonl")
SAMPLES = "Server/Samples"

# What eight corrections add; a figure in the text changes besides.
ADDED = [
    "La mairie précise que les travaux reprendront lundi.",
    "Le nom du quartier a été corrigé à la demande des habitants.",
    "Le chiffre exact est de 312 sacs, et non de 321.",
    "Contacté mercredi, le service de santé n'avait pas encore répondu.",
    "Une première version de cet article datait la réunion de mardi.",
    "Le bac a repris son service en fin de journée.",
    "Les organisateurs ont depuis confirmé la date.",
    "La photo a été prise à Bourem, et non à Ansongo.",
]


def load(short):
    """All articles in order of publication, and what they are, in words."""
    if os.path.exists(CORPUS):
        with open(CORPUS, encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
        for row in rows:
            row["body"] = "\n\n".join(row["body"])
        name = "real French news"
    else:
        rows, name = mixed(451), "made of the sentences of Server/Samples, mixed by a fixed seed"
    if short:
        for row in rows:
            row["body"] = cut(row["body"])
    return rows, name


def cut(text, most=1900):
    """The text up to the last sentence that ends within `most` characters."""
    if len(text) <= most:
        return text
    text = text[:most]
    ends = [m.start() for m in re.finditer(r"[.!?]", text)]
    return text[: ends[-1] + 1] if ends else text


def mixed(count):
    """Articles put together from the samples, so that nothing outside of the project is needed."""
    sentences, titles = [], []
    for name in sorted(os.listdir(SAMPLES)):
        if not re.match(r"\d.*\.md$", name):
            continue
        with open(os.path.join(SAMPLES, name), encoding="utf-8") as file:
            text = file.read()
        title = re.search(r"^title: *(.+)$", text, re.M)
        titles.append(title.group(1).strip('"') if title else name)
        body = re.sub(r"^---.*?^---\s*", "", text, flags=re.S | re.M)
        sentences += re.split(r"(?<=[.!?])\s+", body.strip())
    dice = random.Random(24)
    rows = []
    for number in range(count):
        body = [" ".join(dice.choices(sentences, k=5)) for _ in range(dice.randint(3, 9))]
        rows.append({
            "id": 1000 + number, "slug": f"article-{number}",
            "title": f"{dice.choice(titles)} ({number})", "summary": body[0][:150],
            "section": dice.choice(["societe", "politique", "culture", "sante"]), "tags": [],
            "published": 1767251537 + number * 3600, "author": "Rédaction",
            "body": "\n\n".join(body),
        })
    return rows


def corrected(row, index, when):
    """The row with one word changed and a sentence added, at a time of Unix."""
    new = dict(row)
    words = row["body"].split(" ")
    place = len(words) // 3
    words[place] = "environ " + words[place]
    new["body"] = " ".join(words) + " " + ADDED[index % len(ADDED)]
    new["updated"] = when
    new["note"] = "Une précision a été ajoutée."
    return new


def markdown(row):
    """The article as a file, for git and rsync."""
    head = {key: row[key] for key in ("id", "title", "summary", "section", "author", "published")}
    head["tags"] = ", ".join(row["tags"])
    for key in ("updated", "note"):
        if key in row:
            head[key] = row[key]
    lines = [f"{key}: {value}" for key, value in head.items()]
    return "---\n" + "\n".join(lines) + "\n---\n\n" + row["body"] + "\n"


def line(row):
    """The article as one line of JSON."""
    return json.dumps(row, ensure_ascii=False) + "\n"


class Case:
    """What a reader has, and what the newsroom has by then; both are {article id: row}."""

    def __init__(self, letter, title, old, new):
        self.letter, self.title, self.old, self.new = letter, title, old, new

    @property
    def changed(self):
        """Rows that are new or corrected, in order."""
        return [row for key, row in self.new.items() if self.old.get(key) != row]

    @property
    def withdrawn(self):
        return [key for key in self.old if key not in self.new]


def cases(rows):
    """The six cases of the table, from one set of articles."""
    def first(count):
        return {row["id"]: row for row in rows[:count]}

    total = len(rows)
    whole = first(total)
    edited = first(total)
    for index in range(8):
        row = rows[total - 20 - index * 40]
        edited[row["id"]] = corrected(row, index, rows[-1]["published"] + 60 * index)
    del edited[rows[total - 30]["id"]]
    return [
        Case("a", "nothing new", whole, whole),
        Case("b", "1 new article", first(total - 1), whole),
        Case("c", f"12 changes in {total}: 8 corrections, 3 new, 1 withdrawn", first(total - 3), edited),
        Case("d", "a week away: 84 new", first(total - 84), whole),
        Case("e", "a month away: 360 new", first(total - 360), whole),
        Case("f", f"first copy: {total} articles", {}, whole),
    ]
