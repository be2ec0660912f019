#include "docker/http_client.hpp"

#include <algorithm>
#include <utility>

#include "doc/json_reader.hpp"
#include "util/strings.hpp"

namespace docker {
namespace {

using doc::Node;

constexpr int kNewestMinor = 47;  // API 1.47: nothing we use changed its meaning up to there
constexpr std::size_t kMaxIdle = 16;

Deadline deadline_in(std::chrono::milliseconds limit) {
  return std::chrono::steady_clock::now() + limit;
}

std::string text_member(const Node& node, std::string_view key) {
  const Node* at = node.find(key);
  const std::string* text = at == nullptr ? nullptr : at->as_string();
  return text == nullptr ? std::string() : *text;
}

Error answer_error(int status, const std::string& body) {
  std::string message = body;
  if (const auto json = doc::read_json(body)) {
    if (std::string text = text_member(*json, "message"); !text.empty()) {
      message = std::move(text);
    }
  }
  return Error{kind_of(status, message), status, std::string(util::trim(message))};
}

// "1.41" -> 41; only major version 1 exists
int minor_of(std::string_view version) {
  const std::size_t dot = version.find('.');
  return dot == std::string_view::npos
             ? 0
             : static_cast<int>(util::parse_int(version.substr(dot + 1)).value_or(0));
}

Result<HttpClient::Answer> refused_is_error(Result<HttpClient::Answer> answer) {
  if (answer && answer->status >= 400) {
    return util::unexpected(answer_error(answer->status, answer->body));
  }
  return answer;
}

}  // namespace

ErrorKind kind_of(int status, std::string_view message) {
  const auto says = [&](std::string_view words) {
    return message.find(words) != std::string_view::npos;
  };
  if (says("unauthorized") || says("no basic auth credentials") ||
      says("authentication required") || status == 401) {
    return ErrorKind::unauthorized;
  }
  switch (status) {
    case 400: return ErrorKind::bad_request;
    case 404: return ErrorKind::not_found;
    case 409: return ErrorKind::conflict;
    default: return ErrorKind::server;
  }
}

std::unique_ptr<HttpConnection> HttpClient::idle_connection() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) {
    return nullptr;
  }
  auto connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

void HttpClient::keep(std::unique_ptr<HttpConnection> connection) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kMaxIdle) {
    idle_.push_back(std::move(connection));
  }
}

Result<HttpClient::Answer> HttpClient::exchange(const HttpCall& call,
                                                std::chrono::milliseconds limit) {
  const Deadline deadline = deadline_in(limit);
  while (true) {
    auto connection = idle_connection();
    const bool kept = connection != nullptr;
    if (!kept) {
      auto opened = HttpConnection::open(address_);
      if (!opened) {
        return util::unexpected(std::move(opened.error()));
      }
      connection = std::move(*opened);
    }
    auto head = connection->send(call, deadline, nullptr);
    if (!head) {
      // The engine may close a kept connection at any moment, a restart closes them all.
      if (kept && connection->untouched() && head.error().kind == ErrorKind::unreachable) {
        continue;
      }
      return util::unexpected(std::move(head.error()));
    }
    Answer answer;
    answer.status = head->status;
    while (true) {
      auto more = connection->read_body(answer.body, deadline, nullptr);
      if (!more) {
        return util::unexpected(std::move(more.error()));
      }
      if (!*more) {
        break;
      }
    }
    if (connection->reusable()) {
      keep(std::move(connection));
    }
    return answer;
  }
}

Result<std::string> HttpClient::api_path() {
  {
    const std::lock_guard lock(mutex_);
    if (!api_path_.empty()) {
      return api_path_;
    }
  }
  auto theirs = version();
  if (!theirs) {
    return util::unexpected(std::move(theirs.error()));
  }
  const int minor = std::max(std::min(kNewestMinor, minor_of(theirs->api_version)),
                             minor_of(theirs->min_api_version));
  const std::lock_guard lock(mutex_);
  api_path_ = "/v1." + std::to_string(minor);
  return api_path_;
}

Result<HttpClient::Answer> HttpClient::call(std::string_view method,
                                            std::string_view path,
                                            std::string_view body,
                                            std::chrono::milliseconds limit,
                                            std::vector<net::Header> headers) {
  auto prefix = api_path();
  if (!prefix) {
    return util::unexpected(std::move(prefix.error()));
  }
  HttpCall request;
  request.method = method;
  request.target = *prefix + std::string(path);
  request.headers = std::move(headers);
  request.body = body;
  return refused_is_error(exchange(request, limit));
}

Result<HttpClient::Answer> HttpClient::upload(std::string_view method,
                                              std::string_view path,
                                              std::string_view archive) {
  auto prefix = api_path();
  if (!prefix) {
    return util::unexpected(std::move(prefix.error()));
  }
  HttpCall request;
  request.method = method;
  request.target = *prefix + std::string(path);
  request.body = archive;
  request.content_type = "application/x-tar";
  return refused_is_error(exchange(request, kLong));
}

Result<Node> HttpClient::call_json(std::string_view method,
                                   std::string_view path,
                                   std::string_view body) {
  auto answer = call(method, path, body);
  if (!answer) {
    return util::unexpected(std::move(answer.error()));
  }
  auto node = doc::read_json(answer->body);
  if (!node) {
    return util::unexpected(
        Error{ErrorKind::protocol, answer->status, "ill-formed answer: " + node.error().message});
  }
  return std::move(*node);
}

Result<void> HttpClient::read_stream(const std::string& path,
                                     const Cancellation& cancel,
                                     const std::function<void()>& on_open,
                                     const OnBytes& on_bytes) {
  auto prefix = api_path();
  if (!prefix) {
    return util::unexpected(std::move(prefix.error()));
  }
  auto connection = HttpConnection::open(address_);
  if (!connection) {
    return util::unexpected(std::move(connection.error()));
  }
  HttpCall request;
  request.method = "GET";
  request.target = *prefix + path;
  auto head = (*connection)->send(request, std::nullopt, &cancel);
  if (!head) {
    return util::unexpected(std::move(head.error()));
  }
  if (head->status < 400 && on_open) {
    on_open();
  }
  std::string bytes;
  while (true) {
    auto more = (*connection)->read_body(bytes, std::nullopt, &cancel);
    if (!more) {
      return util::unexpected(std::move(more.error()));
    }
    if (!*more) {
      break;
    }
    if (head->status < 400) {
      on_bytes(bytes);
    }
  }
  if (head->status >= 400) {
    return util::unexpected(answer_error(head->status, bytes));
  }
  return {};
}

Result<Version> HttpClient::version() {
  HttpCall request;
  request.method = "GET";
  request.target = "/version";
  auto answer = exchange(request, kShort);
  if (!answer) {
    return util::unexpected(std::move(answer.error()));
  }
  const auto node = doc::read_json(answer->body);
  if (answer->status != 200 || !node) {
    return util::unexpected(answer_error(answer->status, answer->body));
  }
  return Version{text_member(*node, "Version"),
                 text_member(*node, "ApiVersion"),
                 text_member(*node, "MinAPIVersion"),
                 text_member(*node, "Os"),
                 text_member(*node, "Arch")};
}

}  // namespace docker
