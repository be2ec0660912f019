"""Generates awsapi/<service>.hpp and .cpp from src/awsapi/model/<service>.api (format: tools/import_aws_model.py)."""
import pathlib
import re
import sys

KEYWORDS = set("""auto bool break case char class const continue default delete do double else enum export float for
    friend if int long namespace new operator private protected public register return short static struct switch
    template this typename union using virtual void volatile while""".split())
SCALARS = {"string": ("std::string", "string"), "integer": ("std::int64_t", "integer"),
           "long": ("std::int64_t", "integer"), "double": ("double", "real"), "boolean": ("bool", "boolean"),
           "timestamp": ("::awsapi::Timestamp", "timestamp"), "blob": ("::awsapi::Blob", "blob")}
PROTOCOLS = {"json": "json", "query": "query", "ec2": "ec2", "rest-xml": "rest_xml", "rest-json": "rest_json"}


def snake(name):
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name).lower()
    return name + "_" if name in KEYWORDS else name


def quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Member:
    def __init__(self, line):
        line = line.strip()
        self.pattern = ""
        if " pattern=" in line:
            line, self.pattern = line.split(" pattern=", 1)
        self.name, self.type, *rest = line.split()
        self.required = "required" in rest
        self.sensitive, self.token = "sensitive" in rest, "token" in rest
        options = dict(word.split("=", 1) for word in rest if "=" in word)
        self.min, self.max = options.get("min", "-1"), options.get("max", "-1")
        self.element_min, self.element_max = options.get("emin", "-1"), options.get("emax", "-1")
        self.wire = options.get("wire", self.name)
        self.query = options.get("query", "")
        self.item = options.get("item", "")
        self.enum = options.get("enum", "")
        self.place = options.get("in", "body")
        self.flat, self.http_date = "flat" in rest, "http_date" in rest
        self.rest = self.place != "body" or self.flat or self.http_date


class Model:
    def __init__(self, text):
        self.operations, self.errors, self.structs = [], [], {}
        current = None
        for line in text.splitlines():
            word = line.split()[0]
            if line.startswith("  "):
                current.append(Member(line))
            elif word == "service":
                _, self.name, self.protocol, self.version, *rest = line.split()
                self.options = dict(w.split("=", 1) for w in rest)
            elif word == "operation":
                _, name, in_, out, *rest = line.split()
                self.operations.append((name, in_, out, dict(w.partition("=")[::2] for w in rest)))
            elif word == "error":
                _, name, status, *rest = line.split()
                self.errors.append((name, status, rest[0].split("=")[1] if rest else name))
            elif word == "struct":
                current = self.structs.setdefault(line.split()[1], [])
        self.name_operation_structs()

    # Every operation gets <Operation>Request and <Operation>Response, whatever the model calls them.
    def name_operation_structs(self):
        renames = {}
        for name, in_, out, _ in self.operations:
            for shape, wanted in ((in_, name + "Request"), (out, name + "Response")):
                members = self.structs.get(shape, [])
                self.structs.setdefault(wanted, members)
                if shape not in ("-", wanted):
                    renames[shape] = wanted
        used = {base(m.type) for members in self.structs.values() for m in members}
        for shape in renames:
            if shape not in used:
                self.structs.pop(shape, None)

    def ordered(self):
        done, order = set(), []

        def visit(name, trail=()):
            if name in done or name in trail:
                return
            for member in self.structs[name]:
                if base(member.type) in self.structs:
                    visit(base(member.type), trail + (name,))
            done.add(name)
            order.append(name)
        for name in sorted(self.structs):
            visit(name)
        return order


def base(type_):
    return type_.strip("[]{}")


def cpp_type(type_):
    if type_[0] == "[":
        return f"std::vector<{cpp_type(type_[1:-1])}>"
    if type_[0] == "{":
        return f"std::map<std::string, {cpp_type(type_[1:-1])}, std::less<>>"
    return SCALARS[type_][0] if type_ in SCALARS else type_


def field_type(member):
    type_ = cpp_type(member.type)
    if member.type[0] in "[{" or member.required:
        return type_
    return f"std::optional<{type_}>"


def header(model):
    out = [f"// Generated from src/awsapi/model/{model.name}.api; do not edit.", "#pragma once", "",
           "#include <cstdint>", "#include <functional>", "#include <map>", "#include <optional>", "#include <string>",
           "#include <vector>", "", '#include "awsapi/codec.hpp"', '#include "awsapi/shape.hpp"',
           '#include "doc/node.hpp"', "", f"namespace awsapi::{model.name} {{", "", "const ::awsapi::Service& service();"]
    requests = {name + "Request": name for name, *_ in model.operations}
    for name in requests.values():
        out.append(f"struct {name}Response;")
    for name in model.ordered():
        out += ["", f"struct {name} {{"]
        for m in model.structs[name]:
            init = "{}" if m.required and m.type[0] not in "[{" and m.type != "string" else ""
            out.append(f"  {field_type(m)} {snake(m.name)}{init};")
        out += ["", "  static const ::awsapi::Shape& shape();", "  [[nodiscard]] doc::Node to_node(EmptyLists empty) const;",
                f"  static {name} from_node(const doc::Node& node);"]
        if name in requests:
            out += [f"  using Response = {requests[name]}Response;", "  static const ::awsapi::Operation& operation();"]
        out.append("};")
    out += ["", f"}}  // namespace awsapi::{model.name}", ""]
    return "\n".join(out)


def type_pointer(type_):
    if type_[0] in "[{":
        maker = "list_type" if type_[0] == "[" else "map_type"
        return f"&{maker}({type_pointer(type_[1:-1])})"
    return f"&scalar_type(::awsapi::Kind::{SCALARS[type_][1]})" if type_ in SCALARS else f"&structure_type<{type_}>()"


def rest_part(member):
    if not member.rest:
        return ""
    return f", ::awsapi::Place::{member.place}, {str(member.flat).lower()}, {str(member.http_date).lower()}"


def http_part(options):
    if "http" not in options:
        return ""
    method, path = options["http"].split(":", 1)
    return (f", {quote(method)}, {quote(path)}, {options.get('status', '200')}, {quote(options.get('root', ''))}, "
            f"{str('checksum' in options).lower()}")


def source(model):
    n = model.name
    out = [f"// Generated from src/awsapi/model/{n}.api; do not edit.", f'#include "awsapi/{n}.hpp"', "",
           '#include "awsapi/codec-impl.hpp"', "", f"namespace awsapi::{n} {{"]
    for name in model.ordered():
        members = model.structs[name]
        out += ["", f"const ::awsapi::Shape& {name}::shape() {{"]
        if members:
            out.append("  static const ::awsapi::Member members[] = {")
            for m in members:
                out.append(f"      {{{quote(m.name)}, {quote(m.wire)}, {quote(m.query)}, {quote(m.item)}, "
                           f"{type_pointer(m.type)}, {str(m.required).lower()}, {m.min}, {m.max}, {quote(m.enum)}, "
                           f"{quote(m.pattern)}, {m.element_min}, {m.element_max}, {str(m.sensitive).lower()}, "
                           f"{str(m.token).lower()}{rest_part(m)}}},")
            out += ["  };", f"  static const ::awsapi::Shape shape{{{quote(name)}, members}};"]
        else:
            out.append(f"  static const ::awsapi::Shape shape{{{quote(name)}, {{}}}};")
        out += ["  return shape;", "}", "",
                f"doc::Node {name}::to_node([[maybe_unused]] EmptyLists empty) const {{", "  doc::Mapping out;"]
        out += [f"  put(out, {quote(m.name)}, {snake(m.name)}, empty);" for m in members]
        out += ["  return doc::Node{std::move(out)};", "}", "",
                f"{name} {name}::from_node([[maybe_unused]] const doc::Node& node) {{", f"  {name} out;"]
        out += [f"  take(node, {quote(m.name)}, out.{snake(m.name)});" for m in members]
        out += ["  return out;", "}"]
    count = len(model.operations)
    out += ["", "namespace {", "", f"const ::awsapi::Operation* operation_table() {{", "  static const ::awsapi::Operation operations[] = {"]
    for name, _, output, options in model.operations:
        page = options.get("page", ",,").split(",")
        has_output = str(output != "-").lower()
        out.append(f"      {{{quote(name)}, &service, &{name}Request::shape(), &{name}Response::shape(), {has_output}, "
                   f"{quote(options.get('wrapper', ''))}, {quote(page[0])}, {quote(page[1])}, {quote(page[2])}"
                   f"{http_part(options)}}},")
    out += ["  };", "  return operations;", "}", "", "}  // namespace", ""]
    out += ["const ::awsapi::Service& service() {", "  static const ::awsapi::ErrorShape errors[] = {"]
    out += [f"      {{{quote(e)}, {quote(code)}, {status}}}," for e, status, code in model.errors]
    o = model.options
    out += ['      {"", "", 0}};',
            f"  static const ::awsapi::Service service{{{quote(n)}, ::awsapi::Protocol::{PROTOCOLS[model.protocol]}, {quote(model.version)},",
            f"      {quote(o['target'])}, {quote(o['endpoint'])}, {quote(o['signing'])}, {quote(o['xmlns'])},",
            f"      {{operation_table(), {count}}}, {{errors, {len(model.errors)}}}}};", "  return service;", "}"]
    for index, (name, *_) in enumerate(model.operations):
        out += ["", f"const ::awsapi::Operation& {name}Request::operation() {{ return operation_table()[{index}]; }}"]
    out += ["", f"}}  // namespace awsapi::{n}", ""]
    return "\n".join(out)


def main():
    model = Model(pathlib.Path(sys.argv[1]).read_text())
    out = pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{model.name}.hpp").write_text(header(model))
    (out / f"{model.name}.cpp").write_text(source(model))


main()
