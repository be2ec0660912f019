#include "convert/roles.hpp"

#include "convert/container.hpp"
#include "convert/logging.hpp"
#include "convert/naming.hpp"
#include "convert/volumes.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

doc::Node statement(doc::Node actions, doc::Node resources) {
  return Fields()
      .add("Effect", "Allow")
      .add("Action", std::move(actions))
      .add("Resource", std::move(resources))
      .node();
}

doc::Node policy_document(doc::Sequence statements) {
  return Fields()
      .add("Version", "2012-10-17")
      .add("Statement", doc::Node(std::move(statements)))
      .node();
}

// Only ECS tasks of this account may take the role, which keeps other accounts' tasks from
// borrowing it.
doc::Node trust_of_tasks() {
  doc::Sequence statements;
  statements.items.push_back(
      Fields()
          .add("Effect", "Allow")
          .add("Principal", Fields().add("Service", "ecs-tasks.amazonaws.com").node())
          .add("Action", "sts:AssumeRole")
          .add("Condition",
               Fields()
                   .add("ArnLike",
                        Fields()
                            .add("aws:SourceArn",
                                 cloudformation::sub("arn:${AWS::Partition}:ecs:${AWS::Region}:${"
                                                     "AWS::AccountId}:*"))
                            .node())
                   .add("StringEquals",
                        Fields()
                            .add("aws:SourceAccount", cloudformation::ref("AWS::AccountId"))
                            .node())
                   .node())
          .node());
  return policy_document(std::move(statements));
}

struct EcrRepository {
  std::string account;
  std::string region;
  std::string name;
};

// 123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:1
std::optional<EcrRepository> ecr_repository(const compose::Service& service) {
  if (!service.image) {
    return std::nullopt;
  }
  const std::string& image = service.image->value;
  const std::size_t slash = image.find('/');
  const std::vector<std::string> host = util::split(image.substr(0, slash), '.');
  if (slash == std::string::npos || host.size() < 6 || host[1] != "dkr" || host[2] != "ecr" ||
      host[4] != "amazonaws") {
    return std::nullopt;
  }
  std::string name = image.substr(slash + 1);
  name = name.substr(0, name.find('@'));
  return EcrRepository{host[0], host[3], name.substr(0, name.find(':'))};
}

void add_pull_statements(doc::Sequence& statements, const compose::Service& service) {
  const auto repository = ecr_repository(service);
  if (!repository) {
    return;
  }
  statements.items.push_back(statement(doc::Node("ecr:GetAuthorizationToken"), doc::Node("*")));
  statements.items.push_back(statement(
      items("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
      cloudformation::sub("arn:${AWS::Partition}:ecr:" + repository->region + ":" +
                          repository->account + ":repository/" + repository->name)));
}

doc::Sequence execution_statements(Builder& builder, const compose::Service& service) {
  doc::Sequence statements;
  if (doc::Node streams = log_streams_arn(service); !streams.is_null()) {
    statements.items.push_back(
        statement(items("logs:CreateLogStream", "logs:PutLogEvents"), std::move(streams)));
  }
  add_pull_statements(statements, service);
  if (doc::Node secret = pull_secret_arn(builder, service); !secret.is_null()) {
    statements.items.push_back(
        statement(doc::Node("secretsmanager:GetSecretValue"), std::move(secret)));
  }
  return statements;
}

doc::Node tags_of(const Builder& builder, const compose::Service& service) {
  return builder.tags("service", service.name);
}

}  // namespace

void add_execution_role(Builder& builder, const compose::Service& service) {
  Fields properties;
  properties.add("AssumeRolePolicyDocument", trust_of_tasks());
  doc::Sequence statements = execution_statements(builder, service);
  if (!statements.items.empty()) {
    properties.add("Policies",
                   items(Fields()
                             .add("PolicyName", "start-task")
                             .add("PolicyDocument", policy_document(std::move(statements)))
                             .node()));
  }
  properties.add("Tags", tags_of(builder, service));
  builder.add(resource(logical_id(service.name, "TaskExecutionRole"),
                       "AWS::IAM::Role",
                       std::move(properties),
                       service.span));
}

bool add_task_role(Builder& builder, const compose::Service& service) {
  const doc::Node* policies = service.extensions.find("x-aws-policies");
  const doc::Node* document = service.extensions.find("x-aws-role");
  std::vector<doc::Node> volumes = volume_statements(builder.project(), service);
  if (policies == nullptr && document == nullptr && volumes.empty()) {
    return false;
  }
  Fields properties;
  properties.add("AssumeRolePolicyDocument", trust_of_tasks());
  if (policies != nullptr) {
    properties.add("ManagedPolicyArns",
                   policies->as_sequence() != nullptr ? *policies : items(*policies));
  }
  doc::Sequence inline_policies;
  if (document != nullptr) {
    if (document->as_mapping() == nullptr) {
      builder.error(
          "convert.bad-extension", document->span, "`x-aws-role` must be a policy document");
    }
    inline_policies.items.push_back(
        Fields().add("PolicyName", ecs_name(service.name)).add("PolicyDocument", *document).node());
  }
  if (!volumes.empty()) {
    inline_policies.items.push_back(
        Fields()
            .add("PolicyName", "mount-volumes")
            .add("PolicyDocument", policy_document(doc::Sequence{std::move(volumes)}))
            .node());
  }
  if (!inline_policies.items.empty()) {
    properties.add("Policies", doc::Node(std::move(inline_policies)));
  }
  properties.add("Tags", tags_of(builder, service));
  builder.add(resource(
      logical_id(service.name, "TaskRole"), "AWS::IAM::Role", std::move(properties), service.span));
  return true;
}

}  // namespace convert
