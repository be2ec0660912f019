#include "convert/scheduled_task.hpp"

#include "convert/naming.hpp"
#include "convert/placement.hpp"
#include "convert/roles.hpp"
#include "convert/schedule_time.hpp"
#include "convert/service.hpp"

namespace convert {
namespace {

doc::Node family_arn(const Builder& builder, const compose::Service& service) {
  return cloudformation::sub(
      "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:task-definition/" +
      builder.project().name + "-" + ecs_name(service.name) + ":*");
}

doc::Node run_statement(const Builder& builder, const compose::Service& service) {
  return Fields()
      .add("Effect", "Allow")
      .add("Action", items("ecs:RunTask", "ecs:TagResource"))
      .add("Resource",
           items(family_arn(builder, service),
                 cloudformation::sub(
                     "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:task/*")))
      .add("Condition",
           Fields()
               .add("ArnEqualsIfExists",
                    Fields().add("ecs:cluster", cluster_arn(builder.project())).node())
               .node())
      .node();
}

doc::Node pass_statement(const compose::Service& service, bool has_task_role) {
  doc::Sequence roles;
  roles.items.push_back(
      cloudformation::get_att(logical_id(service.name, "TaskExecutionRole").str(), "Arn"));
  if (has_task_role) {
    roles.items.push_back(
        cloudformation::get_att(logical_id(service.name, "TaskRole").str(), "Arn"));
  }
  return Fields()
      .add("Effect", "Allow")
      .add("Action", "iam:PassRole")
      .add("Resource", doc::Node(std::move(roles)))
      .add("Condition",
           Fields()
               .add("StringEquals",
                    Fields().add("iam:PassedToService", "ecs-tasks.amazonaws.com").node())
               .node())
      .node();
}

doc::Node trust_of_scheduler() {
  return Fields()
      .add("Version", "2012-10-17")
      .add("Statement",
           items(Fields()
                     .add("Effect", "Allow")
                     .add("Principal", Fields().add("Service", "scheduler.amazonaws.com").node())
                     .add("Action", "sts:AssumeRole")
                     .add("Condition",
                          Fields()
                              .add("StringEquals",
                                   Fields()
                                       .add("aws:SourceAccount",
                                            cloudformation::ref("AWS::AccountId"))
                                       .node())
                              .node())
                     .node()))
      .node();
}

void add_role(Builder& builder, const compose::Service& service, bool has_task_role) {
  Fields properties;
  properties.add("AssumeRolePolicyDocument", trust_of_scheduler())
      .add("Policies",
           items(Fields()
                     .add("PolicyName", "run-task")
                     .add("PolicyDocument",
                          Fields()
                              .add("Version", "2012-10-17")
                              .add("Statement",
                                   items(run_statement(builder, service),
                                         pass_statement(service, has_task_role)))
                              .node())
                     .node()));
  finish_role(builder, service, properties);
  builder.add(resource(logical_id(service.name, "ScheduleRole"),
                       "AWS::IAM::Role",
                       std::move(properties),
                       service.span));
}

doc::Node target(Builder& builder, const TaskGroups& groups, const TaskGroup& group) {
  const compose::Service& service = group.leader();
  return Fields()
      .add("Arn", cluster_arn(builder.project()))
      .add("RoleArn",
           cloudformation::get_att(logical_id(service.name, "ScheduleRole").str(), "Arn"))
      .add("EcsParameters",
           Fields()
               .add("TaskDefinitionArn",
                    cloudformation::ref(logical_id(service.name, "TaskDefinition").str()))
               .add("TaskCount", service.replicas())
               .add("LaunchType", "FARGATE")
               .add("NetworkConfiguration", network_configuration(builder, groups, group))
               .add("EnableECSManagedTags", true)
               .add("PropagateTags", "TASK_DEFINITION")
               .node())
      .add("RetryPolicy",
           Fields().add("MaximumEventAgeInSeconds", 3600).add("MaximumRetryAttempts", 3).node())
      .node();
}

}  // namespace

void add_schedule(Builder& builder, const TaskGroups& groups, const TaskGroup& group) {
  const compose::Service& service = group.leader();
  const doc::Node* given = service.extensions.find("x-aws-schedule");
  const auto time = schedule_time(builder, *given);
  if (!time) {
    return;
  }
  add_role(builder, service, builder.has(logical_id(service.name, "TaskRole")));
  Fields properties;
  properties
      .add("Description",
           "Runs service " + service.name + " of Compose project " + builder.project().name)
      .add("FlexibleTimeWindow", Fields().add("Mode", "OFF").node())
      .add("ScheduleExpression", time->expression);
  if (!time->timezone.empty()) {
    properties.add("ScheduleExpressionTimezone", time->timezone);
  }
  properties.add("State", "ENABLED").add("Target", target(builder, groups, group));
  builder.add(resource(logical_id(service.name, "Schedule"),
                       "AWS::Scheduler::Schedule",
                       std::move(properties),
                       service.span));
}

}  // namespace convert
