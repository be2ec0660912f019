"""The wire codecs against botocore: it writes requests that our server side must read, reads answers that our server
side wrote, and the two clients write the same requests. Every operation that we model, every member it has.
"""
import base64
import datetime
import json
import os
import re
import subprocess
import unittest
import urllib.parse
import xml.etree.ElementTree
import zlib

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.loaders
import botocore.model
import botocore.parsers
import botocore.serialize
import botocore.session

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
# Tried in turn for a string with a pattern.
TEXTS = ["a1", "arn:aws:iam::000000000000:role/x", "/", "/a/", "us-east-1", "200", "HTTP", "1h", "ipam-pool-1a", "12",
         "ipv4pool-coip-1a", "11111111-2222-3333-4444-555555555555", "Name", "a.b", "123456", "000000000000", "e-1.x", "arn:aws:s3:::a1",
         "fs-0123456789abcdef0", "fsmt-0123456789abcdef0", "fsap-0123456789abcdef0", "sg-0123456789abcdef0", "subnet-0123456789abcdef0", "a1.example.com",
         "arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-0123456789abcdef0",
         "10.0.0.11", "arn:aws:acm-pca:us-east-1:000000000000:certificate-authority/a1",
         "arn:aws:acm:us-east-1:000000000000:certificate/11111111-2222-3333-4444-555555555555",
         "-----BEGIN CERTIFICATE-----\nTUlJQg==\n-----END CERTIFICATE-----\n"]


class Probe:
    def __init__(self):
        self.process = subprocess.Popen([os.environ["WIRE_PROBE"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, **command):
        self.process.stdin.write(json.dumps(command).encode() + b"\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Generator:
    """Values for shapes, all members filled, always the same for the same operation and variant."""

    def __init__(self, seed, ec2=False):
        self.state, self.ec2 = zlib.crc32(seed.encode()), ec2

    def pick(self, n):
        self.state = (self.state * 1103515245 + 12345) % 2 ** 31
        return self.state // 65536 % n

    def value(self, shape, depth=0):
        kind = shape.type_name
        if kind == "structure":
            members = list(shape.members.items())
            if getattr(shape, "is_tagged_union", False):
                members = members[:1]
            return {n: self.value(m, depth + 1) for n, m in members
                    if (depth < 6 or n in shape.required_members) and not self.is_empty(m, depth)
                    and not m.serialization.get("eventstream") and not getattr(m, "is_eventstream", False)}
        if kind == "list":
            low = max(shape.metadata.get("min", 1), 1)
            return [self.value(shape.member, depth + 1) for _ in range(min(low + self.pick(2), shape.metadata.get("max", 99)))]
        if kind == "map":
            low = max(shape.metadata.get("min", 1), 1)
            return {self.text(shape.key) + (str(i) if i else ""): self.value(shape.value, depth + 1) for i in range(low)}
        if kind in ("string", "character"):
            return self.text(shape)
        if kind in ("integer", "long"):
            low = shape.metadata.get("min", 1)
            return min(low + self.pick(50), shape.metadata.get("max", 2 ** 31 - 1))
        if kind in ("float", "double"):
            return self.pick(100) + 0.5
        if kind == "boolean":
            return bool(self.pick(2))
        if kind == "timestamp" and "rfc822" in (shape.serialization.get("timestampFormat"),
                                                shape.serialization.get("location", "").replace("header", "rfc822")):
            return EPOCH + datetime.timedelta(seconds=1700000000 + self.pick(30000) * 4)
        if kind == "timestamp":
            return EPOCH + datetime.timedelta(milliseconds=1700000000000 + self.pick(30000) * 4001)
        assert kind == "blob", kind
        return b"bytes of %d" % self.pick(1000)

    def is_empty(self, shape, depth):
        """A structure that would have no members: form and XML cannot tell it from an absent one."""
        if shape.type_name == "list":
            return self.is_empty(shape.member, depth + 1)
        limit = 3 if getattr(shape, "is_tagged_union", False) else 5
        return shape.type_name == "structure" and (not shape.members or depth >= limit)

    def text(self, shape):
        if shape.name == "StackName":  # the service has a pattern that the model does not state
            return f"stack-{self.pick(1000)}"
        if getattr(shape, "enum", None):
            return shape.enum[self.pick(len(shape.enum))]
        low, high = shape.metadata.get("min", 0), shape.metadata.get("max", 10 ** 6)
        pattern = shape.metadata.get("pattern")
        texts = [TEXTS[0] if pattern else "text %d <&> é%%+ \U0001f600 \"x\"" % self.pick(1000)] + TEXTS
        for text in texts:
            text = text + "a1" * ((max(low, 1) - len(text) + 1) // 2) if len(text) < max(low, 1) else text
            text = text[:high]
            if len(text) >= low and (not pattern or matches(pattern, text)):
                return text
        raise AssertionError(f"no text for {shape.name}: {pattern} {low}..{high}")


def matches(pattern, text):
    pattern = re.sub(r"\\p\{L\}", "a-zA-Z", pattern)
    pattern = re.sub(r"\\p\{(Z|Zs)\}", " ", pattern)
    pattern = re.sub(r"\\p\{Nd?\}", "0-9", pattern)
    pattern = re.sub(r"\\p\{ASCII\}", r"\\x00-\\x7f", pattern)
    pattern = pattern.replace(r"\u10000-\u10FFFF", "")
    return re.fullmatch(pattern, text) is not None


def plain(value, shape, keep_empty=True):
    """As the document of our codecs: timestamps as milliseconds, blobs as text."""
    if isinstance(value, dict):
        if shape.type_name == "map":
            return {k: plain(v, shape.value) for k, v in value.items()}
        return {k: plain(v, shape.members[k]) for k, v in value.items() if k in shape.members}
    if isinstance(value, list):
        return [plain(v, shape.member) for v in value]
    if isinstance(value, datetime.datetime):
        return round((value - EPOCH).total_seconds() * 1000)
    return value.decode() if isinstance(value, bytes) else value


def is_rest(protocol):
    return protocol.startswith("rest")


def canonical_xml(text):
    return xml.etree.ElementTree.canonicalize(text)


class WireTest(unittest.TestCase):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        print("botocore", botocore.__version__)
        cls.probe = Probe()
        loader = botocore.loaders.Loader()
        cls.models = {}
        cls.operations = cls.probe.ask(do="operations")
        for service, _ in cls.operations:
            if service not in cls.models:
                cls.models[service] = botocore.model.ServiceModel(loader.load_service_model(service, "service-2"), service)

    @classmethod
    def tearDownClass(cls):
        cls.probe.close()

    def for_each_operation(self, check):
        for service, name in self.operations:
            model = self.models[service]
            operation = model.operation_model(name)
            protocol = getattr(model, "resolved_protocol", model.metadata["protocol"])
            with self.subTest(service=service, operation=name):
                check(service, name, protocol, operation)

    def serialized(self, protocol, operation, parameters):
        """What the probe's decode_request wants to know of botocore's request."""
        request = botocore.serialize.create_serializer(protocol, include_validation=False).serialize_to_request(
            parameters, operation)
        body = request["body"]
        if isinstance(body, dict):
            body = urllib.parse.urlencode(body)
        query = request["query_string"] or {}
        path = request["url_path"] + ("&" if "?" in request["url_path"] else "?") + urllib.parse.urlencode(query, doseq=True) \
            if query else request["url_path"]
        headers = dict(request["headers"])
        if is_rest(protocol):
            signing = operation.service_model.signing_name
            headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential=AKID/20261123/us-east-1/{signing}/aws4_request, x=y"
        return {"method": request["method"], "path": path, "headers": headers,
                "body": body.decode() if isinstance(body, bytes) else body}

    def generated(self, service, name, shape, variant):
        return {} if shape is None else Generator(f"{service}.{name}.{variant}", service == "ec2").value(shape)

    def test_the_server_reads_what_botocore_writes(self):
        def check(service, name, protocol, operation):
            for variant in range(3):
                parameters = self.generated(service, name, operation.input_shape, variant)
                request = self.serialized(protocol, operation, parameters)
                answer = self.probe.ask(do="decode_request", **request)
                self.assertNotIn("error", answer)
                self.assertEqual((answer["service"], answer["operation"]), (service, name))
                if operation.input_shape is not None:
                    self.assertEqual(answer["input"], plain(parameters, operation.input_shape))
        self.for_each_operation(check)

    def test_the_client_writes_what_botocore_writes(self):
        def check(service, name, protocol, operation):
            parameters = self.generated(service, name, operation.input_shape, 0)
            theirs = self.serialized(protocol, operation, parameters)
            body, headers = theirs["body"], theirs["headers"]
            document = plain(parameters, operation.input_shape) if operation.input_shape is not None else {}
            ours = self.probe.ask(do="encode_request", service=service, operation=name, input=document)
            if is_rest(protocol):
                self.check_rest_request(ours, theirs)
                return
            self.assertEqual(ours["headers"]["Content-Type"], headers["Content-Type"])
            if protocol == "json":
                self.assertEqual(ours["headers"]["X-Amz-Target"], headers["X-Amz-Target"])
                self.assertEqual(self.rounded(json.loads(ours["body"])), self.rounded(json.loads(body)))
            else:
                self.assertEqual(self.form(ours["body"]), self.form(body))
        self.for_each_operation(check)

    def check_rest_request(self, ours, theirs):
        self.assertEqual(ours["method"], theirs["method"])
        (path, _, query), (their_path, _, their_query) = ours["path"].partition("?"), theirs["path"].partition("?")
        self.assertEqual(path, their_path)
        self.assertEqual(sorted(urllib.parse.parse_qsl(query, keep_blank_values=True)),
                         sorted(urllib.parse.parse_qsl(their_query, keep_blank_values=True)))
        for name, value in theirs["headers"].items():
            if name not in ("Authorization", "x-amz-sdk-checksum-algorithm"):
                self.assertEqual(ours["headers"].get(name, "").replace(".000Z", "Z"), value, name)
        if "xml" in ours["headers"].get("Content-Type", ""):
            self.assertEqual(canonical_xml(ours["body"]), canonical_xml(theirs["body"]))
        elif "json" in ours["headers"].get("Content-Type", ""):
            self.assertEqual(self.rounded(json.loads(ours["body"])), self.rounded(json.loads(theirs["body"])))
        else:
            self.assertEqual(ours["body"], theirs["body"])

    def rounded(self, value):
        """botocore writes timestamps of JSON protocols without their milliseconds."""
        if isinstance(value, dict):
            return {k: self.rounded(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.rounded(v) for v in value]
        return int(value) if isinstance(value, float) and value > 10 ** 9 else value

    def form(self, body):
        pairs = dict(urllib.parse.parse_qsl(body, keep_blank_values=True, strict_parsing=True))
        for key, value in pairs.items():
            if re.fullmatch(r"\d{4}-\d\d-\d\dT.*Z", value):
                pairs[key] = value[:19]
        return pairs

    def test_botocore_reads_what_the_server_writes(self):
        def check(service, name, protocol, operation):
            for variant in range(3):
                output = self.generated(service, name, operation.output_shape, variant)
                document = plain(output, operation.output_shape) if operation.output_shape is not None else {}
                message = self.probe.ask(do="encode_response", service=service, operation=name, output=document,
                                         request_id="req-1")
                parser = botocore.parsers.create_parser(protocol)
                parsed = parser.parse({"status_code": message["status"],
                                       "headers": botocore.awsrequest.HeadersDict(message["headers"]),
                     "body": message["body"].encode()},
                                      operation.output_shape)
                metadata = parsed.pop("ResponseMetadata")
                self.assertEqual(metadata["RequestId"], "req-1")
                self.assertEqual(parsed if operation.output_shape is None else plain(parsed, operation.output_shape),
                                 document)
                back = self.probe.ask(do="decode_response", service=service, operation=name, path="/", status=200,
                                      headers=message["headers"], body=message["body"])
                self.assertEqual(back, {"output": document})
        self.for_each_operation(check)

    def test_botocore_reads_our_errors(self):
        def check(service, name, protocol, operation):
            codes = [shape.error_code for shape in operation.error_shapes] or ["ValidationError"]
            message = self.probe.ask(do="encode_error", service=service, operation=name, code=codes[0],
                                     message="what <went> wrong é", request_id="req-2")
            parsed = botocore.parsers.create_parser(protocol).parse(
                {"status_code": message["status"], "headers": botocore.awsrequest.HeadersDict(message["headers"]),
                     "body": message["body"].encode()}, None)
            self.assertEqual(parsed["Error"]["Code"], codes[0])
            self.assertEqual(parsed["Error"]["Message"], "what <went> wrong é")
            self.assertEqual(parsed["ResponseMetadata"]["RequestId"], "req-2")
            if operation.error_shapes:
                self.assertEqual(message["status"], operation.error_shapes[0].metadata["error"].get("httpStatusCode", 400)
                                 if "error" in operation.error_shapes[0].metadata else 400)
        self.for_each_operation(check)

    def test_missing_required_members_are_refused(self):
        def check(service, name, protocol, operation):
            for member in operation.input_shape.required_members if operation.input_shape else []:
                parameters = self.generated(service, name, operation.input_shape, 0)
                del parameters[member]
                if operation.input_shape.members[member].serialization.get("location") == "uri":
                    continue  # botocore cannot write such a request
                answer = self.probe.ask(do="decode_request", **self.serialized(protocol, operation, parameters))
                self.assertIn("error", answer, member)
        self.for_each_operation(check)

    def test_signatures_agree(self):
        cases = 0
        for s3 in (False, True):
            for path in ("/", "/a/b", "/a%20b", "/a//b/./c/../d/", "/a%2Fb:c", "/~user/é".encode().decode("latin-1")):
                path = urllib.parse.quote(path, safe="/%:~")
                for query in ("", "b=2&a=1", "a=2&a=1&a=", "uploads", "k=a%20b%2Bc&%C3%A9=1"):
                    if "%C3" in query and s3 or "uploads" in query:
                        continue
                    for token in ("", "token/+="):
                        self.check_signature(s3, path, query, token)
                        cases += 1
        self.assertGreater(cases, 40)

    def check_signature(self, s3, path, query, token):
        url = "https://example.us-east-1.amazonaws.com" + path + ("?" + query if query else "")
        body = "" if s3 and query else "{\"a\": \"é\"}"
        headers = [("Content-Type", "application/x-amz-json-1.1"), ("X-Amz-Target", "A.B"), ("My-Header", "  a   b  c ")]
        credentials = botocore.credentials.Credentials("AKID", "secret", token or None)
        request = botocore.awsrequest.AWSRequest("POST", url, dict(headers), body.encode())
        signer = (botocore.auth.S3SigV4Auth if s3 else botocore.auth.SigV4Auth)(credentials, "ecs", "us-east-1")
        now = datetime.datetime(2026, 11, 23, 1, 2, 3, tzinfo=datetime.timezone.utc)
        with fixed_time(now):
            signer.add_auth(request)
        ours = self.probe.ask(do="sign", method="POST", url=url, headers=headers, body=body, key="AKID", secret="secret",
                              token=token, region="us-east-1", service="ecs", date="2026-11-23T01:02:03Z", s3=s3)
        with self.subTest(url=url, s3=s3, token=token):
            self.assertEqual(ours["authorization"], request.headers["Authorization"])

    def test_endpoints_agree(self):
        session = botocore.session.get_session()
        resolver = session.get_component("endpoint_resolver")
        loader = session.get_component("data_loader")
        import botocore.endpoint_provider as provider
        partitions = loader.load_data("partitions")
        wrong = []
        for service in self.models:
            rules = loader.load_service_model(service, "endpoint-rule-set-1")
            ruleset = provider.EndpointProvider(rules, partitions)
            for region in ("us-east-1", "eu-west-1", "ap-southeast-7", "cn-north-1", "cn-northwest-1", "us-gov-west-1",
                           "eusc-de-east-1", "us-iso-east-1", "us-isob-east-1"):
                for fips in (False, True):
                    for dual in (False, True):
                        try:
                            theirs = ruleset.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dual)
                        except Exception:
                            continue
                        ours = self.probe.ask(do="endpoint", service=service, region=region, fips=fips, dual_stack=dual)
                        auth = (theirs.properties.get("authSchemes") or [{}])[0]
                        expected = (theirs.url, auth.get("signingRegion", ours["signing_region"]))
                        if (ours["url"], ours["signing_region"]) != expected:
                            wrong.append(f"{service} {region} fips={fips} dual={dual}: {ours['url']} {ours['signing_region']}, "
                                         f"botocore {expected}")
        self.assertEqual(wrong, [])


class fixed_time:
    """Makes botocore sign at a given instant, whichever of its clocks this version asks."""

    def __init__(self, now):
        self.now = now

    def __enter__(self):
        now = self.now

        class Frozen(datetime.datetime):
            @classmethod
            def utcnow(cls):
                return now.replace(tzinfo=None)

            @classmethod
            def now(cls, tz=None):
                return now if tz else now.replace(tzinfo=None)

        class Module:
            datetime = Frozen

        self.saved = {}
        for name, value in (("datetime", Module if isinstance(botocore.auth.datetime, type(datetime)) else Frozen),
                            ("get_current_datetime", lambda remove_tzinfo=True: now.replace(tzinfo=None) if remove_tzinfo else now)):
            if hasattr(botocore.auth, name):
                self.saved[name] = getattr(botocore.auth, name)
                setattr(botocore.auth, name, value)

    def __exit__(self, *_):
        for name, value in self.saved.items():
            setattr(botocore.auth, name, value)


if __name__ == "__main__":
    unittest.main()
