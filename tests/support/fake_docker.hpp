#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "docker/engine.hpp"

namespace test {

// Docker Engine in memory, for tests on one thread. Every changing call is one line of `ledger`
// ("create web-1", "start web-1"), failed ones with " !". Failures are ordered with
// fail_next("start", error). What happens to containers by themselves is injected: die, set_health,
// write_log, restart_engine.
class FakeDocker final : public docker::Engine {
 public:
  struct Record {
    docker::ContainerSpec spec;
    docker::Container container;
    std::vector<std::string> networks;
    std::map<std::string, std::vector<std::string>, std::less<>> aliases;  // network -> names
    std::vector<docker::LogChunk> logs;
  };

  std::vector<std::string> ledger;
  std::set<std::string, std::less<>> images{"busybox:1"};
  // What a pull can find; the pair is the credentials it wants, empty = none.
  std::map<std::string, std::pair<std::string, std::string>, std::less<>> registry;
  std::map<std::string, Record, std::less<>> containers;         // by id
  std::map<std::string, docker::Network, std::less<>> networks;  // by name
  std::map<std::string, docker::Volume, std::less<>> volumes;    // by name
  std::map<std::string, std::string, std::less<>> archives;      // container name -> last tar put
  bool reachable = true;
  std::function<docker::ExecResult(const Record&, const std::vector<std::string>&)> on_exec;

  void fail_next(std::string_view operation, docker::Error error) {
    failures_[std::string(operation)].push_back(std::move(error));
  }

  Record* find(std::string_view name_or_id) {
    for (auto& [id, record] : containers) {
      if (id == name_or_id || record.spec.name == name_or_id) {
        return &record;
      }
    }
    return nullptr;
  }

  // The only container whose label com.docker.ecs.`key` is `value` and that runs; null when there
  // is none.
  Record* running_with(std::string_view key, std::string_view value) {
    for (auto& [id, record] : containers) {
      const auto at = record.spec.labels.find("com.docker.ecs." + std::string(key));
      if (at != record.spec.labels.end() && at->second == value &&
          record.container.status == docker::ContainerStatus::running) {
        return &record;
      }
    }
    return nullptr;
  }

  [[nodiscard]] std::size_t running() const {
    return static_cast<std::size_t>(
        std::count_if(containers.begin(), containers.end(), [](const auto& entry) {
          return entry.second.container.status == docker::ContainerStatus::running;
        }));
  }

  void die(std::string_view name_or_id, int exit_code, bool oom = false) {
    Record* record = find(name_or_id);
    record->container.oom_killed = oom;
    stopped(*record, exit_code);
  }

  void set_health(std::string_view name_or_id, docker::Health health) {
    Record* record = find(name_or_id);
    record->container.health = health;
    emit(*record,
         health == docker::Health::healthy ? "health_status: healthy" : "health_status: unhealthy");
  }

  void write_log(std::string_view name_or_id, std::string_view text) {
    Record* record = find(name_or_id);
    record->logs.push_back({docker::OutputStream::out, next_stamp(), std::string(text) + "\n"});
    for (LogStream* stream : log_streams_) {
      if (stream->id == record->container.id) {
        stream->on_line(record->logs.back());
      }
    }
  }

  // Every stream breaks and every container has exited with 137, as after a restart of dockerd.
  void restart_engine() {
    for (auto& [id, record] : containers) {
      if (record.container.status == docker::ContainerStatus::running) {
        record.container.status = docker::ContainerStatus::exited;
        record.container.exit_code = 137;
      }
    }
    break_streams();
  }

  void break_streams() {
    const docker::Error error{docker::ErrorKind::unreachable, 0, "EOF"};
    for (EventStream* stream : std::vector(event_streams_)) {
      stream->on_end(&error);
    }
    for (LogStream* stream : std::vector(log_streams_)) {
      stream->on_end(&error);
    }
  }

  // --- System
  docker::Result<void> ping() override { return check("ping", ""); }

  docker::Result<docker::Version> version() override {
    return docker::Version{"20.10.24", "1.41", "1.12", "linux", "amd64"};
  }

  docker::Result<docker::Info> info() override {
    return docker::Info{2, std::int64_t{4} << 30, "Debian", "overlay2", {}};
  }

  // --- Images
  docker::Result<docker::ImageConfig> inspect_image(std::string_view reference) override {
    if (!images.contains(reference)) {
      return not_found("No such image: " + std::string(reference));
    }
    docker::ImageConfig config;
    config.id = "sha256:" + std::string(reference);
    return config;
  }

  docker::Result<void> pull_image(std::string_view reference,
                                  const docker::RegistryCredentials* with) override {
    if (auto ok = check("pull", reference); !ok) {
      return ok;
    }
    const auto at = registry.find(reference);
    if (at == registry.end()) {
      return not_found("manifest for " + std::string(reference) + " not found: manifest unknown");
    }
    const auto& [user, password] = at->second;
    if (!user.empty() &&
        (with == nullptr || with->username != user || with->password != password)) {
      return util::unexpected(docker::Error{
          docker::ErrorKind::unauthorized, 500, "unauthorized: authentication required"});
    }
    images.insert(std::string(reference));
    return {};
  }

  docker::Result<std::string> load_images(std::string /*archive*/) override {
    return std::string{};
  }

  docker::Result<void> import_image(std::string /*archive*/,
                                    std::string_view reference,
                                    const std::vector<std::string>& /*changes*/) override {
    images.insert(std::string(reference));
    return check("import", reference);
  }

  docker::Result<void> remove_image(std::string_view reference) override {
    images.erase(std::string(reference));
    return check("remove-image", reference);
  }

  // --- Containers
  docker::Result<std::string> create_container(const docker::ContainerSpec& spec) override {
    if (auto ok = check("create", spec.name); !ok) {
      return util::unexpected(ok.error());
    }
    if (!images.contains(spec.image)) {
      return not_found("No such image: " + spec.image);
    }
    if (find(spec.name) != nullptr) {
      return util::unexpected(
          docker::Error{docker::ErrorKind::conflict,
                        409,
                        "Conflict. The container name \"/" + spec.name + "\" is already in use"});
    }
    const std::string id = "c" + std::to_string(++last_id_) + std::string(60, '0');
    Record record;
    record.spec = spec;
    record.container.id = id;
    record.container.name = spec.name;
    record.container.image_id = "sha256:" + spec.image;
    record.container.labels = spec.labels;
    if (!spec.network.empty()) {
      record.networks.push_back(spec.network);
      record.aliases[spec.network] = spec.network_aliases;
    }
    containers[id] = std::move(record);
    return id;
  }

  docker::Result<void> start_container(std::string_view id) override {
    return with("start", id, [&](Record& record) -> docker::Result<void> {
      if (record.container.status == docker::ContainerStatus::running) {
        return {};
      }
      for (const std::string& network : record.networks) {
        if (network.starts_with("container:") || network == "none") {
          continue;
        }
        const auto at = networks.find(network);
        if (at == networks.end()) {
          return not_found("network " + network + " not found");
        }
        const std::string prefix = at->second.subnet.substr(0, at->second.subnet.rfind('.') + 1);
        record.container.addresses[network] = prefix + std::to_string(1 + ++last_address_);
        record.container.macs[network] = "02:42:0a:d5:00:" + std::to_string(10 + last_address_);
      }
      record.container.status = docker::ContainerStatus::running;
      record.container.health =
          record.spec.health ? docker::Health::starting : docker::Health::none;
      emit(record, "start");
      return {};
    });
  }

  docker::Result<void> stop_container(std::string_view id,
                                      std::chrono::seconds /*grace*/) override {
    return with("stop", id, [&](Record& record) -> docker::Result<void> {
      if (record.container.status == docker::ContainerStatus::running) {
        stopped(record, 143);
      }
      return {};
    });
  }

  docker::Result<void> kill_container(std::string_view id, std::string_view /*signal*/) override {
    return with("kill", id, [&](Record& record) -> docker::Result<void> {
      stopped(record, 137);
      return {};
    });
  }

  docker::Result<void> remove_container(std::string_view id) override {
    Record* record = find(id);
    if (record == nullptr) {
      return {};
    }
    if (auto ok = check("remove", record->spec.name); !ok) {
      return ok;
    }
    if (record->container.status == docker::ContainerStatus::running) {
      stopped(*record, 137);
    }
    containers.erase(record->container.id);
    return {};
  }

  docker::Result<docker::Container> inspect_container(std::string_view id) override {
    if (Record* record = find(id)) {
      return record->container;
    }
    return not_found("No such container: " + std::string(id));
  }

  docker::Result<std::vector<docker::Container>> list_containers(
      const std::vector<std::string>& labels) override {
    if (auto ok = check("", ""); !ok) {
      return util::unexpected(ok.error());
    }
    std::vector<docker::Container> out;
    for (const auto& [id, record] : containers) {
      if (has_labels(record, labels)) {
        out.push_back(record.container);
      }
    }
    return out;
  }

  docker::Result<void> put_archive(std::string_view id,
                                   std::string_view /*path*/,
                                   std::string tar) override {
    return with("put-archive", id, [&](Record& record) -> docker::Result<void> {
      archives[record.spec.name] = tar;
      return {};
    });
  }

  docker::Result<docker::ExecResult> exec(std::string_view id,
                                          const std::vector<std::string>& command,
                                          std::chrono::milliseconds /*limit*/) override {
    Record* record = find(id);
    if (record == nullptr) {
      return not_found("No such container: " + std::string(id));
    }
    return on_exec ? on_exec(*record, command) : docker::ExecResult{};
  }

  docker::Result<void> create_volume(const docker::Volume& volume) override {
    if (auto ok = check("volume-create", volume.name); !ok) {
      return ok;
    }
    volumes.emplace(volume.name, volume);
    return {};
  }

  docker::Result<void> remove_volume(std::string_view name) override {
    if (auto ok = check("volume-remove", name); !ok) {
      return ok;
    }
    volumes.erase(std::string(name));
    return {};
  }

  docker::Result<std::vector<docker::Volume>> list_volumes(
      const std::vector<std::string>& labels) override {
    std::vector<docker::Volume> out;
    for (const auto& [name, volume] : volumes) {
      const bool wanted = std::all_of(labels.begin(), labels.end(), [&](const std::string& label) {
        const std::size_t equals = label.find('=');
        const auto at = volume.labels.find(label.substr(0, equals));
        return at != volume.labels.end() &&
               (equals == std::string::npos || at->second == label.substr(equals + 1));
      });
      if (wanted) {
        out.push_back(volume);
      }
    }
    return out;
  }

  docker::Result<std::string> tail_logs(std::string_view id, int /*tail*/) override {
    std::string out;
    if (Record* record = find(id)) {
      for (const docker::LogChunk& chunk : record->logs) {
        out += chunk.text;
      }
    }
    return out;
  }

  // --- Networks
  docker::Result<std::string> create_network(const docker::NetworkSpec& spec) override {
    if (auto ok = check("network-create", spec.name); !ok) {
      return util::unexpected(ok.error());
    }
    if (networks.contains(spec.name)) {
      return util::unexpected(docker::Error{
          docker::ErrorKind::conflict, 409, "network with name " + spec.name + " already exists"});
    }
    for (const auto& [name, network] : networks) {
      if (!spec.subnet.empty() && network.subnet == spec.subnet) {
        return util::unexpected(docker::Error{
            docker::ErrorKind::server, 403, "Pool overlaps with other one on this address space"});
      }
    }
    networks[spec.name] =
        docker::Network{"n-" + spec.name, spec.name, spec.subnet, "", spec.labels};
    return "n-" + spec.name;
  }

  docker::Result<void> remove_network(std::string_view name) override {
    if (auto ok = check("network-remove", name); !ok) {
      return ok;
    }
    networks.erase(std::string(name));
    return {};
  }

  docker::Result<std::vector<docker::Network>> list_networks() override {
    std::vector<docker::Network> out;
    for (const auto& [name, network] : networks) {
      out.push_back(network);
    }
    return out;
  }

  docker::Result<void> connect_network(std::string_view network,
                                       std::string_view container,
                                       const std::vector<std::string>& aliases) override {
    return with(
        "connect " + std::string(network), container, [&](Record& record) -> docker::Result<void> {
          record.networks.emplace_back(network);
          record.aliases[std::string(network)] = aliases;
          return {};
        });
  }

  docker::Result<void> disconnect_network(std::string_view network,
                                          std::string_view container) override {
    return with("disconnect " + std::string(network),
                container,
                [&](Record& record) -> docker::Result<void> {
                  std::erase(record.networks, network);
                  return {};
                });
  }

  // --- Streams
  std::unique_ptr<docker::Stream> watch_events(const std::vector<std::string>& labels,
                                               std::int64_t /*since_nanos*/,
                                               std::function<void()> on_open,
                                               std::function<void(docker::Event)> on_event,
                                               OnEnd on_end) override {
    auto stream = std::make_unique<EventStream>(*this);
    stream->labels = labels;
    stream->on_event = std::move(on_event);
    stream->on_end = std::move(on_end);
    event_streams_.push_back(stream.get());
    if (!reachable) {
      const docker::Error error{docker::ErrorKind::unreachable, 0, "connection refused"};
      stream->on_end(&error);
    } else if (on_open) {
      on_open();
    }
    return stream;
  }

  std::unique_ptr<docker::Stream> follow_logs(const docker::LogRequest& request,
                                              std::function<void(docker::LogChunk)> on_line,
                                              OnEnd on_end) override {
    ledger.push_back("logs since " + request.since);
    auto stream = std::make_unique<LogStream>(*this);
    stream->id = request.container;
    stream->on_line = std::move(on_line);
    stream->on_end = std::move(on_end);
    log_streams_.push_back(stream.get());
    if (Record* record = find(request.container)) {
      for (const docker::LogChunk& chunk : record->logs) {
        stream->on_line(chunk);
      }
      if (record->container.status == docker::ContainerStatus::exited) {
        stream->on_end(nullptr);
      }
    }
    return stream;
  }

 private:
  struct EventStream final : docker::Stream {
    explicit EventStream(FakeDocker& o) : owner(o) {}

    ~EventStream() override { std::erase(owner.event_streams_, this); }

    FakeDocker& owner;
    std::vector<std::string> labels;
    std::function<void(docker::Event)> on_event;
    OnEnd on_end;
  };

  struct LogStream final : docker::Stream {
    explicit LogStream(FakeDocker& o) : owner(o) {}

    ~LogStream() override { std::erase(owner.log_streams_, this); }

    FakeDocker& owner;
    std::string id;
    std::function<void(docker::LogChunk)> on_line;
    OnEnd on_end;
  };

  static util::unexpected<docker::Error> not_found(std::string message) {
    return util::unexpected<docker::Error>(
        docker::Error{docker::ErrorKind::not_found, 404, std::move(message)});
  }

  // Writes the ledger and consumes an ordered failure.
  docker::Result<void> check(std::string_view operation, std::string_view subject) {
    if (!reachable) {
      return util::unexpected(
          docker::Error{docker::ErrorKind::unreachable, 0, "Cannot connect to the Docker daemon"});
    }
    auto& pending = failures_[std::string(operation)];
    const bool fails = !pending.empty();
    if (!operation.empty() && operation != "ping") {
      ledger.push_back(std::string(operation) + " " + std::string(subject) + (fails ? " !" : ""));
    }
    if (!fails) {
      return {};
    }
    docker::Error error = std::move(pending.front());
    pending.pop_front();
    return util::unexpected(std::move(error));
  }

  template <class F>
  docker::Result<void> with(std::string_view operation, std::string_view id, F f) {
    Record* record = find(id);
    if (auto ok = check(operation, record == nullptr ? id : std::string_view(record->spec.name));
        !ok) {
      return ok;
    }
    if (record == nullptr) {
      return not_found("No such container: " + std::string(id));
    }
    return f(*record);
  }

  static bool has_labels(const Record& record, const std::vector<std::string>& labels) {
    return std::all_of(labels.begin(), labels.end(), [&](const std::string& label) {
      const std::size_t equals = label.find('=');
      const auto at = record.spec.labels.find(label.substr(0, equals));
      return at != record.spec.labels.end() &&
             (equals == std::string::npos || at->second == label.substr(equals + 1));
    });
  }

  void stopped(Record& record, int exit_code) {
    record.container.status = docker::ContainerStatus::exited;
    record.container.exit_code = exit_code;
    record.container.addresses.clear();
    emit(record, "die", exit_code);
    for (LogStream* stream : std::vector(log_streams_)) {
      if (stream->id == record.container.id) {
        stream->on_end(nullptr);
      }
    }
  }

  void emit(const Record& record, std::string_view action, int exit_code = 0) {
    docker::Event event;
    event.action = std::string(action);
    event.id = record.container.id;
    event.time_nanos = ++last_time_;
    event.attributes = record.spec.labels;
    event.attributes["name"] = record.spec.name;
    if (action == "die") {
      event.attributes["exitCode"] = std::to_string(exit_code);
    }
    for (EventStream* stream : std::vector(event_streams_)) {
      if (has_labels(record, stream->labels)) {
        stream->on_event(event);
      }
    }
  }

  std::string next_stamp() {
    std::string number = std::to_string(++last_stamp_);
    return "2026-01-02T03:04:05." + std::string(9 - number.size(), '0') + number + "Z";
  }

  std::map<std::string, std::deque<docker::Error>, std::less<>> failures_;
  std::vector<EventStream*> event_streams_;
  std::vector<LogStream*> log_streams_;
  int last_id_ = 0;
  int last_address_ = 0;
  int last_stamp_ = 0;
  std::int64_t last_time_ = 0;
};

}  // namespace test
