#include "docker/http_engine.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "doc/json_reader.hpp"
#include "doc/json_writer.hpp"
#include "docker/engine_json.hpp"
#include "docker/http_client.hpp"
#include "docker/log_frames.hpp"
#include "util/strings.hpp"

namespace docker {
namespace {

using doc::Node;
using std::chrono::seconds;

constexpr seconds kShort = HttpClient::kShort;
constexpr seconds kLong = HttpClient::kLong;
constexpr std::size_t kMaxExecOutput = 64 * 1024;

std::string string_member(const Node& node, std::string_view key) {
  const Node* at = node.find(key);
  const std::string* text = at == nullptr ? nullptr : at->as_string();
  return text == nullptr ? std::string() : *text;
}

std::int64_t integer_member(const Node& node, std::string_view key) {
  const Node* at = node.find(key);
  const std::int64_t* number = at == nullptr ? nullptr : at->as_int();
  return number == nullptr ? 0 : *number;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (util::is_alnum(c) || std::string_view("-._~").find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    }
  }
  return out;
}

// The last error in a progress stream of JSON lines (pull, load, import); empty = it went well.
std::string progress_error(std::string_view stream) {
  std::string error;
  std::size_t begin = 0;
  while (begin < stream.size()) {
    const std::size_t end = std::min(stream.find('\n', begin), stream.size());
    if (const auto line = doc::read_json(stream.substr(begin, end - begin))) {
      if (std::string found = string_member(*line, "error"); !found.empty()) {
        error = std::move(found);
      }
    }
    begin = end + 1;
  }
  return error;
}

// A thread that reads one answer for as long as it lasts. Never destroyed by one of its own
// callbacks.
class HttpStream final : public Stream {
 public:
  explicit HttpStream(std::function<void(const Cancellation&)> run)
      : thread_([this, run = std::move(run)] { run(cancel_); }) {}

  ~HttpStream() override {
    cancel_.cancel();
    thread_.join();
  }

 private:
  Cancellation cancel_;
  std::thread thread_;
};

class HttpEngine final : public Engine {
 public:
  explicit HttpEngine(Address address) : client_(std::move(address)) {}

  Result<void> ping() override;

  Result<Version> version() override { return client_.version(); }

  Result<Info> info() override;

  Result<ImageConfig> inspect_image(std::string_view reference) override;
  Result<void> pull_image(std::string_view reference,
                          const RegistryCredentials* credentials) override;
  Result<std::string> load_images(std::string archive) override;
  Result<void> import_image(std::string archive,
                            std::string_view reference,
                            const std::vector<std::string>& changes) override;
  Result<void> remove_image(std::string_view reference) override;

  Result<std::string> create_container(const ContainerSpec& spec) override;
  Result<void> start_container(std::string_view id) override;
  Result<void> stop_container(std::string_view id, seconds grace) override;
  Result<void> kill_container(std::string_view id, std::string_view signal) override;
  Result<void> remove_container(std::string_view id) override;
  Result<Container> inspect_container(std::string_view id) override;
  Result<std::vector<Container>> list_containers(const std::vector<std::string>& labels) override;
  Result<void> put_archive(std::string_view id, std::string_view path, std::string tar) override;
  Result<ExecResult> exec(std::string_view id,
                          const std::vector<std::string>& command,
                          std::chrono::milliseconds limit) override;
  Result<void> create_volume(const Volume& volume) override;
  Result<void> remove_volume(std::string_view name) override;
  Result<std::vector<Volume>> list_volumes(const std::vector<std::string>& labels) override;
  Result<std::string> tail_logs(std::string_view id, int tail) override;

  Result<std::string> create_network(const NetworkSpec& spec) override;
  Result<void> remove_network(std::string_view name_or_id) override;
  Result<std::vector<Network>> list_networks() override;
  Result<void> connect_network(std::string_view network,
                               std::string_view container,
                               const std::vector<std::string>& aliases) override;
  Result<void> disconnect_network(std::string_view network, std::string_view container) override;

  std::unique_ptr<Stream> watch_events(const std::vector<std::string>& labels,
                                       std::int64_t since_nanos,
                                       std::function<void()> on_open,
                                       std::function<void(Event)> on_event,
                                       OnEnd on_end) override;
  std::unique_ptr<Stream> follow_logs(const LogRequest& request,
                                      std::function<void(LogChunk)> on_line,
                                      OnEnd on_end) override;

 private:
  HttpClient client_;
};

Result<void> ignore(Result<HttpClient::Answer> answer) {
  if (!answer) {
    return util::unexpected(std::move(answer.error()));
  }
  return {};
}

Result<void> unless_absent(Result<void> result) {
  return !result && result.error().kind == ErrorKind::not_found ? Result<void>{} : result;
}

// --- System

Result<void> HttpEngine::ping() {
  HttpCall request;
  request.method = "GET";
  request.target = "/_ping";
  return ignore(client_.exchange(request, seconds{5}));
}

Result<Info> HttpEngine::info() {
  auto node = client_.call_json("GET", "/info");
  if (!node) {
    return util::unexpected(std::move(node.error()));
  }
  Info out;
  out.cpus = integer_member(*node, "NCPU");
  out.memory_bytes = integer_member(*node, "MemTotal");
  out.operating_system = string_member(*node, "OperatingSystem");
  out.driver = string_member(*node, "Driver");
  const Node* options = node->find("SecurityOptions");
  if (const doc::Sequence* items = options == nullptr ? nullptr : options->as_sequence()) {
    for (const Node& item : items->items) {
      out.security_options.push_back(item.as_string() == nullptr ? std::string()
                                                                 : *item.as_string());
    }
  }
  return out;
}

// --- Images

Result<ImageConfig> HttpEngine::inspect_image(std::string_view reference) {
  auto node = client_.call_json("GET", "/images/" + std::string(reference) + "/json");
  if (!node) {
    return util::unexpected(std::move(node.error()));
  }
  return image_from_inspect(*node);
}

Result<void> HttpEngine::pull_image(std::string_view reference,
                                    const RegistryCredentials* credentials) {
  const ImageReference image = split_reference(reference);
  std::vector<net::Header> headers;
  if (credentials != nullptr) {
    headers.push_back({"X-Registry-Auth", registry_auth(*credentials)});
  }
  auto answer = client_.call("POST",
                             "/images/create?fromImage=" + percent_encode(image.name) +
                                 "&tag=" + percent_encode(image.tag),
                             {},
                             kLong,
                             std::move(headers));
  if (!answer) {
    return util::unexpected(std::move(answer.error()));
  }
  if (std::string error = progress_error(answer->body); !error.empty()) {
    return util::unexpected(Error{kind_of(500, error), 200, std::move(error)});
  }
  return {};
}

Result<std::string> HttpEngine::load_images(std::string archive) {
  auto answer = client_.upload("POST", "/images/load?quiet=1", archive);
  if (!answer) {
    return util::unexpected(std::move(answer.error()));
  }
  if (std::string error = progress_error(answer->body); !error.empty()) {
    return util::unexpected(Error{ErrorKind::server, 200, std::move(error)});
  }
  return answer->body;
}

Result<void> HttpEngine::import_image(std::string archive,
                                      std::string_view reference,
                                      const std::vector<std::string>& changes) {
  const ImageReference image = split_reference(reference);
  std::string path = "/images/create?fromSrc=-&repo=" + percent_encode(image.name) +
                     "&tag=" + percent_encode(image.tag);
  for (const std::string& change : changes) {
    path += "&changes=" + percent_encode(change);
  }
  auto answer = client_.upload("POST", path, archive);
  if (!answer) {
    return util::unexpected(std::move(answer.error()));
  }
  if (std::string error = progress_error(answer->body); !error.empty()) {
    return util::unexpected(Error{ErrorKind::server, 200, std::move(error)});
  }
  return {};
}

Result<void> HttpEngine::remove_image(std::string_view reference) {
  return unless_absent(
      ignore(client_.call("DELETE", "/images/" + std::string(reference) + "?force=1")));
}

// --- Containers

Result<std::string> HttpEngine::create_container(const ContainerSpec& spec) {
  auto node = client_.call_json("POST",
                                "/containers/create?name=" + percent_encode(spec.name),
                                doc::to_json(create_body(spec)));
  if (!node) {
    return util::unexpected(std::move(node.error()));
  }
  return string_member(*node, "Id");
}

Result<void> HttpEngine::start_container(std::string_view id) {
  return ignore(client_.call("POST", "/containers/" + std::string(id) + "/start"));
}

Result<void> HttpEngine::stop_container(std::string_view id, seconds grace) {
  return ignore(
      client_.call("POST",
                   "/containers/" + std::string(id) + "/stop?t=" + std::to_string(grace.count()),
                   {},
                   grace + kShort));
}

Result<void> HttpEngine::kill_container(std::string_view id, std::string_view signal) {
  return ignore(client_.call(
      "POST", "/containers/" + std::string(id) + "/kill?signal=" + percent_encode(signal)));
}

Result<void> HttpEngine::remove_container(std::string_view id) {
  auto removed = unless_absent(
      ignore(client_.call("DELETE", "/containers/" + std::string(id) + "?force=1&v=1")));
  // Somebody else is removing it: that is what was asked for.
  if (!removed && removed.error().kind == ErrorKind::conflict) {
    return {};
  }
  return removed;
}

Result<Container> HttpEngine::inspect_container(std::string_view id) {
  auto node = client_.call_json("GET", "/containers/" + std::string(id) + "/json");
  if (!node) {
    return util::unexpected(std::move(node.error()));
  }
  return container_from_inspect(*node);
}

std::string filters(const std::vector<std::string>& labels,
                    const std::vector<std::string>& events = {}) {
  doc::Mapping out;
  const auto put = [&](std::string_view key, const std::vector<std::string>& values) {
    doc::Sequence items;
    for (const std::string& value : values) {
      items.items.emplace_back(value);
    }
    if (!items.items.empty()) {
      out.set(key, Node{std::move(items)});
    }
  };
  put("label", labels);
  put("event", events);
  if (!events.empty()) {
    put("type", {"container"});
  }
  return percent_encode(doc::to_json(Node{std::move(out)}));
}

Result<std::vector<Container>> HttpEngine::list_containers(const std::vector<std::string>& labels) {
  auto node = client_.call_json("GET", "/containers/json?all=1&filters=" + filters(labels));
  if (!node) {
    return util::unexpected(std::move(node.error()));
  }
  std::vector<Container> out;
  if (const doc::Sequence* items = node->as_sequence()) {
    for (const Node& item : items->items) {
      out.push_back(container_from_list(item));
    }
  }
  return out;
}

Result<void> HttpEngine::put_archive(std::string_view id, std::string_view path, std::string tar) {
  return ignore(client_.upload(
      "PUT", "/containers/" + std::string(id) + "/archive?path=" + percent_encode(path), tar));
}

Result<ExecResult> HttpEngine::exec(std::string_view id,
                                    const std::vector<std::string>& command,
                                    std::chrono::milliseconds limit) {
  doc::Sequence words;
  for (const std::string& word : command) {
    words.items.emplace_back(word);
  }
  auto created = client_.call_json("POST",
                                   "/containers/" + std::string(id) + "/exec",
                                   doc::to_json(doc::map({{"AttachStdout", Node{true}},
                                                          {"AttachStderr", Node{true}},
                                                          {"Cmd", Node{std::move(words)}}})));
  if (!created) {
    return util::unexpected(std::move(created.error()));
  }
  const std::string exec_path = "/exec/" + string_member(*created, "Id");
  auto output =
      client_.call("POST",
                   exec_path + "/start",
                   doc::to_json(doc::map({{"Detach", Node{false}}, {"Tty", Node{false}}})),
                   limit);
  if (!output) {
    return util::unexpected(std::move(output.error()));
  }
  ExecResult result;
  LogDecoder decoder(false, false);
  const auto collect = [&](LogChunk chunk) {
    if (result.output.size() < kMaxExecOutput) {
      result.output += chunk.text;
    }
  };
  decoder.feed(output->body, collect);
  decoder.finish(collect);
  auto state = client_.call_json("GET", exec_path + "/json");
  if (!state) {
    return util::unexpected(std::move(state.error()));
  }
  result.exit_code = static_cast<int>(integer_member(*state, "ExitCode"));
  return result;
}

Result<std::string> HttpEngine::tail_logs(std::string_view id, int tail) {
  auto answer = client_.call(
      "GET",
      "/containers/" + std::string(id) + "/logs?stdout=1&stderr=1&tail=" + std::to_string(tail));
  if (!answer) {
    return util::unexpected(std::move(answer.error()));
  }
  std::string out;
  // A raw (terminal) log never begins with a frame header's three zero bytes.
  const bool raw = answer->body.size() >= 4 && answer->body.substr(1, 3) != std::string(3, '\0');
  LogDecoder decoder(raw, false);
  const auto collect = [&](LogChunk chunk) { out += chunk.text; };
  decoder.feed(answer->body, collect);
  decoder.finish(collect);
  return out;
}

Result<void> HttpEngine::create_volume(const Volume& volume) {
  doc::Mapping labels;
  for (const auto& [name, value] : volume.labels) {
    labels.set(name, Node{value});
  }
  auto node = client_.call_json(
      "POST",
      "/volumes/create",
      doc::to_json(doc::map({{"Name", Node{volume.name}}, {"Labels", Node{std::move(labels)}}})));
  return node ? Result<void>() : util::unexpected(std::move(node.error()));
}

Result<void> HttpEngine::remove_volume(std::string_view name) {
  return unless_absent(
      ignore(client_.call("DELETE", "/volumes/" + percent_encode(name) + "?force=1")));
}

Result<std::vector<Volume>> HttpEngine::list_volumes(const std::vector<std::string>& labels) {
  auto node = client_.call_json("GET", "/volumes?filters=" + filters(labels));
  if (!node) {
    return util::unexpected(std::move(node.error()));
  }
  std::vector<Volume> out;
  const Node* volumes = node->find("Volumes");
  const doc::Sequence* items = volumes == nullptr ? nullptr : volumes->as_sequence();
  for (std::size_t i = 0; items != nullptr && i < items->items.size(); ++i) {
    out.push_back(volume_from_list(items->items[i]));
  }
  return out;
}

// --- Networks

Result<std::string> HttpEngine::create_network(const NetworkSpec& spec) {
  auto node = client_.call_json("POST", "/networks/create", doc::to_json(network_body(spec)));
  if (!node) {
    return util::unexpected(std::move(node.error()));
  }
  return string_member(*node, "Id");
}

Result<void> HttpEngine::remove_network(std::string_view name_or_id) {
  return unless_absent(ignore(client_.call("DELETE", "/networks/" + percent_encode(name_or_id))));
}

Result<std::vector<Network>> HttpEngine::list_networks() {
  auto node = client_.call_json("GET", "/networks");
  if (!node) {
    return util::unexpected(std::move(node.error()));
  }
  std::vector<Network> out;
  if (const doc::Sequence* items = node->as_sequence()) {
    for (const Node& item : items->items) {
      out.push_back(network_from_list(item));
    }
  }
  return out;
}

Result<void> HttpEngine::connect_network(std::string_view network,
                                         std::string_view container,
                                         const std::vector<std::string>& aliases) {
  doc::Sequence names;
  for (const std::string& alias : aliases) {
    names.items.emplace_back(alias);
  }
  return ignore(client_.call(
      "POST",
      "/networks/" + percent_encode(network) + "/connect",
      doc::to_json(
          doc::map({{"Container", Node{container}},
                    {"EndpointConfig", doc::map({{"Aliases", Node{std::move(names)}}})}}))));
}

Result<void> HttpEngine::disconnect_network(std::string_view network, std::string_view container) {
  return ignore(client_.call(
      "POST",
      "/networks/" + percent_encode(network) + "/disconnect",
      doc::to_json(doc::map({{"Container", Node{container}}, {"Force", Node{true}}}))));
}

// --- Streams

void finish_stream(const Result<void>& result,
                   const Cancellation& cancel,
                   const Streams::OnEnd& on_end) {
  if (!cancel.cancelled()) {
    on_end(result ? nullptr : &result.error());
  }
}

// 1700000000123456789 -> "1700000000.123456789"
std::string nanos_text(std::int64_t nanos) {
  const std::string fraction = std::to_string(nanos % 1'000'000'000);
  return std::to_string(nanos / 1'000'000'000) + "." + std::string(9 - fraction.size(), '0') +
         fraction;
}

std::unique_ptr<Stream> HttpEngine::watch_events(const std::vector<std::string>& labels,
                                                 std::int64_t since_nanos,
                                                 std::function<void()> on_open,
                                                 std::function<void(Event)> on_event,
                                                 OnEnd on_end) {
  std::string path =
      "/events?filters=" + filters(labels, {"start", "die", "oom", "destroy", "health_status"});
  if (since_nanos > 0) {
    path += "&since=" + nanos_text(since_nanos);
  }
  return std::make_unique<HttpStream>([this,
                                       path = std::move(path),
                                       on_open = std::move(on_open),
                                       on_event = std::move(on_event),
                                       on_end = std::move(on_end)](const Cancellation& cancel) {
    const auto result = client_.read_stream(path, cancel, on_open, [&](std::string& bytes) {
      std::size_t begin = 0;
      for (std::size_t end = bytes.find('\n'); end != std::string::npos;
           end = bytes.find('\n', begin)) {
        if (const auto node = doc::read_json(std::string_view(bytes).substr(begin, end - begin))) {
          on_event(event_from(*node));
        }
        begin = end + 1;
      }
      bytes.erase(0, begin);
    });
    finish_stream(result, cancel, on_end);
  });
}

std::unique_ptr<Stream> HttpEngine::follow_logs(const LogRequest& request,
                                                std::function<void(LogChunk)> on_line,
                                                OnEnd on_end) {
  std::string path = "/containers/" + request.container + "/logs?stdout=1&stderr=1&timestamps=1";
  if (request.follow) {
    path += "&follow=1";
  }
  if (!request.since.empty()) {
    path += "&since=" + percent_encode(request.since);
  }
  return std::make_unique<HttpStream>([this,
                                       path = std::move(path),
                                       terminal = request.terminal,
                                       on_line = std::move(on_line),
                                       on_end = std::move(on_end)](const Cancellation& cancel) {
    LogDecoder decoder(terminal, true);
    const auto result = client_.read_stream(path, cancel, {}, [&](std::string& bytes) {
      decoder.feed(bytes, on_line);
      bytes.clear();
    });
    decoder.finish(on_line);
    finish_stream(result, cancel, on_end);
  });
}

}  // namespace

Result<std::unique_ptr<Engine>> make_http_engine(std::string_view host) {
  auto address = parse_address(host);
  if (!address) {
    return util::unexpected(std::move(address.error()));
  }
  return std::unique_ptr<Engine>(std::make_unique<HttpEngine>(std::move(*address)));
}

}  // namespace docker
