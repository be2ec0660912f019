#include "cloudformation/check.hpp"

#include <string>

#include <doctest/doctest.h>

#include "cloudformation/parse.hpp"
#include "cloudformation/specification.hpp"
#include "doc/json_reader.hpp"
#include "util/strings.hpp"

namespace {

// A sound stack, on which each case below breaks one thing. Single quotes stand for double ones.
constexpr std::string_view kSound =
    R"({'Conditions': {'Slow': {'Fn::Equals': ['a', 'b']}}, 'Resources': {
  'Cluster': {'Type': 'AWS::ECS::Cluster'},
  'Providers': {'Type': 'AWS::ECS::ClusterCapacityProviderAssociations', 'Properties': {
    'Cluster': {'Ref': 'Cluster'}, 'CapacityProviders': ['FARGATE', 'FARGATE_SPOT'],
    'DefaultCapacityProviderStrategy': []}},
  'Role': {'Type': 'AWS::IAM::Role', 'Properties': {'AssumeRolePolicyDocument': {'Version': '2012-10-17'}}},
  'Policy': {'Type': 'AWS::IAM::Policy', 'Properties': {
    'PolicyName': 'p', 'PolicyDocument': {'Version': '2012-10-17'}, 'Roles': [{'Ref': 'Role'}]}},
  'Files': {'Type': 'AWS::EFS::FileSystem', 'Properties': {'Encrypted': true}},
  'Mount': {'Type': 'AWS::EFS::MountTarget', 'Properties': {
    'FileSystemId': {'Ref': 'Files'}, 'SubnetId': 'subnet-00000001', 'SecurityGroups': ['sg-00000001']}},
  'Mount2': {'Type': 'AWS::EFS::MountTarget', 'Properties': {
    'FileSystemId': {'Ref': 'Files'}, 'SubnetId': 'subnet-00000002', 'SecurityGroups': ['sg-00000001']}},
  'Balancer': {'Type': 'AWS::ElasticLoadBalancingV2::LoadBalancer', 'Properties': {
    'Type': 'application', 'Subnets': ['subnet-00000001', 'subnet-00000002']}},
  'Group': {'Type': 'AWS::ElasticLoadBalancingV2::TargetGroup', 'Properties': {
    'Port': 80, 'Protocol': 'HTTP', 'TargetType': 'ip', 'VpcId': 'vpc-1'}},
  'Listener': {'Type': 'AWS::ElasticLoadBalancingV2::Listener', 'Properties': {
    'LoadBalancerArn': {'Ref': 'Balancer'}, 'Port': 80, 'Protocol': 'HTTP',
    'DefaultActions': [{'Type': 'forward', 'TargetGroupArn': {'Ref': 'Group'}}]}},
  'Other': {'Type': 'AWS::ElasticLoadBalancingV2::Listener', 'Properties': {
    'LoadBalancerArn': {'Ref': 'Balancer'}, 'Port': 81, 'Protocol': 'HTTP',
    'DefaultActions': [{'Type': 'fixed-response', 'FixedResponseConfig': {'StatusCode': '404'}}]}},
  'RuleA': {'Type': 'AWS::ElasticLoadBalancingV2::ListenerRule', 'Properties': {
    'ListenerArn': {'Ref': 'Listener'}, 'Priority': 1,
    'Conditions': [{'Field': 'path-pattern', 'PathPatternConfig': {'Values': ['/a']}}],
    'Actions': [{'Type': 'forward', 'TargetGroupArn': {'Ref': 'Group'}}]}},
  'RuleB': {'Type': 'AWS::ElasticLoadBalancingV2::ListenerRule', 'Properties': {
    'ListenerArn': {'Ref': 'Listener'}, 'Priority': 2,
    'Conditions': [{'Field': 'path-pattern', 'PathPatternConfig': {'Values': ['/b']}}],
    'Actions': [{'Type': 'forward', 'TargetGroupArn': {'Ref': 'Group'}}]}},
  'Task': {'Type': 'AWS::ECS::TaskDefinition', 'Properties': {
    'RequiresCompatibilities': ['FARGATE'], 'NetworkMode': 'awsvpc', 'Cpu': '256', 'Memory': '512',
    'TaskRoleArn': {'Ref': 'Role'},
    'Volumes': [{'Name': 'data', 'EFSVolumeConfiguration': {'FilesystemId': {'Ref': 'Files'},
      'TransitEncryption': 'ENABLED', 'AuthorizationConfig': {'AccessPointId': 'fsap-1'}}}],
    'ContainerDefinitions': [
      {'Name': 'init', 'Image': 'i', 'Essential': false, 'Memory': 100},
      {'Name': 'web', 'Image': 'w', 'PortMappings': [{'ContainerPort': 80, 'Name': 'http'}],
       'DependsOn': [{'ContainerName': 'init', 'Condition': 'SUCCESS'}],
       'MountPoints': [{'SourceVolume': 'data', 'ContainerPath': '/data'}],
       'LogConfiguration': {'LogDriver': 'awslogs'}}]}},
  'Web': {'Type': 'AWS::ECS::Service', 'DependsOn': ['Listener', 'Mount', 'Mount2', 'Policy', 'Providers'],
    'Properties': {'Cluster': {'Ref': 'Cluster'}, 'TaskDefinition': {'Ref': 'Task'},
    'CapacityProviderStrategy': [{'CapacityProvider': 'FARGATE', 'Weight': 1}],
    'DeploymentConfiguration': {'Strategy': 'ROLLING'},
    'NetworkConfiguration': {'AwsvpcConfiguration': {'Subnets': ['subnet-00000001'], 'SecurityGroups': ['sg-00000001']}},
    'LoadBalancers': [{'ContainerName': 'web', 'ContainerPort': 80, 'TargetGroupArn': {'Ref': 'Group'}}],
    'ServiceConnectConfiguration': {'Enabled': true, 'Services': [
      {'PortName': 'http', 'ClientAliases': [{'Port': 80, 'DnsName': 'web'}]}]}}}
}})";

// The findings about that template with `from` replaced by `to`, one a line, with their help.
std::string findings(std::string_view from, std::string_view to) {
  const std::string text = from.empty() ? std::string(kSound) : util::replace_all(kSound, from, to);
  REQUIRE_MESSAGE((from.empty() || text != kSound), from);
  const auto document = doc::read_json(util::replace_all(text, "'", "\""));
  REQUIRE_MESSAGE(document, to);
  const auto t = cloudformation::parse(*document);
  REQUIRE_MESSAGE(t, (t ? "" : t.error().message));
  std::string out;
  for (const cloudformation::Finding& finding : cloudformation::check(*t)) {
    out += finding.text() + (finding.help.empty() ? "" : " (" + finding.help + ")") + "\n";
  }
  return out;
}

struct Case {
  std::string_view from;
  std::string_view to;
  std::string_view finding;
};

}  // namespace

TEST_CASE("a sound template has no findings") {
  CHECK(findings("", "") == "");
}

TEST_CASE("what the schema of a resource type does not allow is found") {
  const Case cases[] = {
      {"'TargetType': 'ip'",
       "'TargetTyp': 'ip'",
       "Group.Properties.TargetTyp: AWS::ElasticLoadBalancingV2::TargetGroup has no property of "
       "this name here (did you mean `TargetType`?)"},
      {"'Image': 'w'", "'Imag': 'w'", "Properties.ContainerDefinitions[1]: `Image` is missing"},
      {"'Weight': 1", "'Weight': 'many'", "CapacityProviderStrategy[0].Weight: must be an integer"},
      {"'Weight': 1", "'Weight': 5000", "Weight: 5000: the most is 1000"},
      {"'Encrypted': true", "'Encrypted': 'maybe'", "Encrypted: must be true or false"},
      {"'Subnets': ['subnet-00000001', 'subnet-00000002']", "'Subnets': 'subnet-00000001'", "Subnets: must be a list"},
      {"'Strategy': 'ROLLING'",
       "'Strategy': 'ROLING'",
       "`ROLING` is not one of ROLLING, BLUE_GREEN, LINEAR, CANARY (did you mean `ROLLING`?)"},
      {"'Strategy': 'ROLLING'",
       "'Strategy': {'Fn::If': ['Slow', 'ROLLING', 'SLOW']}",
       "`SLOW` is not one of"},
      {"'VpcId': 'vpc-1'", "'Name': 'a-very-long-name-of-a-target-group'", "more than 32 characters"},
      {"'TaskRoleArn': {'Ref': 'Role'}",
       "'TaskRoleArn': {'Fn::GetAtt': ['Role', 'Arm']}",
       "Task.Properties: AWS::IAM::Role `Role` has no attribute `Arm`"},
  };
  for (const Case& c : cases) {
    const std::string text = findings(c.from, c.to);
    CAPTURE(c.to);
    CAPTURE(text);
    CHECK(text.find(c.finding) != std::string::npos);
  }
}

TEST_CASE("what no schema says is found") {
  const Case cases[] = {
      // tasks
      {"'Memory': '512'", "'Memory': '600'", "no task of 256 CPU units and 600 MiB"},
      {"'NetworkMode': 'awsvpc'", "'NetworkMode': 'bridge'", "Fargate needs `awsvpc`"},
      {"'Name': 'web', 'Image': 'w'",
       "'Name': 'web', 'Image': 'w', 'Essential': false",
       "no container is essential"},
      {"'Memory': 100", "'Memory': 1000", "the containers take 1000 MiB, the task has 512"},
      {"'LogDriver': 'awslogs'", "'LogDriver': 'syslog'", "Fargate has no log driver `syslog`"},
      {"'Name': 'init'", "'Name': 'web'", "two containers are called `web`"},
      {"'ContainerName': 'init'", "'ContainerName': 'intit'", "no container `intit`"},
      {"'Essential': false", "'Essential': true", "`init` is essential"},
      {"'Condition': 'SUCCESS'", "'Condition': 'HEALTHY'", "`init` has no health check"},
      {"'Image': 'i'",
       "'Image': 'i', 'DependsOn': [{'ContainerName': 'web', 'Condition': 'START'}]",
       "containers wait for each other in a circle"},
      {"'SourceVolume': 'data'", "'SourceVolume': 'dat'", "the task has no volume `dat`"},
      {"'TransitEncryption': 'ENABLED'",
       "'TransitEncryption': 'DISABLED'",
       "an access point needs encryption in transit"},
      {"'TransitEncryption': 'ENABLED'",
       "'TransitEncryption': 'ENABLED', 'RootDirectory': '/x'",
       "an access point has its own root directory"},
      // services
      {"'ContainerPort': 80, 'TargetGroupArn'",
       "'ContainerPort': 81, 'TargetGroupArn'",
       "container `web` has no port 81"},
      {"'PortName': 'http'", "'PortName': 'grpc'", "the task has no port called `grpc`"},
      {"'DependsOn': ['Listener', ",
       "'DependsOn': [",
       "the service does not depend on `Listener`, without which"},
      {"'Mount2', 'Policy'", "'Policy'", "the service does not depend on `Mount2`"},
      {"'Policy', 'Providers'", "'Providers'", "the service does not depend on `Policy`"},
      {", 'Providers']", "]", "the service does not depend on `Providers`"},
      {"'SubnetId': 'subnet-00000002'",
       "'SubnetId': 'subnet-00000001'",
       "the file system has a mount target there already"},
      {"'Strategy': 'ROLLING'",
       "'Strategy': 'CANARY'",
       "strategy CANARY needs `AdvancedConfiguration`"},
      {"'Strategy': 'ROLLING'",
       "'Strategy': 'LINEAR', 'LinearConfiguration': {'StepPercent': 3, "
       "'StepBakeTimeInMinutes': 90}",
       "the deployment takes 3060 minutes"},
      {"'TargetType': 'ip'", "'TargetType': 'instance'", "are targets of type `ip`"},
      // load balancing
      {"'Subnets': ['subnet-00000001', 'subnet-00000002']", "'Subnets': ['subnet-00000001']", "needs two zones"},
      {"'Type': 'application'", "'Type': 'network'", "cannot be behind a load balancer of type"},
      {"'Type': 'application'", "'Type': 'network'", "HTTP is no protocol of a load balancer"},
      {"'Port': 81", "'Port': 80", "`Listener` listens on port 80 already"},
      {"'Port': 81, 'Protocol': 'HTTP'", "'Port': 81, 'Protocol': 'HTTPS'", "needs `Certificates`"},
      {"'Priority': 2", "'Priority': 1", "another rule of `Listener` has priority 1"},
  };
  for (const Case& c : cases) {
    const std::string text = findings(c.from, c.to);
    CAPTURE(c.to);
    CAPTURE(text);
    CHECK(text.find(c.finding) != std::string::npos);
  }
}

TEST_CASE("limits of a template") {
  cloudformation::Template t;
  t.description = std::string(1'025, 'x');
  for (int i = 0; i < 501; ++i) {
    t.resources.push_back({cloudformation::LogicalId{"T" + std::to_string(i)},
                           "AWS::SNS::Topic",
                           {},
                           {},
                           {},
                           {},
                           {},
                           {},
                           {},
                           {}});
  }
  t.resources.back().id = cloudformation::LogicalId{"a-b"};
  std::string text;
  for (const cloudformation::Finding& finding : cloudformation::check(t)) {
    text += finding.text() + "\n";
  }
  CHECK(text.find("501 resources: a template can have 500") != std::string::npos);
  CHECK(text.find("1025 bytes of description") != std::string::npos);
  CHECK(text.find("a-b: the name of a resource has 1 to 255 letters") != std::string::npos);
}

TEST_CASE("every description of a resource type is sound") {
  for (const std::string_view type : cloudformation::specified_types()) {
    const cloudformation::TypeSpecification* found = cloudformation::find_specification(type);
    REQUIRE(found != nullptr);
    CAPTURE(type);
    for (const cloudformation::PropertySpecification& p : found->properties.properties) {
      CHECK(found->properties.find(p.name) == &p);
      CHECK((p.type.kind != cloudformation::ValueKind::structure ||
             found->structures.contains(p.type.structure)));
    }
  }
  CHECK(cloudformation::find_specification("AWS::No::Such") == nullptr);
  CHECK(cloudformation::specified_types().size() > 60);
}
