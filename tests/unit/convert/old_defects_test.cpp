// What the two earlier converters got wrong, one row each: it must not come back.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "cloudformation/check.hpp"
#include "compose/load.hpp"
#include "convert/convert.hpp"
#include "diag/render.hpp"
#include "doc/json_writer.hpp"
#include "support/memory_file_system.hpp"

namespace {

struct Defect {
  std::string_view what;  // the earlier tools did
  std::string_view file;
  std::vector<std::string_view> present;  // in the template
  std::vector<std::string_view> absent;
  std::string_view said;  // in the diagnostics
};

const std::vector<Defect>& defects() {
  static const std::vector<Defect> rows = {
      {"let names that look alike overwrite each other",
       "services: {my-a: {image: a}, mya: {image: b}, my_a: {image: c}}",
       {"\"MyATaskDefinition\":", "\"MyaTaskDefinition\":", "\"MyaX5f2TaskDefinition\":"},
       {},
       ""},
      {"made an invalid id of a hyphenated project's load balancer",
       "name: my-app\nservices: {web: {image: a, ports: [\"80:80\"]}}",
       {"\"ApplicationLoadBalancer\":{"},
       {"My-App"},
       ""},
      {"lost zero replicas",
       "services: {web: {image: a, deploy: {replicas: 0}}}",
       {"\"DesiredCount\":0"},
       {},
       ""},
      {"lost a minimum of zero percent",
       "services: {web: {image: a, deploy: {replicas: 1, update_config: {x-aws-min_percent: 0}}}}",
       {"\"MinimumHealthyPercent\":0"},
       {},
       ""},
      {"took text that is base64 of a function for the function",
       "services: {web: {image: a, environment: {T: eyJSZWYiOiAiQVdTOjpBY2NvdW50SWQifQ==}}}",
       {"eyJSZWYiOiAiQVdTOjpBY2NvdW50SWQifQ=="},
       {"{\"Ref\":\"AWS::AccountId\"}}],\"Image\""},
       ""},
      {"wrote an empty health check for a disabled one",
       "services: {web: {image: a, healthcheck: {disable: true}}}",
       {},
       {"\"HealthCheck\":"},
       ""},
      {"passed NONE on as a command",
       "services: {web: {image: a, healthcheck: {test: [NONE]}}}",
       {},
       {"\"NONE\""},
       ""},
      {"cut fractions of seconds off to nothing",
       "services: {web: {image: a, healthcheck: {test: [CMD, a], interval: 500ms}}}",
       {"\"Interval\":5"},
       {"\"Interval\":0"},
       ""},
      {"crashed on policies that are a text",
       "services: {web: {image: a, x-aws-policies: \"arn:aws:iam::aws:policy/X\"}}",
       {"\"arn:aws:iam::aws:policy/X\""},
       {},
       ""},
      {"crashed on a retention that is a text",
       "services: {web: {image: a}}\nx-aws-logs_retention: \"10\"",
       {"\"RetentionInDays\":14"},
       {},
       ""},
      {"crashed on pull credentials that are no text",
       "services: {web: {image: a, x-aws-pull_credentials: [1]}}",
       {},
       {},
       "x-aws-pull_credentials"},
      {"crashed on reservations without limits",
       "services: {web: {image: a, deploy: {resources: {reservations: {memory: 600M}}}}}",
       {"\"Memory\":\"1024\""},
       {},
       ""},
      {"ignored a limit of memory without one of CPUs",
       "services: {web: {image: a, deploy: {resources: {limits: {memory: 3G}}}}}",
       {"\"Memory\":\"3072\""},
       {"\"Cpu\":\"256\""},
       ""},
      {"confused thousandths of a CPU with CPU units",
       "services: {web: {image: a, deploy: {resources: {limits: {cpus: \"0.255\"}}}}}",
       {"\"Cpu\":\"512\""},
       {},
       ""},
      {"refused a file with networks and a service on the default one",
       "services: {a: {image: a, networks: [n]}, b: {image: b}}\nnetworks: {n: {}}",
       {"\"NNetwork\":", "\"DefaultNetwork\":"},
       {},
       ""},
      {"lost the group of a network with a name",
       "services: {a: {image: a, networks: [n]}}\nnetworks: {n: {name: other}}",
       {"\"SecurityGroups\":[{\"Fn::GetAtt\":[\"NNetwork\",\"GroupId\"]}]"},
       {"\"SecurityGroups\":[\"\"]"},
       ""},
      {"opened tasks to the whole internet",
       "services: {a: {image: a, ports: [\"5000:5000\"]}}",
       {},
       {"\"GroupId\":{\"Ref\":\"DefaultNetwork\"},\"CidrIp\"", "\"IpProtocol\":\"-1\",\"CidrIp\""},
       ""},
      {"opened every port for a long port without a protocol",
       "services: {a: {image: a, ports: [{target: 5000, published: \"5000\"}]}}",
       {"\"IpProtocol\":\"tcp\""},
       {"\"CidrIp\":\"0.0.0.0/0\",\"IpProtocol\":\"-1\""},
       ""},
      {"changed a security group of somebody else",
       "services: {a: {image: a, networks: [n], ports: [\"80:80\"]}}\n"
       "networks: {n: {external: true, name: sg-0123456789abcdef0}}",
       {"\"SecurityGroups\":[\"sg-0123456789abcdef0\"]"},
       {"\"GroupId\":\"sg-0123456789abcdef0\""},
       ""},
      {"wrote ARNs of one partition only",
       "services: {a: {image: a, volumes: [\"data:/d\"], x-aws-pull_credentials: s}}\nvolumes: {data: {}}",
       {"${AWS::Partition}"},
       {"\"arn:aws:"},
       ""},
      {"left empty principals and conditions in policies",
       "services: {a: {image: a, volumes: [\"data:/d\"]}}\nvolumes: {data: {}}",
       {},
       {"\"Principal\":{}", "\"Condition\":{}", "\"LinuxParameters\":{}"},
       ""},
      {"gave every task all of the account's images",
       "services: {a: {image: a}}",
       {},
       {"AmazonEC2ContainerRegistryReadOnly", "application-autoscaling:*"},
       ""},
      {"compared an access point's ARN with its id, and let read-only mounts write",
       "services: {a: {image: a, volumes: [\"data:/d:ro\"]}}\nvolumes: {data: {}}",
       {"\"elasticfilesystem:AccessPointArn\":{\"Fn::GetAtt\":[\"DataAccessPoint\",\"Arn\"]}"},
       {"elasticfilesystem:ClientWrite", "elasticfilesystem:ClientRootAccess"},
       ""},
      {"put constraints on tasks of Fargate",
       "services: {a: {image: a, deploy: {placement: {constraints: [\"node.role == x\"]}}}}",
       {},
       {"\"PlacementConstraints\""},
       ""},
      {"dropped a bind mount without a word",
       "services: {a: {image: a, volumes: [\"/var/lib/data:/data\"]}}",
       {},
       {},
       "bind"},
      {"bound a template to one account",
       "services: {a: {image: a, ports: [\"80:80\"]}}",
       {"\"VpcId\":{\"Type\":\"AWS::EC2::VPC::Id\""},
       {"vpc-", "subnet-"},
       ""},
      {"hung on a service that never becomes healthy",
       "services: {a: {image: a}}",
       {"\"DeploymentCircuitBreaker\":{\"Enable\":true,\"Rollback\":true}"},
       {},
       ""},
      {"needed images of their own for names to resolve",
       "services: {a: {image: a, depends_on: [b]}, b: {image: b}}",
       {},
       {"docker/ecs-"},
       ""},
      {"replaced whole lists in overlays",
       "services: {a: {image: a, environment: {X: \"1\"}}}\n"
       "x-aws-cloudformation: {Resources: {ATaskDefinition: {Properties: {ContainerDefinitions: "
       "[{Name: a, DockerLabels: {t: x}}]}}}}",
       {"\"DockerLabels\":{\"t\":\"x\"}", "\"Image\":\"a\""},
       {},
       ""},
      {"did not look at an overlay's properties",
       "services: {a: {image: a}}\n"
       "x-aws-cloudformation: {Resources: {AService: {Properties: {DesiredCnt: 2}}}}",
       {},
       {},
       "did you mean `DesiredCount`?"},
  };
  return rows;
}

}  // namespace

TEST_CASE("no defect of the earlier converters") {
  for (const Defect& defect : defects()) {
    CAPTURE(defect.what);
    test::MemoryFileSystem files;
    files.put("/project/compose.yaml", std::string(defect.file));
    compose::LoadRequest request;
    request.current_dir = "/project";
    diag::SourceMap sources;
    diag::Bag bag;
    const auto project = compose::load(request, files, sources, bag);
    const auto made = project ? convert::convert(*project, bag) : std::nullopt;
    const std::string said = diag::render_text(bag.all(), sources, diag::Colour::never);
    const std::string json = made ? doc::to_json(cloudformation::to_node(*made)) : std::string();
    CAPTURE(said);
    CAPTURE(json);
    CHECK((made || !defect.said.empty()));
    for (const std::string_view text : defect.present) {
      CAPTURE(text);
      CHECK(json.find(text) != std::string::npos);
    }
    for (const std::string_view text : defect.absent) {
      CAPTURE(text);
      CHECK(json.find(text) == std::string::npos);
    }
    CHECK(said.find(defect.said) != std::string::npos);
  }
}
