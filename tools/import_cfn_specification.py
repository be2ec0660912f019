"""Writes src/cloudformation/model/<service>.cfn: what CloudFormation's resource types accept, from the registry schemas
(published by AWS) that an installed cfn-lint carries.

Run by hand when a type is added (TYPES below) or AWS changes one; the build reads only the .cfn files. Format:

    resource <type> [attributes=A,B.C]        then its properties, then the types that they use
    type <Name>
      <property> <type> [required] [replace|maybe] [min=N] [max=N] [emin=N] [emax=N] [enum=a|b] [pattern=...]  (one line)
      xor A B                                 exactly one of them
      or A B                                  at least one of them

Types: string integer number boolean json, [T] list, {T} map from string, or the name of a `type`. `replace`: a change
replaces the resource, `maybe`: it may. Of a list of scalars emin, emax, enum and pattern speak of each element; `pattern=`
runs to the end of the line.
"""
import pathlib
import sys

from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

REGION = "us-east-1"
TYPES = """
AWS::ApplicationAutoScaling::ScalableTarget AWS::ApplicationAutoScaling::ScalingPolicy
AWS::AutoScaling::AutoScalingGroup AWS::AutoScaling::LaunchConfiguration
AWS::CertificateManager::Certificate
AWS::CloudFormation::Stack AWS::CloudFormation::WaitCondition AWS::CloudFormation::WaitConditionHandle
AWS::CloudWatch::Alarm AWS::CloudWatch::CompositeAlarm
AWS::EC2::EIP AWS::EC2::InternetGateway AWS::EC2::LaunchTemplate AWS::EC2::NatGateway AWS::EC2::Route AWS::EC2::RouteTable
AWS::EC2::SecurityGroup AWS::EC2::SecurityGroupEgress AWS::EC2::SecurityGroupIngress AWS::EC2::Subnet
AWS::EC2::SubnetRouteTableAssociation AWS::EC2::VPC AWS::EC2::VPCEndpoint AWS::EC2::VPCGatewayAttachment
AWS::ECR::Repository
AWS::ECS::CapacityProvider AWS::ECS::Cluster AWS::ECS::ClusterCapacityProviderAssociations AWS::ECS::Daemon
AWS::ECS::DaemonTaskDefinition AWS::ECS::ExpressGatewayService AWS::ECS::Service AWS::ECS::TaskDefinition
AWS::EFS::AccessPoint AWS::EFS::FileSystem AWS::EFS::MountTarget
AWS::ElasticLoadBalancingV2::Listener AWS::ElasticLoadBalancingV2::ListenerCertificate
AWS::ElasticLoadBalancingV2::ListenerRule AWS::ElasticLoadBalancingV2::LoadBalancer
AWS::ElasticLoadBalancingV2::TargetGroup AWS::ElasticLoadBalancingV2::TrustStore
AWS::Events::Rule
AWS::IAM::InstanceProfile AWS::IAM::ManagedPolicy AWS::IAM::Policy AWS::IAM::Role AWS::IAM::RolePolicy
AWS::KMS::Alias AWS::KMS::Key
AWS::Lambda::Function AWS::Lambda::Permission
AWS::Logs::LogGroup AWS::Logs::MetricFilter AWS::Logs::SubscriptionFilter
AWS::Route53::HostedZone AWS::Route53::RecordSet
AWS::S3::Bucket AWS::S3::BucketPolicy
AWS::S3Files::AccessPoint AWS::S3Files::FileSystem AWS::S3Files::MountTarget
AWS::SNS::Topic
AWS::SSM::Parameter
AWS::Scheduler::Schedule AWS::Scheduler::ScheduleGroup
AWS::SecretsManager::ResourcePolicy AWS::SecretsManager::RotationSchedule AWS::SecretsManager::Secret
AWS::ServiceDiscovery::HttpNamespace AWS::ServiceDiscovery::PrivateDnsNamespace AWS::ServiceDiscovery::Service
AWS::WAFv2::WebACLAssociation
""".split()
SCALARS = {"string": "string", "integer": "integer", "number": "number", "boolean": "boolean", "object": "json"}


class Resource:
    def __init__(self, type_):
        self.type = type_
        self.schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, type_)
        self.json = self.schema.schema
        self.definitions = self.json.get("definitions", {})
        self.structs = {}
        paths = lambda key: {p.removeprefix("/properties/") for p in self.json.get(key, [])}
        self.replace, self.maybe = paths("createOnlyProperties"), paths("conditionalCreateOnlyProperties")
        self.read_only = paths("readOnlyProperties")

    def resolved(self, schema):
        """A property's schema with its reference followed, and the definition's name."""
        name = None
        while "$ref" in schema:
            name = schema["$ref"].split("/")[-1]
            target = self.json["properties"] if "/properties/" in schema["$ref"] else self.definitions
            schema = {**target.get(name, {}), **{k: v for k, v in schema.items() if k != "$ref"}}
        return schema, name

    def type_of(self, schema, hint):
        schema, name = self.resolved(schema)
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = "json" if set(kind) & {"object", "array"} else "string"
        if kind is None and schema.get("properties"):
            kind = "object"
        if kind == "array":
            return "[" + self.type_of(schema.get("items", {}), hint) + "]"
        if kind == "object":
            if schema.get("properties"):
                self.add_struct(name or hint, schema)
                return name or hint
            values = list(schema.get("patternProperties", {}).values())
            if values and isinstance(values[0], dict):
                return "{" + self.type_of(values[0], hint) + "}"
            return "json"
        return SCALARS.get(kind, "json")

    def add_struct(self, name, schema):
        if name not in self.structs:
            self.structs[name] = None
            self.structs[name] = self.lines(schema, "")

    def lines(self, schema, owner):
        out = []
        for name, body in sorted(schema.get("properties", {}).items()):
            if not owner or name not in self.read_only:
                out.append(self.line(name, body, schema, owner))
        for words in ("Xor", "Or"):
            names = schema.get("required" + words)
            if names and all(isinstance(n, str) for n in names):
                out.append(f"  {words.lower()} " + " ".join(names))
        return out

    def line(self, name, body, parent, owner):
        schema, _ = self.resolved(body)
        words = [name, self.type_of(body, owner.split(":")[-1] + name)]
        if name in parent.get("required", []):
            words.append("required")
        if owner and name in self.replace:
            words.append("replace")
        elif owner and name in self.maybe:
            words.append("maybe")
        each = self.resolved(schema["items"])[0] if isinstance(schema.get("items"), dict) else {}
        is_text = lambda s: s.get("type") == "string" or isinstance(s.get("type"), list)
        words += self.bounds(schema, "")
        words += self.bounds(each, "e") if each.get("type") in ("string", "integer", "number") else []
        enum = schema.get("enum") or each.get("enum")
        if enum and all(" " not in str(e) for e in enum):
            words.append("enum=" + "|".join(str(e) for e in enum))
        pattern = schema.get("pattern") if is_text(schema) else each.get("pattern") if is_text(each) else None
        if pattern and not (schema.get("format") or each.get("format")):
            words.append("pattern=" + pattern.replace("\n", " "))
        return "  " + " ".join(words)

    @staticmethod
    def bounds(schema, prefix):
        out = []
        for word, keys in (("min", ("minLength", "minItems", "minimum")), ("max", ("maxLength", "maxItems", "maximum"))):
            for key in keys:
                if isinstance(schema.get(key), int):
                    out.append(f"{prefix}{word}={schema[key]}")
                    break
        return out

    def render(self):
        properties = self.lines(self.json, self.type)
        attributes = sorted(a.replace("/properties/", "").replace("/", ".") for a in self.schema.get_atts()
                            ) if callable(getattr(self.schema, "get_atts", None)) else \
            sorted(p.replace("/", ".") for p in self.read_only)
        head = f"resource {self.type}" + (" attributes=" + ",".join(attributes) if attributes else "")
        lines = [head, *properties]
        for name in sorted(self.structs):
            lines += [f"type {name}", *self.structs[name]]
        return "\n".join(lines) + "\n"


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(exist_ok=True)
    files = {}
    for type_ in TYPES:
        files.setdefault(type_.split("::")[1].lower(), []).append(Resource(type_).render())
    for service, texts in files.items():
        (out / f"{service}.cfn").write_text("".join(texts))


main()
