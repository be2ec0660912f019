"""Generates the table of resource types from src/cloudformation/model/*.cfn (format: tools/import_cfn_specification.py)."""
import pathlib
import sys


def main():
    rows = {}
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.cfn")):
        for text in path.read_text().split("resource ")[1:]:
            rows[text.split()[0]] = text
    out = ["// Generated from src/cloudformation/model/*.cfn; do not edit.", '#include "cloudformation/specification_rows.hpp"',
           "", "namespace cloudformation {", "namespace {", "", "constexpr SpecificationRow kRows[] = {"]
    out += [f'    {{"{type_}", R"cfn({text})cfn"}},' for type_, text in sorted(rows.items())]
    out += ["};", "", "}  // namespace", "", "std::span<const SpecificationRow> specification_rows() { return kRows; }", "",
            "}  // namespace cloudformation", ""]
    pathlib.Path(sys.argv[2]).write_text("\n".join(out))


main()
