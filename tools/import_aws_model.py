"""Writes src/awsapi/model/<service>.api from the service models of an installed botocore.

Run by hand when an operation is added (OPERATIONS below) or AWS changes a shape; the build reads only the .api files.
Format, one service a file:

    service <name> <protocol> <api version> target=<json target prefix> endpoint=<prefix> signing=<name> xmlns=<uri>
    operation <Name> <InputStruct|-> <OutputStruct|-> [wrapper=<result element>] [page=<in>,<out>,<result key>]
        [http=<method>:<path>] [status=<n>] [root=<answer's element>] [checksum]                  (REST protocols)
    error <Name> <http status> [code=<wire code>]
    struct <Name>
      <member> <type> [required] [sensitive] [token] [min=N] [max=N] [emin=N] [emax=N] [wire=<response name>]
          [query=<request name>] [in=path|query|header|header_prefix|payload] [flat] [http_date]
          [enum=a|b] [pattern=...]                                                          (all on one line)

Types: string integer long double boolean timestamp blob, [T] list, {T} map from string, or a struct name.
`pattern=` runs to the end of the line. Of a list or map of strings, emin, emax, enum and pattern speak of each element.
"""
import pathlib
import sys

import botocore.loaders

OPERATIONS = {
    "cloudformation": """CreateStack UpdateStack DeleteStack CreateChangeSet DescribeChangeSet ExecuteChangeSet
        DeleteChangeSet ListChangeSets DescribeStacks ListStacks DescribeStackEvents DescribeStackResource
        DescribeStackResources ListStackResources GetTemplate GetTemplateSummary ValidateTemplate CancelUpdateStack
        ContinueUpdateRollback ListExports ListImports UpdateTerminationProtection""",
    "ecs": """CreateCluster DeleteCluster ListClusters DescribeClusters CreateService ListServices DescribeServices
        UpdateService DeleteService ListTasks DescribeTasks RunTask StopTask DescribeTaskDefinition
        RegisterTaskDefinition DeregisterTaskDefinition ListTaskDefinitions ListTaskDefinitionFamilies
        ListAccountSettings PutAccountSetting PutAccountSettingDefault ListTagsForResource TagResource UntagResource
        DescribeCapacityProviders ListServiceDeployments DescribeServiceDeployments""",
    "logs": """CreateLogGroup DeleteLogGroup DescribeLogGroups CreateLogStream DeleteLogStream DescribeLogStreams
        PutLogEvents FilterLogEvents GetLogEvents PutRetentionPolicy DeleteRetentionPolicy ListTagsForResource""",
    "secretsmanager": """CreateSecret DescribeSecret ListSecrets DeleteSecret RestoreSecret PutSecretValue
        UpdateSecret GetSecretValue TagResource UntagResource ListSecretVersionIds""",
    "ssm": "GetParameter GetParameters PutParameter DeleteParameter DescribeParameters",
    "ec2": """DescribeVpcs DescribeSubnets DescribeRouteTables DescribeSecurityGroups DescribeSecurityGroupRules
        DescribeAvailabilityZones DescribeNetworkInterfaces DescribeInternetGateways DescribeVpcAttribute
        DescribeRegions CreateSecurityGroup DeleteSecurityGroup AuthorizeSecurityGroupIngress
        RevokeSecurityGroupIngress DescribeNatGateways DescribeVpcEndpoints""",
    "elbv2": """CreateLoadBalancer DeleteLoadBalancer DescribeLoadBalancers CreateTargetGroup DeleteTargetGroup
        DescribeTargetGroups CreateListener DeleteListener DescribeListeners DescribeRules DescribeTargetHealth
        RegisterTargets DeregisterTargets DescribeTags DescribeLoadBalancerAttributes DescribeTargetGroupAttributes
        ModifyTargetGroupAttributes ModifyLoadBalancerAttributes ModifyTargetGroup ModifyListener CreateRule
        DeleteRule ModifyRule SetRulePriorities AddTags RemoveTags SetSecurityGroups SetSubnets
        DescribeListenerAttributes ModifyListenerAttributes DescribeAccountLimits DescribeSSLPolicies
        AddListenerCertificates RemoveListenerCertificates DescribeListenerCertificates""",
    "servicediscovery": """CreatePrivateDnsNamespace DeleteNamespace CreateService DeleteService ListNamespaces
        GetNamespace ListServices GetService ListInstances DiscoverInstances GetOperation ListTagsForResource""",
    "s3": """ListBuckets CreateBucket HeadBucket DeleteBucket PutBucketTagging GetBucketTagging
        PutPublicAccessBlock GetPublicAccessBlock PutBucketEncryption GetBucketEncryption PutBucketPolicy
        GetBucketPolicy PutObject GetObject HeadObject DeleteObject DeleteObjects ListObjectsV2""",
    "efs": """CreateFileSystem DeleteFileSystem DescribeFileSystems UpdateFileSystem CreateAccessPoint DeleteAccessPoint
        DescribeAccessPoints CreateMountTarget DeleteMountTarget DescribeMountTargets DescribeMountTargetSecurityGroups
        ModifyMountTargetSecurityGroups PutLifecycleConfiguration DescribeLifecycleConfiguration PutBackupPolicy
        DescribeBackupPolicy PutFileSystemPolicy DescribeFileSystemPolicy TagResource UntagResource
        ListTagsForResource""",
    "iam": "GetRole ListRoles ListRolePolicies GetRolePolicy ListAttachedRolePolicies",
    "acm": """RequestCertificate DescribeCertificate ListCertificates DeleteCertificate GetCertificate
        AddTagsToCertificate RemoveTagsFromCertificate ListTagsForCertificate""",
    "sts": "GetCallerIdentity AssumeRole AssumeRoleWithWebIdentity",
}
# What we speak, best first; some services list newer ones beside.
PROTOCOLS = ["json", "query", "ec2", "rest-xml", "rest-json"]
PLACES = {"uri": "path", "querystring": "query", "header": "header", "headers": "header_prefix"}
# Elements of answers that the models do not name.
ROOTS = {("s3", "ListBuckets"): "ListAllMyBucketsResult", ("s3", "ListObjectsV2"): "ListBucketResult",
         ("s3", "DeleteObjects"): "DeleteResult", ("s3", "GetBucketTagging"): "Tagging"}
NAMESPACES = {"ec2": "http://ec2.amazonaws.com/doc/{}/", "s3": "http://s3.amazonaws.com/doc/{}/"}
# Statuses that the models do not state, by error.
STATUSES = {"NoSuchBucket": 404, "NoSuchKey": 404, "BucketAlreadyExists": 409, "BucketAlreadyOwnedByYou": 409,
            "InvalidObjectState": 403}
# Limits that the services enforce and the models do not state.
LIMITS = {("cloudformation", "TemplateBody"): {"max": 51200},
          ("cloudformation", "StackName"): {"pattern": "[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"}}
SCALARS = {"string": "string", "character": "string", "integer": "integer", "long": "long", "float": "double",
           "double": "double", "boolean": "boolean", "timestamp": "timestamp", "blob": "blob"}


class Service:
    def __init__(self, name, model, paginators):
        self.name, self.model, self.shapes = name, model, model["shapes"]
        self.pages = paginators.get("pagination", {})
        self.structs = {}
        meta = model["metadata"]
        self.protocol = next(p for p in PROTOCOLS if p in meta.get("protocols", [meta["protocol"]]))

    def type_of(self, shape_name):
        shape = self.shapes[shape_name]
        kind = shape["type"]
        if kind == "structure":
            self.add_struct(shape_name)
            return shape_name
        if kind == "list":
            return "[" + self.type_of(shape["member"]["shape"]) + "]"
        if kind == "map":
            return "{" + self.type_of(shape["value"]["shape"]) + "}"
        return SCALARS[kind]

    def add_struct(self, name):
        if name in self.structs:
            return
        self.structs[name] = None
        shape = self.shapes[name]
        lines = [self.member_line(shape, m, r) for m, r in shape.get("members", {}).items()
                 if not self.shapes[r["shape"]].get("eventstream")]
        self.structs[name] = lines

    def member_line(self, struct, member, ref):
        shape = self.shapes[ref["shape"]]
        words = [member, self.type_of(ref["shape"])]
        if member in struct.get("required", []):
            words.append("required")
        if shape.get("sensitive"):
            words.append("sensitive")
        place = "payload" if struct.get("payload") == member else PLACES.get(ref.get("location"))
        if place:
            words.append("in=" + place)
        if shape.get("flattened"):
            words.append("flat")
        if shape["type"] == "timestamp" and self.protocol.startswith("rest") and \
                shape.get("timestampFormat", "rfc822" if place == "header" else "") == "rfc822":
            words.append("http_date")
        if ref.get("idempotencyToken"):
            words.append("token")
        each = shape.get("member") or shape.get("value")
        each = self.shapes[each["shape"]] if each else {}
        if each.get("type") != "string":
            each = {}
        limits = {**shape, **LIMITS.get((self.name, ref["shape"]), {})}
        for bound in ("min", "max"):
            if bound in limits:
                words.append(f"{bound}={int(limits[bound])}")
            if bound in each:
                words.append(f"e{bound}={each[bound]}")
        if ref.get("locationName", member) != member:
            words.append("wire=" + ref["locationName"])
        element = shape.get("member", {})
        if shape["type"] == "list" and element.get("locationName"):
            words.append("item=" + element["locationName"])
        if "queryName" in ref:
            words.append("query=" + ref["queryName"])
        enum = shape.get("enum") or each.get("enum")
        if enum:
            words.append("enum=" + "|".join(enum))
        pattern = limits.get("pattern") or each.get("pattern")
        if pattern and self.name != "ec2":
            words.append("pattern=" + pattern.replace("\n", " "))
        return "  " + " ".join(words)

    def operation_line(self, name):
        operation = self.model["operations"][name]
        ends = []
        for end in ("input", "output"):
            if end in operation:
                self.add_struct(operation[end]["shape"])
            ends.append(operation.get(end, {}).get("shape", "-"))
        words = ["operation", name, *ends]
        wrapper = operation.get("output", {}).get("resultWrapper")
        if wrapper:
            words.append("wrapper=" + wrapper)
        http = operation["http"]
        if self.protocol.startswith("rest"):
            words.append(f"http={http['method']}:{http['requestUri']}")
            if http.get("responseCode", 200) != 200:
                words.append(f"status={http['responseCode']}")
            if (self.name, name) in ROOTS:
                words.append("root=" + ROOTS[self.name, name])
            if operation.get("httpChecksum", {}).get("requestChecksumRequired"):
                words.append("checksum")
        page = self.pages.get(name)
        if page and isinstance(page["output_token"], str) and " " not in page["output_token"]:
            key = page["result_key"] if isinstance(page["result_key"], str) else page["result_key"][0]
            words.append(f"page={page['input_token']},{page['output_token']},{key}")
        return " ".join(words)

    def error_lines(self, operations):
        names = sorted({e["shape"] for o in operations for e in self.model["operations"][o].get("errors", [])})
        for name in names:
            error = self.shapes[name].get("error", {})
            words = ["error", name, str(error.get("httpStatusCode", STATUSES.get(name, 400)))]
            if error.get("code", name) != name:
                words.append("code=" + error["code"])
            yield " ".join(words)

    def render(self, operations):
        meta = self.model["metadata"]
        head = ["service", self.name, self.protocol, meta["apiVersion"], "target=" + meta.get("targetPrefix", "-"),
                "endpoint=" + meta["endpointPrefix"], "signing=" + meta.get("signingName", meta["endpointPrefix"]),
                "xmlns=" + meta.get("xmlNamespace", NAMESPACES.get(self.name, "-").format(meta["apiVersion"]))]
        lines = [" ".join(head)]
        lines += [self.operation_line(name) for name in operations]
        lines += self.error_lines(operations)
        for name in sorted(self.structs):
            lines += ["struct " + name, *self.structs[name]]
        return "\n".join(lines) + "\n"


def main():
    out = pathlib.Path(sys.argv[1])
    loader = botocore.loaders.Loader()
    for name, operations in OPERATIONS.items():
        paginators = loader.load_service_model(name, "paginators-1")
        service = Service(name, loader.load_service_model(name, "service-2"), paginators)
        (out / f"{name}.api").write_text(service.render(operations.split()))


main()
