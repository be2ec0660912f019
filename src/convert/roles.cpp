#include "convert/roles.hpp"

#include <algorithm>

#include "convert/container.hpp"
#include "convert/extensions.hpp"
#include "convert/logging.hpp"
#include "convert/naming.hpp"
#include "convert/volumes.hpp"
#include "doc/json_writer.hpp"
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

void add_once(doc::Sequence& statements, doc::Node statement) {
  const std::string text = doc::to_json(statement);
  const bool known = std::any_of(statements.items.begin(),
                                 statements.items.end(),
                                 [&](const doc::Node& item) { return doc::to_json(item) == text; });
  if (!known) {
    statements.items.push_back(std::move(statement));
  }
}

void add_member_statements(Builder& builder, const TaskMember& member, doc::Sequence& out) {
  const compose::Service& service = *member.service;
  if (doc::Node streams = log_streams_arn(service); !streams.is_null()) {
    out.items.push_back(
        statement(items("logs:CreateLogStream", "logs:PutLogEvents"), std::move(streams)));
  }
  add_pull_statements(out, service);
  if (doc::Node secret = pull_secret_arn(builder, service); !secret.is_null()) {
    out.items.push_back(statement(doc::Node("secretsmanager:GetSecretValue"), std::move(secret)));
  }
  for (const compose::FileObject* object : member.files.read) {
    add_read_statements(out, *object);
  }
}

doc::Sequence execution_statements(Builder& builder, const Task& task) {
  doc::Sequence all;
  for (const TaskMember& member : task.members) {
    add_member_statements(builder, member, all);
  }
  doc::Sequence out;
  for (doc::Node& item : all.items) {
    add_once(out, std::move(item));
  }
  return out;
}

// What the services of the task ask for with `x-aws-policies` and `x-aws-role`.
struct WishedRights {
  doc::Sequence managed;  // ARNs
  doc::Sequence inlined;  // Policies
};

WishedRights wished_rights(Builder& builder, const Task& task) {
  WishedRights out;
  for (const TaskMember& member : task.members) {
    const compose::Service& service = *member.service;
    if (const doc::Node* policies = service.extensions.find("x-aws-policies")) {
      const doc::Sequence* list = policies->as_sequence();
      for (const doc::Node& policy : list != nullptr ? list->items : std::vector{*policies}) {
        add_once(out.managed, policy);
      }
    }
    if (const doc::Node* document = service.extensions.find("x-aws-role")) {
      if (document->as_mapping() == nullptr) {
        builder.error(
            "convert.bad-extension", document->span, "`x-aws-role` must be a policy document");
      }
      out.inlined.items.push_back(Fields()
                                      .add("PolicyName", ecs_name(service.name))
                                      .add("PolicyDocument", *document)
                                      .node());
    }
  }
  return out;
}

doc::Sequence mount_statements(const Builder& builder, const Task& task) {
  doc::Sequence out;
  for (const TaskMember& member : task.members) {
    for (doc::Node& item : volume_statements(builder.project(), *member.service)) {
      add_once(out, std::move(item));
    }
  }
  return out;
}

}  // namespace

void finish_role(Builder& builder, const compose::Service& service, Fields& properties) {
  const compose::Extensions& extensions = builder.project().extensions;
  if (const auto path = text_extension(builder, extensions, "x-aws-role_path")) {
    properties.add("Path", *path);
  }
  if (const doc::Node* boundary = extensions.find("x-aws-permissions_boundary")) {
    properties.add("PermissionsBoundary", *boundary);
  }
  properties.add("Tags", builder.tags("service", service.name));
}

void add_execution_role(Builder& builder, const Task& task) {
  Fields properties;
  properties.add("AssumeRolePolicyDocument", trust_of_tasks());
  doc::Sequence statements = execution_statements(builder, task);
  if (!statements.items.empty()) {
    properties.add("Policies",
                   items(Fields()
                             .add("PolicyName", "start-task")
                             .add("PolicyDocument", policy_document(std::move(statements)))
                             .node()));
  }
  finish_role(builder, task.leader(), properties);
  builder.add(resource(logical_id(task.leader().name, "TaskExecutionRole"),
                       "AWS::IAM::Role",
                       std::move(properties),
                       task.leader().span));
}

bool add_task_role(Builder& builder, const Task& task) {
  WishedRights rights = wished_rights(builder, task);
  doc::Sequence volumes = mount_statements(builder, task);
  if (rights.managed.items.empty() && rights.inlined.items.empty() && volumes.items.empty()) {
    return false;
  }
  Fields properties;
  properties.add("AssumeRolePolicyDocument", trust_of_tasks());
  if (!rights.managed.items.empty()) {
    properties.add("ManagedPolicyArns", doc::Node(std::move(rights.managed)));
  }
  if (!volumes.items.empty()) {
    rights.inlined.items.push_back(Fields()
                                       .add("PolicyName", "mount-volumes")
                                       .add("PolicyDocument", policy_document(std::move(volumes)))
                                       .node());
  }
  if (!rights.inlined.items.empty()) {
    properties.add("Policies", doc::Node(std::move(rights.inlined)));
  }
  finish_role(builder, task.leader(), properties);
  builder.add(resource(logical_id(task.leader().name, "TaskRole"),
                       "AWS::IAM::Role",
                       std::move(properties),
                       task.leader().span));
  return true;
}

}  // namespace convert
