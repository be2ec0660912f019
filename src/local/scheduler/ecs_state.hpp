#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "local/api_error.hpp"
#include "local/context.hpp"
#include "local/scheduler/records.hpp"
#include "util/result.hpp"

namespace local::ecs {

template <class T>
using Answer = util::Result<T, ApiError>;

struct ClusterRecord {
  api::Cluster wire;  // without counts
};

// All records of the local ECS, typed and in memory, written through to the store. Belongs to the
// control thread.
class EcsState {
 public:
  explicit EcsState(Context& context) : context_(context) {}

  void restore();

  std::map<std::string, ClusterRecord, std::less<>> clusters;  // by name
  std::map<std::string, std::vector<api::TaskDefinition>, std::less<>>
      families;  // revision n is [n - 1]
  std::map<std::string, std::vector<api::Tag>, std::less<>> task_definition_tags;  // by ARN
  std::map<std::string, ServiceRecord, std::less<>> services;  // by "cluster/name"
  std::map<std::string, TaskRecord, std::less<>> tasks;        // by id
  std::map<std::string, std::string, std::less<>> settings;    // account settings that were put
  std::map<std::string, std::int64_t, std::less<>>
      log_cursors;  // container -> nanoseconds of the last line shipped

  std::set<std::string, std::less<>> owned_volumes;  // Docker volumes whose root has its owner

  void save(const ClusterRecord& cluster);
  void save(const api::TaskDefinition& definition);
  void save(const ServiceRecord& service);
  void save(const TaskRecord& task);
  void save_setting(const std::string& name);
  void save_log_cursor(const std::string& container, std::int64_t nanos);
  void forget_log_cursor(const std::string& container);
  void save_owned_volume(const std::string& name);
  void forget_task(const std::string& id);

  // Names and ARNs are both accepted, as AWS does; an absent cluster is "default".
  Answer<ClusterRecord*> cluster(const std::optional<std::string>& name_or_arn);
  Answer<ServiceRecord*> service(const std::string& cluster, std::string_view name_or_arn);
  TaskRecord* task(const std::string& cluster, std::string_view id_or_arn);
  // "family", "family:revision" or an ARN; null when there is none. A bare family is its newest
  // ACTIVE revision.
  api::TaskDefinition* task_definition(std::string_view name);

  [[nodiscard]] std::string cluster_arn(std::string_view cluster) const;
  [[nodiscard]] std::string service_arn(std::string_view cluster, std::string_view service) const;
  [[nodiscard]] std::string task_arn(std::string_view cluster, std::string_view id) const;
  std::string new_digits(std::size_t count);  // decimal, for deployment ids

  [[nodiscard]] Context& context() { return context_; }

 private:
  Context& context_;
};

// What follows the last '/' of an ARN; the text itself when it is none.
std::string_view last_segment(std::string_view arn_or_name);
ApiError client_error(std::string message);
ApiError invalid_parameter(std::string message);

}  // namespace local::ecs
