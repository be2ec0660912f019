#include <algorithm>
#include <map>
#include <set>

#include "cloudformation/check_parts.hpp"
#include "cloudformation/fargate_sizes.hpp"
#include "cloudformation/intrinsics.hpp"
#include "doc/json_writer.hpp"
#include "util/strings.hpp"

namespace cloudformation {
namespace {

constexpr std::size_t kMostContainers = 10;
constexpr std::size_t kMostTaskDefinitionBytes = 65'536;

bool lists(const doc::Node* list, std::string_view word) {
  return std::ranges::any_of(items_of(list),
                             [&](const doc::Node& item) { return literal_text(&item) == word; });
}

bool is_essential(const doc::Node& container) {
  return literal_text(container.find("Essential")).value_or("true") != "false";
}

class TaskCheck {
 public:
  TaskCheck(CheckedTemplate& t, const Resource& task)
      : t_(t), task_(task), containers_(items_of(property(task, "ContainerDefinitions"))) {
    for (const doc::Node& container : containers_) {
      if (const auto name = literal_text(container.find("Name"))) {
        if (!by_name_.emplace(*name, &container).second) {
          report("Properties.ContainerDefinitions", "two containers are called `" + *name + "`");
        }
      }
    }
  }

  void run() {
    sizes();
    if (lists(property(task_, "RequiresCompatibilities"), "FARGATE")) {
      fargate();
    }
    std::size_t index = 0;
    for (const doc::Node& container : containers_) {
      const std::string path = "Properties.ContainerDefinitions[" + std::to_string(index++) + "]";
      dependencies(container, path);
      mounts(container, path);
    }
    cycles();
    volumes();
  }

 private:
  void report(const std::string& path, std::string message, const doc::Node* at = nullptr) {
    t_.add(task_, path, std::move(message), at);
  }

  void sizes() {
    if (containers_.size() > kMostContainers) {
      report("Properties.ContainerDefinitions",
             std::to_string(containers_.size()) + " containers: a task can have 10");
    }
    const std::size_t bytes = doc::to_json(task_.properties).size();
    if (bytes > kMostTaskDefinitionBytes) {
      report("Properties", std::to_string(bytes) + " bytes: a task definition can have 65536");
    }
    if (!containers_.empty() && std::ranges::none_of(containers_, is_essential)) {
      report("Properties.ContainerDefinitions", "no container is essential");
    }
  }

  void fargate() {
    const doc::Node* mode = property(task_, "NetworkMode");
    if (literal_text(mode) != "awsvpc" && (mode == nullptr || !as_call(*mode))) {
      report("Properties.NetworkMode", "Fargate needs `awsvpc`", mode);
    }
    const auto cpu = literal_int(property(task_, "Cpu"));
    const auto memory = literal_int(property(task_, "Memory"));
    if (cpu && memory && !is_fargate_size(*cpu, *memory)) {
      report("Properties.Cpu",
             "Fargate has no task of " + std::to_string(*cpu) + " CPU units and " +
                 std::to_string(*memory) + " MiB",
             property(task_, "Cpu"));
    }
    std::int64_t used = 0;
    for (const doc::Node& container : containers_) {
      const auto limit = literal_int(container.find("Memory"));
      used += limit ? *limit : literal_int(container.find("MemoryReservation")).value_or(0);
      log_driver(container);
    }
    if (memory && used > *memory) {
      report("Properties.Memory",
             "the containers take " + std::to_string(used) + " MiB, the task has " +
                 std::to_string(*memory),
             property(task_, "Memory"));
    }
  }

  void log_driver(const doc::Node& container) {
    const doc::Node* configuration = container.find("LogConfiguration");
    const auto driver =
        configuration == nullptr ? std::nullopt : literal_text(configuration->find("LogDriver"));
    if (driver && *driver != "awslogs" && *driver != "splunk" && *driver != "awsfirelens") {
      report("Properties.ContainerDefinitions",
             "Fargate has no log driver `" + *driver + "`",
             configuration);
    }
  }

  void dependencies(const doc::Node& container, const std::string& path) {
    for (const doc::Node& dependency : items_of(container.find("DependsOn"))) {
      const auto name = literal_text(dependency.find("ContainerName"));
      const auto condition = literal_text(dependency.find("Condition"));
      const auto other = name ? by_name_.find(*name) : by_name_.end();
      if (!name || !condition) {
        continue;
      }
      if (other == by_name_.end()) {
        report(path + ".DependsOn", "the task has no container `" + *name + "`", &dependency);
      } else if ((*condition == "COMPLETE" || *condition == "SUCCESS") &&
                 is_essential(*other->second)) {
        report(path + ".DependsOn",
               "`" + *name + "` is essential: nothing can wait for its end",
               &dependency);
      } else if (*condition == "HEALTHY" && other->second->find("HealthCheck") == nullptr) {
        report(path + ".DependsOn", "`" + *name + "` has no health check", &dependency);
      }
    }
  }

  // Containers that wait for each other in a circle.
  void cycles() {
    std::set<std::string> done;
    for (bool found = true; found;) {
      found = false;
      for (const auto& [name, container] : by_name_) {
        const auto& waits = items_of(container->find("DependsOn"));
        const bool ready = std::ranges::all_of(waits, [&](const doc::Node& dependency) {
          const auto other = literal_text(dependency.find("ContainerName"));
          return !other || !by_name_.contains(*other) || done.contains(*other);
        });
        found = (ready && done.insert(name).second) || found;
      }
    }
    if (done.size() != by_name_.size()) {
      report("Properties.ContainerDefinitions", "containers wait for each other in a circle");
    }
  }

  void mounts(const doc::Node& container, const std::string& path) {
    std::set<std::string> places;
    for (const doc::Node& mount : items_of(container.find("MountPoints"))) {
      const auto source = literal_text(mount.find("SourceVolume"));
      const auto& volumes = items_of(property(task_, "Volumes"));
      const bool known = std::ranges::any_of(volumes, [&](const doc::Node& volume) {
        return literal_text(volume.find("Name")) == source;
      });
      if (source && !known) {
        report(path + ".MountPoints", "the task has no volume `" + *source + "`", &mount);
      }
      const auto place = literal_text(mount.find("ContainerPath"));
      if (place && !places.insert(*place).second) {
        report(path + ".MountPoints", "two volumes are mounted at " + *place, &mount);
      }
    }
  }

  void volumes() {
    std::size_t at_launch = 0;
    std::set<std::string> names;
    for (const doc::Node& volume : items_of(property(task_, "Volumes"))) {
      at_launch += literal_text(volume.find("ConfiguredAtLaunch")) == "true" ? 1U : 0U;
      const auto name = literal_text(volume.find("Name"));
      if (name && !names.insert(*name).second) {
        report("Properties.Volumes", "two volumes are called `" + *name + "`", &volume);
      }
      efs(volume);
    }
    if (at_launch > 1) {
      report("Properties.Volumes", "only one volume can be configured at launch");
    }
  }

  void efs(const doc::Node& volume) {
    const doc::Node* configuration = volume.find("EFSVolumeConfiguration");
    const doc::Node* authorization =
        configuration == nullptr ? nullptr : configuration->find("AuthorizationConfig");
    if (authorization == nullptr || authorization->find("AccessPointId") == nullptr) {
      return;
    }
    if (literal_text(configuration->find("RootDirectory")).value_or("/") != "/") {
      report("Properties.Volumes", "an access point has its own root directory", configuration);
    }
    if (literal_text(configuration->find("TransitEncryption")) != "ENABLED") {
      report("Properties.Volumes", "an access point needs encryption in transit", configuration);
    }
  }

  CheckedTemplate& t_;
  const Resource& task_;
  const std::vector<doc::Node>& containers_;
  std::map<std::string, const doc::Node*, std::less<>> by_name_;
};

}  // namespace

void check_task_definitions(CheckedTemplate& t) {
  for (const Resource& resource : t.document().resources) {
    if (resource.type == "AWS::ECS::TaskDefinition") {
      TaskCheck(t, resource).run();
    }
  }
}

}  // namespace cloudformation
