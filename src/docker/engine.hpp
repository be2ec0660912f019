#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "docker/types.hpp"

namespace docker {

// Docker Engine behind interfaces small enough that a function can say what it needs. Every call
// blocks and may be made from any thread. Streams are the exception: they run on a thread of their
// own and end when their handle is destroyed.

class System {
 public:
  System() = default;
  System(const System&) = delete;
  System& operator=(const System&) = delete;
  virtual ~System() = default;
  virtual Result<void> ping() = 0;
  virtual Result<Version> version() = 0;
  virtual Result<Info> info() = 0;
};

class Images {
 public:
  Images() = default;
  Images(const Images&) = delete;
  Images& operator=(const Images&) = delete;
  virtual ~Images() = default;
  virtual Result<ImageConfig> inspect_image(std::string_view reference) = 0;
  // Pulls and waits for the end. Errors inside the progress stream are errors here too.
  virtual Result<void> pull_image(std::string_view reference,
                                  const RegistryCredentials* credentials) = 0;
  // `docker load`: an archive of images made by `docker save`; returns what the engine said.
  virtual Result<std::string> load_images(std::string archive) = 0;
  // A file system archive becomes `reference`; `changes` are Dockerfile instructions ("CMD [...]").
  virtual Result<void> import_image(std::string archive,
                                    std::string_view reference,
                                    const std::vector<std::string>& changes) = 0;
  virtual Result<void> remove_image(std::string_view reference) = 0;
};

class Containers {
 public:
  Containers() = default;
  Containers(const Containers&) = delete;
  Containers& operator=(const Containers&) = delete;
  virtual ~Containers() = default;
  virtual Result<std::string> create_container(const ContainerSpec& spec) = 0;  // its id
  virtual Result<void> start_container(std::string_view id) = 0;  // running already = success
  virtual Result<void> stop_container(std::string_view id,
                                      std::chrono::seconds grace) = 0;  // stopped = success
  virtual Result<void> kill_container(std::string_view id, std::string_view signal) = 0;
  virtual Result<void> remove_container(
      std::string_view id) = 0;  // by force, with anonymous volumes; absent = success
  virtual Result<Container> inspect_container(std::string_view id) = 0;
  // Every container, running or not, that carries all these labels ("name=value"). No addresses in
  // the answers of stopped ones.
  virtual Result<std::vector<Container>> list_containers(
      const std::vector<std::string>& labels) = 0;
  // Unpacks a tar archive into the file system of the container.
  virtual Result<void> put_archive(std::string_view id, std::string_view path, std::string tar) = 0;
  // Runs `command` inside; an error of kind cancelled when `limit` passed first.
  virtual Result<ExecResult> exec(std::string_view id,
                                  const std::vector<std::string>& command,
                                  std::chrono::milliseconds limit) = 0;
  virtual Result<void> create_volume(const Volume& volume) = 0;   // there already = success
  virtual Result<void> remove_volume(std::string_view name) = 0;  // absent = success
  // Those that carry all these labels ("name=value", or "name" for any value).
  virtual Result<std::vector<Volume>> list_volumes(const std::vector<std::string>& labels) = 0;
  // The last `tail` lines of output, for error messages.
  virtual Result<std::string> tail_logs(std::string_view id, int tail) = 0;
};

class Networks {
 public:
  Networks() = default;
  Networks(const Networks&) = delete;
  Networks& operator=(const Networks&) = delete;
  virtual ~Networks() = default;
  virtual Result<std::string> create_network(const NetworkSpec& spec) = 0;  // its id
  virtual Result<void> remove_network(std::string_view name_or_id) = 0;     // absent = success
  virtual Result<std::vector<Network>> list_networks() = 0;
  virtual Result<void> connect_network(std::string_view network,
                                       std::string_view container,
                                       const std::vector<std::string>& aliases) = 0;
  virtual Result<void> disconnect_network(std::string_view network, std::string_view container) = 0;
};

// A running stream. Destroying it ends the stream and waits for its thread (no callback runs
// afterwards).
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;
};

struct LogRequest {
  std::string container;
  bool terminal = false;  // the container has a TTY: its output is raw
  bool follow = true;
  std::string since;  // a Docker timestamp: "1700000000.000000001"; empty = from the beginning
};

class Streams {
 public:
  // Callbacks run on the stream's thread. `on_end` is called once, unless the stream was destroyed
  // before; the error tells why, a clean end carries none.
  using OnEnd = std::function<void(const Error* error)>;

  Streams() = default;
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;
  virtual ~Streams() = default;
  // Container events of objects that carry these labels. `since_nanos` replays from then on; 0 =
  // from now. `on_open` is called once the engine has accepted the subscription: nothing after it
  // is missed.
  virtual std::unique_ptr<Stream> watch_events(const std::vector<std::string>& labels,
                                               std::int64_t since_nanos,
                                               std::function<void()> on_open,
                                               std::function<void(Event)> on_event,
                                               OnEnd on_end) = 0;
  virtual std::unique_ptr<Stream> follow_logs(const LogRequest& request,
                                              std::function<void(LogChunk)> on_line,
                                              OnEnd on_end) = 0;
};

class Engine : public System, public Images, public Containers, public Networks, public Streams {};

}  // namespace docker
