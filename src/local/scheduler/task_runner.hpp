#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "docker/engine.hpp"
#include "local/action_table.hpp"
#include "local/scheduler/docker_steps.hpp"
#include "local/scheduler/ecs_state.hpp"
#include "local/scheduler/instance_registry.hpp"
#include "local/scheduler/log_shipper.hpp"
#include "local/scheduler/task_networks.hpp"
#include "local/scheduler/task_plan.hpp"
#include "local/scheduler/task_volumes.hpp"

namespace local::ecs {

// Who wants to know what becomes of tasks: the service scheduler.
class TaskObserver {
 public:
  TaskObserver() = default;
  TaskObserver(const TaskObserver&) = delete;
  TaskObserver& operator=(const TaskObserver&) = delete;
  virtual ~TaskObserver() = default;
  virtual void task_changed(TaskRecord& task) = 0;
  virtual void task_event(const TaskRecord& task,
                          const std::string& text) = 0;  // for the service's event list
};

struct RunnerOptions {
  std::string engine_id;
  Ipv4Range pool{0x0AD50000, 16};
  std::function<void(std::function<void()>)> post;  // onto the control thread, from any thread
};

// Brings each task from PROVISIONING to STOPPED: carries out plan_task's steps on workers, takes
// Docker's events in, ships logs, registers and drains targets. The only one that changes anything
// in Docker. It starts from what Docker says, at every (re)connection, so that the end of this
// process or of Docker is an ordinary event.
class TaskRunner {
 public:
  TaskRunner(EcsState& state,
             const ActionTable& actions,
             docker::Engine& docker,
             InstanceRegistry& registry,
             RunnerOptions options);
  ~TaskRunner();
  TaskRunner(const TaskRunner&) = delete;
  TaskRunner& operator=(const TaskRunner&) = delete;

  void set_observer(TaskObserver* observer) { observer_ = observer; }

  // Connects to Docker (and connects again for ever), adopts what is there, goes on with every
  // task.
  void start();

  // Does whatever the task needs next.
  void advance(const std::string& task_id);
  // From now on the task is on its way to STOPPED. The first reason stays.
  void stop(TaskRecord& task, std::string_view code, std::string reason);
  // Networks of groups that no task and no service uses go.
  void collect_networks();

 private:
  // --- task_runner.cpp: the life of a task
  [[nodiscard]] PlannedTaskState view(const TaskRecord& task) const;
  void apply(TaskRecord& task, const TaskStep& step);
  void advance_later(
      const std::string& task_id);  // after a call that failed for no reason of its own
  void become_running(TaskRecord& task);
  void register_targets(TaskRecord& task);
  void register_instances(TaskRecord& task);
  void deregister(TaskRecord& task);
  void poll_drain(const std::string& task_id);
  void end(TaskRecord& task);
  void remove_scratch(const TaskRecord& task);
  void forget_later(const std::string& task_id, TimePoint when);
  void fail(TaskRecord& task, std::size_t index, std::string_view code, std::string reason);
  void set_status(TaskRecord& task, std::string_view status);
  void changed(TaskRecord& task);

  // --- task_runner_containers.cpp: steps on one container
  void create(TaskRecord& task, std::size_t index);
  void create_pause(TaskRecord& task, std::size_t index);
  void created(const std::string& task_id, std::size_t index, const CreateOutcome& outcome);
  void start_container(TaskRecord& task, std::size_t index);
  util::Result<void, ApiError> prepare_log_stream(const TaskRecord& task,
                                                  std::size_t index,
                                                  const LogDestination& destination);
  void started(const std::string& task_id, std::size_t index, const StartOutcome& outcome);
  void stopped(const std::string& task_id, std::size_t index, const StopOutcome& outcome);
  void stop_container(TaskRecord& task, std::size_t index);
  void remove_container(TaskRecord& task, std::size_t index);

  // --- task_runner_docker.cpp: what Docker tells
  void connect();
  void disconnected();
  void reconcile(const std::vector<docker::Container>& containers,
                 const std::vector<docker::Network>& networks);
  void adopt(TaskRecord& task, std::size_t index, const docker::Container& container);
  void remove_stray(const docker::Container& container);
  void remove_stray_volumes(const std::vector<docker::Volume>& volumes);
  void on_event(const docker::Event& event);
  // Docker's word that the container's process ended.
  void on_death(TaskRecord& task, std::size_t index, std::int64_t code);
  void learn_why_killed(TaskRecord& task, std::size_t index);
  void on_exit(TaskRecord& task, std::size_t index, std::int64_t code, bool out_of_memory);
  void set_health(TaskRecord& task, std::size_t index, std::string_view health);
  void probe(const std::string& task_id, std::size_t index, std::chrono::milliseconds next_delay);
  void follow_logs(TaskRecord& task, std::size_t index);
  void take_addresses(TaskRecord& task, const docker::Container& container);

  [[nodiscard]] std::vector<std::string> groups_of(const TaskRecord& task) const;
  [[nodiscard]] const api::TaskDefinition* definition_of(const TaskRecord& task) const;
  [[nodiscard]] const api::ContainerDefinition* container_definition(const TaskRecord& task,
                                                                     std::size_t index) const;
  [[nodiscard]] std::optional<LogDestination> log_destination(const TaskRecord& task,
                                                              std::size_t index) const;
  // Names on the task's networks, and the search domains that make the short ones work.
  [[nodiscard]] std::pair<std::vector<std::string>, std::vector<std::string>> names_of(
      const TaskRecord& task) const;
  [[nodiscard]] std::vector<std::string> search_domains(
      const std::vector<api::ServiceRegistry>& registries) const;
  [[nodiscard]] std::vector<std::string> neighbours_domains(const TaskRecord& task) const;
  [[nodiscard]] const api::Deployment* deployment_of(const TaskRecord& task) const;
  [[nodiscard]] docker::Labels labels_of(const TaskRecord& task,
                                         const std::string& container) const;
  [[nodiscard]] std::string docker_name(const TaskRecord& task, const std::string& container) const;
  [[nodiscard]] static std::string volume_prefix(const TaskRecord& task);
  [[nodiscard]] static bool has_pause(const TaskRecord& task);
  [[nodiscard]] static std::string address_of(const TaskRecord& task);
  TaskRecord* live_task(const std::string& id);
  static std::string busy_key(const std::string& task, std::size_t index);

  EcsState& state_;
  const ActionTable& actions_;
  docker::Engine& docker_;
  InstanceRegistry& registry_;
  RunnerOptions options_;
  TaskNetworks networks_;
  LogShipper logs_;
  TaskObserver* observer_ = nullptr;

  bool connected_ = false;
  std::uint64_t connection_ = 0;  // which connection attempt; answers of earlier ones are ignored
  std::unique_ptr<docker::Stream> events_;
  std::int64_t last_event_nanos_ = 0;
  std::int64_t host_memory_bytes_ = 0;
  bool networks_first_ = false;  // this engine wants a network to exist when a container is created
  std::set<std::string, std::less<>>
      busy_;  // "task/container" with a call under way in this process
  std::map<std::string, std::int64_t, std::less<>>
      early_exits_;                                    // died before the start call returned: code
  std::set<std::string, std::less<>> asked_networks_;  // task ids whose networks were asked for
  std::set<std::string, std::less<>>
      retried_;  // "task/container" whose start met trouble of Docker's own
  std::set<std::string, std::less<>> probing_;       // "task/container"
  std::set<std::string, std::less<>> giving_owner_;  // volumes
};

}  // namespace local::ecs
