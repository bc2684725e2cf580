"""What ctypes is told is what fil.h says: checked with a C compiler."""

import ctypes
import re
import subprocess

from conftest import ROOT
from fil import _library as library

HEADER = ROOT / "Client/CFil/include/fil.h"
STRUCTURES = {
    "fil_status": library.CStatus,
    "fil_article": library.CArticle,
    "fil_filter": library.CFilter,
    "fil_section": library.CSection,
    "fil_masthead": library.CMasthead,
    "fil_progress": library.CProgress,
    "fil_sync_options": library.CSyncOptions,
    "fil_report": library.CReport,
    "fil_bundle": library.CBundle,
    "fil_cost": library.CCost,
    "fil_spending": library.CSpending,
    "fil_verification": library.CVerification,
}


def test_structures_are_laid_out_as_the_header_says(tmp_path):
    lines, expected = [], []
    for name, structure in STRUCTURES.items():
        lines.append(f'printf("{name} %zu\\n", sizeof({name}));')
        expected.append(f"{name} {ctypes.sizeof(structure)}")
        for field in structure._fields_:
            place = getattr(structure, field[0])
            lines.append(
                f'printf("{name}.{field[0]} %zu %zu\\n", offsetof({name}, {field[0]}),'
                f" sizeof((({name} *)0)->{field[0]}));"
            )
            expected.append(f"{name}.{field[0]} {place.offset} {place.size}")
    program = tmp_path / "layout.c"
    program.write_text(
        '#include <stdio.h>\n#include "fil.h"\nint main(void) {\n' + "\n".join(lines) + "\nreturn 0;\n}\n"
    )
    subprocess.run(
        ["gcc", "-std=c99", "-Werror", f"-I{HEADER.parent}", "-o", tmp_path / "layout", program], check=True
    )
    told = subprocess.run([tmp_path / "layout"], capture_output=True, text=True, check=True).stdout
    assert told.split("\n")[:-1] == expected


def test_every_structure_and_function_of_the_header_is_known():
    text = re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.DOTALL)
    assert set(re.findall(r"typedef struct (\w+) \{", text)) == set(STRUCTURES)
    names = set(re.findall(r"\b(fil_\w+)\(", text))
    assert names == set(library.FUNCTIONS)
    for name, structure in STRUCTURES.items():
        body = re.search(r"typedef struct " + name + r" \{(.*?)\} " + name, text, re.DOTALL)[1]
        fields = re.findall(r"(\w+);", body)
        assert fields == [field[0] for field in structure._fields_], name
