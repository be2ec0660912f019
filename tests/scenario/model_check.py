"""Holds raw answers of the engine against botocore's service models: no unknown member, no missing required one, no wrong type.

botocore itself is lenient (it drops what it does not know), so the bytes are read again here. Works for the json and query
protocols and for ec2.
"""
import json
import xml.etree.ElementTree as ElementTree


# What AWS itself answers outside its model: the event of a stack that a change set has just named.
BEYOND_THE_MODEL = {"ResourceStatus": {"REVIEW_IN_PROGRESS"}}


class Mismatch(AssertionError):
    pass


class Checker:
    """Attach to a boto3 client; every answer it receives is checked, and counted in `checked`."""

    def __init__(self):
        self.checked = []
        self.problems = []

    def attach(self, client):
        service = client.meta.service_model
        client.meta.events.register(
            "response-received.*.*",
            lambda response_dict, context, **_: self.check(service, context, response_dict))
        client.meta.events.register(
            "before-call.*.*", lambda model, context, **_: context.update(operation_model=model))
        return client

    def check(self, service, context, response):
        operation = context.get("operation_model")
        if operation is None or response["status_code"] >= 300:
            return
        name = f"{service.service_name}.{operation.name}"
        self.checked.append(name)
        shape = operation.output_shape
        body = response["body"]
        protocol = service.metadata["protocol"]
        try:
            if body[:1] == b"{":
                document = json.loads(body) if body else {}
                self.json(shape, document, name) if shape else None
            else:
                self.xml_answer(protocol, operation, shape, ElementTree.fromstring(body), name)
        except Mismatch as problem:
            self.problems.append(str(problem))

    # -- json ---------------------------------------------------------------------------------------------------------

    def json(self, shape, value, where):
        kind = shape.type_name
        expected = {"structure": dict, "map": dict, "list": list, "string": str, "boolean": bool, "blob": str,
                    "character": str, "integer": int, "long": int, "float": (int, float), "double": (int, float),
                    "timestamp": (int, float)}[kind]
        if not isinstance(value, expected) or (isinstance(value, bool) and kind != "boolean"):
            raise Mismatch(f"{where}: {type(value).__name__} instead of {kind}")
        if kind == "structure":
            members = {m.serialization.get("name", n): m for n, m in shape.members.items()}
            self.members(shape, set(value), members, where)
            for name, item in value.items():
                self.json(members[name], item, f"{where}.{name}")
        elif kind == "list":
            for index, item in enumerate(value):
                self.json(shape.member, item, f"{where}[{index}]")
        elif kind == "map":
            for key, item in value.items():
                self.json(shape.value, item, f"{where}[{key!r}]")
        elif kind == "string":
            self.text(shape, value, where)

    # -- query and ec2 ------------------------------------------------------------------------------------------------

    def xml_answer(self, protocol, operation, shape, root, where):
        if local(root) != operation.name + "Response":
            raise Mismatch(f"{where}: root element {local(root)}")
        if protocol == "ec2":
            root.remove(next(e for e in root if local(e) == "requestId"))
            if shape:
                self.xml(shape, root, where)
            return
        if not any(local(e) == "RequestId" for e in root.iter()):
            raise Mismatch(f"{where}: no RequestId")
        if shape and "resultWrapper" in shape.serialization:
            result = next((e for e in root if local(e) == shape.serialization["resultWrapper"]), None)
            if result is None:
                raise Mismatch(f"{where}: no {shape.serialization['resultWrapper']}")
            self.xml(shape, result, where)

    def xml(self, shape, element, where):
        kind = shape.type_name
        if kind == "structure":
            members = {m.serialization.get("name", n): m for n, m in shape.members.items()}
            self.members(shape, {local(e) for e in element}, members, where)
            for child in element:
                self.xml(members[local(child)], child, f"{where}.{local(child)}")
        elif kind == "list":
            item_name = shape.member.serialization.get("name", "member")
            for index, item in enumerate(element):
                if local(item) != item_name:
                    raise Mismatch(f"{where}: list item <{local(item)}> instead of <{item_name}>")
                self.xml(shape.member, item, f"{where}[{index}]")
        elif kind == "map":
            for entry in element:
                if local(entry) != "entry":
                    raise Mismatch(f"{where}: map item <{local(entry)}>")
        else:
            self.xml_scalar(kind, shape, element.text or "", where)

    def xml_scalar(self, kind, shape, text, where):
        if kind == "boolean" and text not in ("true", "false"):
            raise Mismatch(f"{where}: {text!r} is no boolean")
        if kind in ("integer", "long") and not text.lstrip("-").isdigit():
            raise Mismatch(f"{where}: {text!r} is no {kind}")
        if kind == "timestamp" and not ("T" in text and text.endswith("Z")):
            raise Mismatch(f"{where}: {text!r} is no ISO 8601 timestamp")
        if kind == "string":
            self.text(shape, text, where)

    # -- both ---------------------------------------------------------------------------------------------------------

    @staticmethod
    def members(shape, present, members, where):
        unknown = present - set(members)
        if unknown:
            raise Mismatch(f"{where}: unknown member {sorted(unknown)}")
        required = {shape.members[n].serialization.get("name", n) for n in shape.required_members}
        if required - present:
            raise Mismatch(f"{where}: missing {sorted(required - present)}")

    @staticmethod
    def text(shape, value, where):
        if shape.enum and value not in shape.enum and value not in BEYOND_THE_MODEL.get(shape.name, ()):
            raise Mismatch(f"{where}: {value!r} is none of {shape.enum}")


def local(element):
    return element.tag.rsplit("}", 1)[-1]
