#pragma once

#include "convert/task.hpp"

namespace convert {

// Whether the end of the container is the end of its task. The leader's is; a container that others
// wait to complete, or with `restart: "no"`, is not; `x-aws-essential` decides otherwise.
bool is_essential(const Task& task, const TaskMember& member);

// `DependsOn` of the container: what writes its files, and what `depends_on` says about the other
// containers of its task.
doc::Node container_dependencies(Builder& builder, const Task& task, const TaskMember& member);

// `RestartPolicy`, in tasks of several containers: one that ends is started again without the
// others. Null when the container has none.
doc::Node restart_policy(const Task& task, const TaskMember& member);

// Of a job: the container that stays when the job is done, so that its ECS service is steady only
// then.
doc::Node done_container(Builder& builder, const Task& task);

}  // namespace convert
